/**
 * Reads a patch without context as it streams by and keeps only the added ranges, one list per `diff --git` section.
 * The text of a line is never kept, and never mistaken for a header: each hunk says how many lines it has.
 */
import { invariant } from '@gatehouse/verdict';
import type { LineRange } from './diff-lines.ts';

const HUNK = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
/** Longer than any header we read; the rest of a line is passed over. */
const LINE_KEPT = 120;

/** Push pieces, then call `end`. */
export class PatchStream {
  readonly #sections: LineRange[][] = [];
  #line = '';
  /** Lines of the current hunk that are still to come. */
  #left = 0;

  push(piece: Uint8Array): void {
    let from = 0;
    while (from < piece.length) {
      const end = piece.indexOf(0x0a, from);
      const until = end === -1 ? piece.length : end;
      const capacity = LINE_KEPT - this.#line.length;
      if (capacity > 0)
        this.#line += Buffer.from(piece.subarray(from, Math.min(until, from + capacity))).toString('latin1');
      if (end === -1) return;
      this.#take(this.#line);
      this.#line = '';
      from = end + 1;
    }
  }

  /** The added ranges of each section, in order. */
  end(): readonly (readonly LineRange[])[] {
    invariant(this.#left === 0, 'a patch ends after its last hunk');
    return this.#sections;
  }

  #take(line: string): void {
    if (this.#left > 0) {
      if (!line.startsWith('\\')) this.#left -= 1;
      return;
    }
    if (line.startsWith('diff --git ')) this.#sections.push([]);
    const hunk = HUNK.exec(line);
    if (hunk === null) return;
    const removed = Number(hunk[1] ?? 1);
    const start = Number(hunk[2]);
    const count = Number(hunk[3] ?? 1);
    this.#left = removed + count;
    if (count > 0) this.#sections.at(-1)?.push({ start, end: start + count - 1 });
  }
}
