/** Path names are scanned like text, and a secret in one is masked wherever that path would be shown. */
import { type ScanEngine, scanBatch } from './engine.ts';
import type { FirstPlace, WalkedHistory } from './history.ts';
import type { ScanFailed } from './verdict.ts';
import type { Hit, ScanItem } from './worker/protocol.ts';

const PER_ITEM = 5_000;

/** Hits in names, and a function that masks them. */
export interface ScannedNames {
  readonly kind: 'names';
  readonly hits: readonly { readonly hit: Hit; readonly place: FirstPlace & { readonly oid: string } }[];
  readonly mask: (path: string) => string;
}

/** Scans every path of the branch; `more` are paths that will be shown without being new. */
export async function scanNames(
  history: WalkedHistory,
  more: readonly string[],
  engine: ScanEngine,
): Promise<ScannedNames | ScanFailed> {
  const paths = [...new Set([...history.names.keys(), ...more])];
  const lines = paths.map((path) => path.replace(/[\r\n]/g, ' '));
  const items: ScanItem[] = [];
  for (let at = 0; at < lines.length; at += PER_ITEM)
    items.push({ id: `names-${at}`, bytes: Buffer.from(lines.slice(at, at + PER_ITEM).join('\n')) });
  const answer = await scanBatch(engine, items);
  if (answer.kind === 'tool-failed') return answer;
  const secrets = new Set<string>();
  const hits: { hit: Hit; place: FirstPlace & { readonly oid: string } }[] = [];
  for (const hit of answer.hits) {
    const path = paths[Number(hit.id.slice('names-'.length)) + hit.line - 1] ?? '';
    // An encoded secret has no exact range in its path, so the whole path is hidden.
    secrets.add(hit.encoding === 'text' ? path.slice(hit.column - 1, hit.column - 1 + hit.length) : path);
    const place = history.names.get(path);
    if (place !== undefined) hits.push({ hit, place });
  }
  secrets.delete('');
  const mask = (path: string): string =>
    [...secrets].reduce((text, secret) => text.replaceAll(secret, '*'.repeat(secret.length)), path);
  return { kind: 'names', hits, mask };
}
