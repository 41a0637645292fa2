/**
 * Where the root of the commit was on the machine that a report was made on. A report knows one such root; the absolute names in
 * it tell which, as far as they agree.
 */
import { type InTurns, STEPS_A_TURN } from '../adapters/turns.ts';
import type { TreeIndex } from './tree-index.ts';

/** An absolute path of a report. */
export interface AbsolutePath {
  readonly path: string;
  readonly ignoresCase: boolean;
}

/** Folders that hold what others wrote; a checkout does not stand there. */
const DEPENDENCIES =
  /(^|\/)(node_modules|site-packages|dist-packages|\.cargo\/registry|pkg\/mod|\.m2\/repository|\.gradle|\.nuget\/packages|\.?venv)\/|^\/(usr\/(local\/)?(lib\d*|include|share)|lib\d*|rustc)\//;

/**
 * The folder with the most names that are files of the commit below it; null when two have as many. Every name proposes those
 * folders whose rest is a file of the commit.
 */
export function* containerRoot(paths: Iterable<AbsolutePath>, index: TreeIndex): InTurns<string | null> {
  const votes = new Map<string, number>();
  let steps = 0;
  for (const { path, ignoresCase } of paths) {
    if (++steps % STEPS_A_TURN === 0) yield;
    yield* index.measure();
    if (ignoresCase) yield* index.prepare({ path, ignoresCase });
    for (const [prefix] of readingsBelow({ path, ignoresCase }, index)) {
      const root = ignoresCase ? prefix.toLowerCase() : prefix;
      votes.set(root, (votes.get(root) ?? 0) + 1);
    }
  }
  let best: string | null = null;
  let most = 0;
  for (const [root, count] of votes) {
    if (count === most) best = null;
    if (count <= most) continue;
    best = root;
    most = count;
  }
  return best;
}

/** Each folder (with its slash) below which the rest of the path is a file of the commit, and that rest. */
export function readingsBelow({ path, ignoresCase }: AbsolutePath, index: TreeIndex): (readonly [string, string])[] {
  const readings: (readonly [string, string])[] = [];
  // No file of the commit is longer than the rest may be.
  const from = Math.max(0, path.length - index.longest - 1);
  for (let at = path.indexOf('/', from); at >= 0; at = path.indexOf('/', at + 1)) {
    if (!index.has(path.slice(at + 1), ignoresCase)) continue;
    const prefix = path.slice(0, at + 1);
    if (!DEPENDENCIES.test(prefix)) readings.push([prefix, path.slice(at + 1)]);
  }
  return readings;
}

/** What is left of a path below a root, or null. */
export function restBelow(root: string, { path, ignoresCase }: AbsolutePath): string | null {
  const begins = ignoresCase ? path.toLowerCase().startsWith(root.toLowerCase()) : path.startsWith(root);
  return begins ? path.slice(root.length) : null;
}
