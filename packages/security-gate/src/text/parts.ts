/** Pieces that were decoded out of a text, as one text in lines, with the way back from it. */

/** A decoded piece and where its code starts. */
export interface Part {
  readonly start: number;
  readonly text: string;
}

/** The pieces, one a line or more; `place` maps an offset in them to where the piece's code starts. Null without pieces. */
export function gather(
  parts: readonly Part[],
): { readonly text: string; readonly place: (offset: number) => number } | null {
  if (parts.length === 0) return null;
  const starts: number[] = [];
  let length = 0;
  for (const { text } of parts) {
    starts.push(length);
    length += text.length + 1;
  }
  return {
    text: parts.map(({ text }) => text).join('\n'),
    place: (offset) => parts[lastAtOrBefore(starts, offset)]?.start ?? 0,
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
