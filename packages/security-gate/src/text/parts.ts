/** Pieces that were decoded out of a text, as one text in lines, with the way back from it. */

/** A decoded piece and where its code stands. */
export interface Part {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** From an offset in `text` to one behind `start`. [no offset has a place of its own: a piece is one code] */
  readonly place?: (offset: number) => number;
}

/** Pieces as one text, and the way back from it. */
export interface Gathered {
  /** The pieces, one a line or more. */
  readonly text: string;
  /** Where what begins at an offset was coded. */
  readonly place: (offset: number) => number;
  /** Where what ends before an offset ends in the code. */
  readonly end: (offset: number) => number;
}

/** Null without pieces. */
export function gather(parts: readonly Part[]): Gathered | null {
  if (parts.length === 0) return null;
  const starts: number[] = [];
  let length = 0;
  for (const { text } of parts) {
    starts.push(length);
    length += text.length + 1;
  }
  const placed = (offset: number, whole: (part: Part) => number): number => {
    const at = lastAtOrBefore(starts, offset);
    const part = parts[at];
    if (part === undefined) return 0;
    return part.place === undefined ? whole(part) : part.start + part.place(offset - (starts[at] ?? 0));
  };
  return {
    text: parts.map(({ text }) => text).join('\n'),
    place: (offset) => placed(offset, ({ start }) => start),
    end: (offset) => placed(offset, ({ end }) => end),
  };
}

/** Index of the last element that is not greater than `value`; `sorted` ascends and starts at or below it. */
export function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
