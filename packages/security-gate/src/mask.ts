/** Texts that will be shown, such as the output of a failing test, with every secret in them replaced by stars. */
import { invariant } from '@gatehouse/verdict';
import { type ScanEngine, scanBatch, startEmbedded } from './engine.ts';
import type { ScanFailed } from './verdict.ts';
import type { Hit } from './worker/protocol.ts';

/** Request of `maskSecrets`. */
export interface MaskRequest {
  /** The texts that are to be shown. */
  readonly texts: readonly string[];
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

/** The texts in their order. `tool-failed` says nothing about them: show none. */
export type Masked =
  | {
      readonly kind: 'masked';
      /** The texts with each secret replaced. */
      readonly texts: readonly string[];
    }
  | ScanFailed;

/** Masks with the rules of a scan, wherever a secret came from: known in base or allowed makes no difference here. */
export async function mask({ texts, signal }: MaskRequest): Promise<Masked> {
  invariant(Array.isArray(texts) && texts.every((text) => typeof text === 'string'), 'texts are texts');
  const stop = new AbortController();
  const engine = startEmbedded(signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]));
  try {
    return await maskWith(texts, engine);
  } finally {
    await engine.close();
  }
}

async function maskWith(texts: readonly string[], engine: ScanEngine): Promise<Masked> {
  const items = texts.map((text, at) => ({ id: `text-${at}`, bytes: Buffer.from(text.toWellFormed()) }));
  const answer = await scanBatch(engine, items);
  if (answer.kind === 'tool-failed') return answer;
  const hitsOf = Map.groupBy(answer.hits, ({ id }) => id);
  return { kind: 'masked', texts: texts.map((text, at) => (hitsOf.get(`text-${at}`) ?? []).reduce(hide, text)) };
}

/**
 * Stars keep the length, so that the places of further hits stay true. One secret is hit once, however often it stands
 * there. An encoded one has no exact place: its line goes.
 */
function hide(text: string, { line, column, length, encoding }: Hit): string {
  const lines = text.split('\n');
  const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const start = encoding === 'text' ? from + column - 1 : from;
  const secret = text.slice(start, encoding === 'text' ? start + length : from + (lines[line - 1]?.length ?? 0));
  return secret === '' ? text : text.replaceAll(secret, secret.replace(/[^\n]/g, '*'));
}
