/**
 * The scanner as a port, and the control that proves it awake: every batch carries a fresh canary that every engine
 * must find, and every item must come back by name. Silence is a broken scanner, never a clean branch.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { type EngineFailed, startWorker } from './adapters/worker-thread.ts';
import type { ScanFailed } from './verdict.ts';
import type { Hit, Opaque, Order, Reply, ScanItem, WantedSecret } from './worker/protocol.ts';

/** Carries out orders; answers each exactly once. */
export interface ScanEngine {
  readonly names: readonly string[];
  /** What is handed over is not copied, and empty afterwards. */
  ask(order: Order, handedOver?: readonly ArrayBuffer[]): Promise<Reply | EngineFailed>;
  close(): Promise<void>;
}

/** With their versions: a verdict depends on them. */
export const EMBEDDED: readonly string[] = ['secretlint 13.0.7', 'gatehouse rules 2'];

/** The embedded engine in its own thread, gone when `signal` aborts or `close` is called. */
export const startEmbedded = (signal: AbortSignal): ScanEngine => ({
  names: EMBEDDED,
  ...startWorker<Order, Reply>(signal),
});

/** Rules that must see the canary: one of each engine. */
const CANARY_RULES = ['secret/github', 'secret/plane-api-key'];

/** Text with one secret per engine, never the same twice, so that no answer can be prepared. */
export function makeCanary(): ScanItem {
  const letters = Array.from(
    { length: 36 },
    () => 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'[randomInt(55)],
  );
  const text = `a ${['gh', 'p_', ...letters].join('')}\nb ${['plane', 'api', randomBytes(16).toString('hex')].join('_')}\n`;
  return { id: `canary-${randomBytes(8).toString('hex')}`, bytes: Buffer.from(text) };
}

type BatchResult =
  | { readonly kind: 'scanned'; readonly hits: readonly Hit[]; readonly opaque: readonly Opaque[] }
  | ScanFailed;

const failed = (reason: string): ScanFailed => ({ kind: 'tool-failed', reason });

/** Scans one batch with a canary at a random place in it. */
export async function scanBatch(
  engine: ScanEngine,
  items: readonly ScanItem[],
  handedOver?: readonly ArrayBuffer[],
): Promise<BatchResult> {
  const canary = makeCanary();
  const at = randomInt(items.length + 1);
  const sent = [...items.slice(0, at), canary, ...items.slice(at)];
  const ids = sent.map(({ id }) => id);
  const reply = await engine.ask({ kind: 'scan', items: sent }, handedOver);
  if (reply.kind === 'engine-failed') return failed(reply.reason);
  if (reply.kind !== 'scanned') return failed('the scanner answered another question');
  if (reply.ids.length !== ids.length || ids.some((id, index) => reply.ids[index] !== id))
    return failed('the scanner did not account for every object');
  const seen = reply.hits.filter(({ id }) => id === canary.id).map(({ rule }) => rule);
  const blind = CANARY_RULES.find((rule) => !seen.includes(rule));
  if (blind !== undefined) return failed(`the scanner did not find the canary of ${blind}`);
  const known = new Set(ids);
  if (reply.hits.some(({ id }) => !known.has(id))) return failed('the scanner named an object it was not given');
  return { kind: 'scanned', hits: reply.hits.filter(({ id }) => id !== canary.id), opaque: reply.opaque };
}

/** Which of the secrets found so far stand in `texts`. */
export async function askKnown(
  engine: ScanEngine,
  texts: readonly Uint8Array[],
): Promise<{ readonly kind: 'known'; readonly secrets: readonly string[] } | ScanFailed> {
  const reply = await engine.ask({ kind: 'known', texts });
  if (reply.kind === 'engine-failed') return failed(reply.reason);
  return reply.kind === 'known' ? reply : failed('the scanner answered another question');
}

/** One fingerprint for each wanted, in order. */
export async function askFingerprints(
  engine: ScanEngine,
  wanted: readonly WantedSecret[],
): Promise<{ readonly kind: 'fingerprinted'; readonly fingerprints: readonly string[] } | ScanFailed> {
  const reply = await engine.ask({ kind: 'fingerprint', wanted });
  if (reply.kind === 'engine-failed') return failed(reply.reason);
  if (reply.kind !== 'fingerprinted' || reply.fingerprints.length !== wanted.length)
    return failed('the scanner answered another question');
  return reply;
}
