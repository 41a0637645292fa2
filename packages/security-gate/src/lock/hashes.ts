/** Whether two lists of hashes of one package version can be of the same content. */

/** `changed`: they contradict each other. `other-files`: each is of files that the other list does not name. `weaker`: none is comparable and the new ones are of a weaker kind. */
export type HashChange = 'same' | 'changed' | 'other-files' | 'weaker' | 'stronger' | 'incomparable';

const STRENGTH: { readonly [kind: string]: number } = {
  md5: 1,
  sha1: 1,
  commit: 1,
  sha256: 2,
  h1: 2,
  blake2b: 3,
  sha384: 3,
  sha512: 3,
};

/** A hash without its value, for example `sha512`, or `FILE sha256` where a file is named. */
const kindOf = (hash: string): string => {
  const [file, sum] = hash.includes(' ') ? hash.split(' ', 2) : ['', hash];
  const kind = /^([a-z0-9]+(?:-[a-z0-9]+)?)[:-]/i.exec(sum ?? '');
  const name = /^(sha\d+|md5)-/i.exec(sum ?? '')?.[1] ?? kind?.[1] ?? '';
  return `${file} ${name.toLowerCase()}`.trim();
};

/** The strongest kind of a list; 0 where none is known. */
export const strengthOf = (hashes: readonly string[]): number =>
  hashes.reduce((most, hash) => Math.max(most, STRENGTH[kindOf(hash).split(' ').at(-1) ?? ''] ?? 0), 0);

/** A list may lose files or gain them; one that does both under a kind has swapped something. */
export function compareHashes(before: readonly string[], after: readonly string[]): HashChange {
  if (before.length === 0) return after.length === 0 ? 'same' : 'stronger';
  if (after.length === 0) return 'weaker';
  const [old, now] = [byKind(before), byKind(after)];
  const shared = [...now.keys()].filter((kind) => old.has(kind));
  for (const kind of shared) {
    const [was, is] = [old.get(kind) ?? new Set(), now.get(kind) ?? new Set()];
    const lost = [...was].some((hash) => !is.has(hash));
    const gained = [...is].some((hash) => !was.has(hash));
    if (lost && gained) return 'changed';
  }
  const [wasBest, isBest] = [strengthOf(before), strengthOf(after)];
  if (shared.length > 0) return isBest < wasBest ? 'weaker' : 'same';
  if (wasBest === 0 || isBest === 0) return 'incomparable';
  if (isBest === wasBest) return [...old.keys()].some((kind) => kind.includes(' ')) ? 'other-files' : 'incomparable';
  return isBest < wasBest ? 'weaker' : 'stronger';
}

function byKind(hashes: readonly string[]): Map<string, Set<string>> {
  const kinds = new Map<string, Set<string>>();
  for (const hash of hashes) kinds.set(kindOf(hash), (kinds.get(kindOf(hash)) ?? new Set()).add(hash));
  return kinds;
}
