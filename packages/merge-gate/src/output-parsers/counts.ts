/** What one runner's output says. `counted` is null when it names failures but prints no total. */
export interface Counts {
  readonly counted: { readonly total: number; readonly ran: number } | null;
  readonly failed: readonly string[];
}

/** Null: this runner did not write this output. Lines carry no colour codes and are bounded. */
export type ParsedOutput = (lines: readonly string[]) => Counts | null;

/** The number in front of a word, as in `3 passed`; zero when the word is absent. */
export function numberBefore(text: string, word: string): number {
  return Number(new RegExp(`(\\d{1,9}) ${word}\\b`).exec(text)?.[1] ?? 0);
}

/** A failing line and how deep it stands; runners print children before or below their parent. */
export interface FailingLine {
  readonly depth: number;
  readonly name: string;
  readonly failed: boolean;
}

/**
 * Names the innermost failures of a post-order listing (children first, each followed by its parent), with their
 * parents in front: `suite > test`. A parent fails because a child did and is not a failure of its own.
 */
export function innermostFailures(results: readonly FailingLine[]): string[] {
  const open: { depth: number; path: string }[] = [];
  const done: string[] = [];
  for (const { depth, name, failed } of results) {
    const children = open.filter((entry) => entry.depth > depth);
    const others = open.filter((entry) => entry.depth <= depth);
    open.length = 0;
    open.push(...others);
    if (children.length > 0) open.push(...children.map(({ path }) => ({ depth, path: `${name} > ${path}` })));
    else if (failed) open.push({ depth, path: name });
    if (depth === 0) done.push(...open.splice(0).map(({ path }) => path));
  }
  return [...done, ...open.map(({ path }) => path)];
}
