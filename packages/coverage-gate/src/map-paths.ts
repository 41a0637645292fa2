/**
 * Names in a report → files of the commit. Reports name files absolutely, as seen inside a container, or relative to a
 * source root; only files of the commit count, and a name that fits two files counts for neither.
 */
import { type LineSet, uniteLines } from './readers/report-lines.ts';

export interface MappedReport {
  readonly lines: ReadonlyMap<string, LineSet>;
  /** Names that fit no file of the commit, or several. */
  readonly dropped: readonly string[];
}

/** `root` is the absolute folder the report was made in. */
export function mapPaths(
  files: ReadonlyMap<string, LineSet>,
  tracked: ReadonlySet<string>,
  root: string,
): MappedReport {
  const lines = new Map<string, LineSet>();
  const dropped: string[] = [];
  const names = [...files.keys()];
  const resolve = resolver(names, tracked, root);
  for (const [name, set] of files) {
    const path = resolve(name);
    const known = path === null ? undefined : lines.get(path);
    if (path === null) dropped.push(name);
    else lines.set(path, known === undefined ? set : uniteLines(known, set));
  }
  return { lines, dropped };
}

type Resolve = (name: string) => string | null;

function resolver(names: readonly string[], tracked: ReadonlySet<string>, root: string): Resolve {
  const plain = new Map(names.map((name) => [name, plainPath(name, root)]));
  const foreignRoot = mostCommonRoot([...plain.values()], tracked);
  const byName = filesByName(tracked);
  return (name) => {
    const path = plain.get(name) ?? null;
    if (path === null) return null;
    if (tracked.has(path)) return path;
    if (isAbsolute(path)) {
      const rest = foreignRoot !== null && path.startsWith(foreignRoot) ? path.slice(foreignRoot.length) : null;
      return rest !== null && tracked.has(rest) ? rest : null;
    }
    const candidates = (byName.get(baseName(path)) ?? []).filter((file) => file.endsWith(`/${path}`));
    return candidates.length === 1 ? (candidates[0] ?? null) : null;
  };
}

/** Forward slashes, no leading `./`, relative when inside `root`; null for a name that climbs. */
function plainPath(name: string, root: string): string | null {
  const slashed = name.replaceAll('\\', '/').replace(/^(?:\.\/+)+/, '');
  const path = slashed.startsWith(`${root}/`) ? slashed.slice(root.length + 1) : slashed;
  return path.split('/').includes('..') ? null : path;
}

const isAbsolute = (path: string): boolean => path.startsWith('/') || /^[A-Za-z]:\//.test(path);
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/**
 * A container has one root. Every absolute name proposes those prefixes whose rest is a file of the commit; the prefix
 * with the most votes is the root, so a single file of the tool itself cannot pass for one of the commit.
 */
function mostCommonRoot(paths: readonly (string | null)[], tracked: ReadonlySet<string>): string | null {
  const votes = new Map<string, number>();
  for (const path of paths) {
    if (path === null || !isAbsolute(path)) continue;
    for (let at = path.indexOf('/'); at >= 0 && at < MAX_PATH; at = path.indexOf('/', at + 1)) {
      if (!tracked.has(path.slice(at + 1))) continue;
      const prefix = path.slice(0, at + 1);
      votes.set(prefix, (votes.get(prefix) ?? 0) + 1);
    }
  }
  let best: string | null = null;
  for (const [prefix, count] of votes) {
    const leader = best === null ? 0 : (votes.get(best) ?? 0);
    if (count > leader || (count === leader && best !== null && prefix.length < best.length)) best = prefix;
  }
  return best;
}

const MAX_PATH = 1024;

function filesByName(tracked: ReadonlySet<string>): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const file of tracked) {
    const name = baseName(file);
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [file]);
    else same.push(file);
  }
  return byName;
}
