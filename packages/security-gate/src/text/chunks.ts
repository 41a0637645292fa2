/**
 * Long texts in pieces, so that no rule ever sees more than 76 Ki characters (a quadratic rule stays cheap). Each piece
 * reads a little back and 12 Ki ahead; a match belongs to the one piece in whose own part it starts, so a secret on a
 * border is found whole and once.
 */
const STEP = 65_536;
const AHEAD = 12_288;
const BACK = 1_024;

export interface Chunk {
  readonly text: string;
  /** Offset of `text` in the whole. */
  readonly start: number;
  /** Matches that start in [from, to) of the whole belong to this chunk. */
  readonly from: number;
  readonly to: number;
}

/** Pieces in order. A piece without eight visible characters in a row cannot hold a secret and is left out. */
export function* chunks(text: string): Generator<Chunk> {
  for (let from = 0; from < text.length; from += STEP) {
    const start = Math.max(0, from - BACK);
    const piece = text.slice(start, from + STEP + AHEAD);
    if (/\S{8}/.test(piece)) yield { text: piece, start, from, to: from + STEP };
  }
}
