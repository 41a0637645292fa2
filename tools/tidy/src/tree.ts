/**
 * What every guard reads and answers. A guard is a pure function over a snapshot, so a planted violation is an
 * in-memory tree and the same code judges it and the checkout.
 */

/** One file of the snapshot; `text` is empty for a binary file or a symbolic link. */
export interface RepoFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface RepoTree {
  /** Absolute path of the checkout, needed only to recognise paths of this machine in its files. */
  readonly root: string;
  readonly files: ReadonlyMap<string, RepoFile>;
}

export interface Violation {
  /** One of the guard's `rules`, or `read-nothing`. */
  readonly rule: string;
  readonly path: string;
  /** 1-based; 0 when the violation is about the file as a whole. */
  readonly line: number;
  /** What is wrong and what to do about it, in one sentence. */
  readonly message: string;
}

export interface Guard {
  readonly name: string;
  /** Every rule the guard can report; each has a planted violation in test/planted. */
  readonly rules: readonly string[];
  readonly check: (tree: RepoTree) => Violation[];
}

/** A tree from plain data; what the tests plant violations in. */
export function treeOf(root: string, files: Readonly<Record<string, string>>): RepoTree {
  return { root, files: new Map(Object.entries(files).map(([path, text]) => [path, { path, text }])) };
}

/** The files whose path the pattern matches, in path order. */
export function filesMatching(tree: RepoTree, pattern: RegExp): RepoFile[] {
  return [...tree.files.values()]
    .filter((file) => pattern.test(file.path))
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** The 1-based number of the first line that contains the text; 0 when none does. */
export function lineOf(file: RepoFile, needle: string): number {
  const at = file.text.indexOf(needle);
  return at < 0 ? 0 : lineAt(file.text, at);
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** The answer of a guard that had nothing to read: blindness is a violation, never a pass. */
export function readNothing(what: string): Violation[] {
  const message = `no ${what} was read, so nothing was checked; correct the selection of the guard`;
  return [{ rule: 'read-nothing', path: '.', line: 0, message }];
}

/** `path:line rule: message`, the form an editor can jump to. */
export function tell(violation: Violation): string {
  return `${violation.path}:${violation.line} ${violation.rule}: ${violation.message}`;
}
