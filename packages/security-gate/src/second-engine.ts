/** The embedded engine with another one beside it: the union of what both find, each secret once, by the name the embedded one gave it. */
import { type GitRepo, readBlob } from '@gatehouse/git';
import type { ScanEngine } from './engine.ts';
import type { SecretEngine } from './secret-engine.ts';
import type { ScanFailed } from './verdict.ts';

/** Where the other engine is configured. */
export interface SecondPlace {
  readonly git: GitRepo;
  /** Full object name: what head says of the engine is not asked. */
  readonly base: string;
  readonly signal: AbortSignal;
}

const CONFIG_BYTES = 1024 * 1024;

/** The engine that asks both, or why it cannot. */
export async function withSecond(
  first: ScanEngine,
  second: SecretEngine,
  { git, base, signal }: SecondPlace,
): Promise<{ readonly kind: 'both'; readonly engine: ScanEngine } | ScanFailed> {
  const path = second.configFile;
  const found = await readBlob({ repo: git, commit: base, path, maxBytes: CONFIG_BYTES, signal });
  if (found.kind !== 'found' && found.kind !== 'absent')
    return { kind: 'tool-failed', reason: `${path} of base cannot be read: ${found.kind}` };
  const config = found.kind === 'found' ? found.bytes : null;
  return { kind: 'both', engine: { ...first, names: [...first.names, second.name], ask: both } };

  async function both(order: Parameters<ScanEngine['ask']>[0]): ReturnType<ScanEngine['ask']> {
    if (order.kind !== 'scan') return first.ask(order);
    const files = order.items.map(({ bytes }) => bytes);
    const [reply, report] = await Promise.all([first.ask(order), second.scan({ files, config, signal })]);
    if (reply.kind !== 'scanned') return reply;
    if (report.kind === 'engine-failed') return report;
    const ids = order.items.map(({ id }) => id);
    const adopted = await first.ask({ kind: 'adopt', format: second.format, ids, report: report.bytes });
    if (adopted.kind !== 'adopted') return adopted;
    return { ...reply, hits: [...reply.hits, ...adopted.hits] };
  }
}
