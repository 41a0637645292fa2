/**
 * The commits of one virtual repository. What a commit would do to a test run is a property of the changes in it, so
 * every gate's answer can be held against what is true.
 */

/** What one branch does to the code base. */
export interface Change {
  readonly id: number;
  /** Red wherever it is. */
  readonly red: boolean;
  /** Green alone, red together with the other change of the same clash. 0: none. */
  readonly clash: number;
  /** Two changes of the same file that do not contain each other conflict. 0: touches no file of another change. */
  readonly file: number;
  readonly secret: boolean;
  /** Lines it adds, and how many of them are covered. */
  readonly lines: readonly [covered: number, total: number];
  /** It was pushed past every gate, and main is red until a later change mends it. */
  readonly breaks: boolean;
  readonly mends: boolean;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly changes: ReadonlyMap<number, Change>;
  /** Itself and everything behind it. */
  readonly ancestors: ReadonlySet<string>;
}

export interface CommitHistory {
  readonly root: Commit;
  readonly at: (sha: string) => Commit | undefined;
  readonly contains: (head: string, commit: string) => boolean;
  readonly grow: (parents: readonly string[], changes: readonly Change[]) => Commit;
  /** `base` with the changes of `head` on top; the same two commits always make the same one. */
  readonly combine: (base: string, head: string) => Commit;
}

export function newHistory(): CommitHistory {
  const commits = new Map<string, Commit>();
  const combined = new Map<string, Commit>();
  let count = 0;
  const make = (parents: readonly Commit[], changes: Iterable<Change>): Commit => {
    count += 1;
    const sha = count.toString(16).padStart(40, 'c');
    const ancestors = new Set(parents.flatMap((parent) => [...parent.ancestors]));
    ancestors.add(sha);
    const all = new Map(parents.flatMap((parent) => [...parent.changes]));
    for (const change of changes) all.set(change.id, change);
    const tree = count.toString(16).padStart(40, 'e');
    const commit = { sha, tree, parents: parents.map((parent) => parent.sha), changes: all, ancestors };
    commits.set(sha, commit);
    return commit;
  };
  const must = (sha: string): Commit => {
    const commit = commits.get(sha);
    if (commit === undefined) throw new Error(`no commit is called ${sha}`);
    return commit;
  };
  const contains = (head: string, commit: string): boolean => must(head).ancestors.has(commit);
  return {
    root: make([], []),
    at: (sha) => commits.get(sha),
    contains,
    grow: (parents, changes) => make(parents.map(must), changes),
    combine: (base, head) => {
      if (contains(head, base)) return must(head);
      if (contains(base, head)) return must(base);
      const key = `${base} ${head}`;
      const known = combined.get(key) ?? make([must(base)], must(head).changes.values());
      combined.set(key, known);
      return known;
    },
  };
}

/** Whether the tests of this commit pass: what is true, whatever any run said. */
export function isGreen({ changes }: Commit): boolean {
  const clashes = new Set<number>();
  let broken = 0;
  let mended = 0;
  for (const { id, red, clash, breaks, mends } of changes.values()) {
    if (red || (clash !== 0 && clashes.has(clash))) return false;
    if (clash !== 0) clashes.add(clash);
    if (breaks) broken = Math.max(broken, id);
    if (mends) mended = Math.max(mended, id);
  }
  return broken <= mended;
}

/** Whether git would stop at a conflict when `head` is caught up with `base`. */
export function conflicts(base: Commit, head: Commit): boolean {
  const files = new Set([...base.changes.values()].filter(({ id }) => !head.changes.has(id)).map(({ file }) => file));
  return [...head.changes.values()].some(({ id, file }) => file !== 0 && !base.changes.has(id) && files.has(file));
}

export function coverageOf({ changes }: Commit): { readonly covered: number; readonly total: number } {
  let covered = 9_000;
  let total = 10_000;
  for (const { lines } of changes.values()) {
    covered += lines[0];
    total += lines[1];
  }
  return { covered, total };
}
