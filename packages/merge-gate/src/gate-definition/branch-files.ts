/** What is known of a branch while its gate definition is judged: the paths it touches, and both sides of a file. */

/** One side of a file. `opaque`: something is there that is not read as text, so that it cannot be said to be harmless. */
export type FileSide =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'opaque'; readonly why: string };

/** A file at base and at the tested commit. */
export interface FilePair {
  readonly before: FileSide;
  readonly after: FileSide;
}

export interface BranchFiles {
  /** Paths that differ between base and the tested commit, with those behind a link in a listed directory of base. */
  readonly changed: ReadonlySet<string>;
  /** Of those behind a link: the path at the link, to the path that differs. Grows with `list`. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Names in one directory of base, with their modes. The root is `''`. */
  list(dir: string): Promise<ReadonlyMap<string, string>>;
  /** Reads many changed files at once, so that `read` has them. Larger ones than `maxBytes` (default 1 MiB) stay opaque. */
  prefetch(paths: readonly string[], maxBytes?: number): Promise<void>;
  read(path: string): Promise<FilePair>;
}

export const ABSENT: FileSide = { kind: 'absent' };

/** The text of a side; null where there is none to read. */
export const textOf = (side: FileSide): string | null => (side.kind === 'text' ? side.text : null);

/** What a person is told of a side. */
export const shown = (side: FileSide): string =>
  side.kind === 'text' ? side.text : side.kind === 'absent' ? '' : `(${side.why})`;
