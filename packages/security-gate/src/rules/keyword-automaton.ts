/**
 * Which of many keywords stand in some bytes, all in one pass: the automaton of A. V. Aho and M. J. Corasick, "Efficient
 * string matching", 1975, as one table. Letters match in either case; the time is linear whatever the bytes are.
 */
export class KeywordAutomaton {
  /** Column of each byte: bytes that stand in no keyword share one. */
  readonly #column = new Uint8Array(256);
  /** The next state's row by row and column; a row at which keywords end is stored as its complement, below zero. */
  readonly #next: Int32Array;
  readonly #ends = new Map<number, readonly number[]>();

  /** Keywords are ASCII and not empty; they are told by their place in the list. */
  constructor(keywords: readonly string[]) {
    const codes = keywords.map((keyword) => [...Buffer.from(keyword.toLowerCase(), 'latin1')]);
    const width = this.#assignColumns(codes) + 1;
    const states = new Trie(codes).link();
    this.#next = new Int32Array(states.length * width);
    for (const [number, { ends }] of states.entries()) if (ends.length > 0) this.#ends.set(number * width, ends);
    for (const [number, { children, fallback }] of states.entries()) {
      const row = number * width;
      if (number > 0) this.#next.copyWithin(row, fallback * width, (fallback + 1) * width);
      for (const [code, child] of children) {
        const target = child * width;
        this.#next[row + (this.#column[code] ?? 0)] = this.#ends.has(target) ? ~target : target;
      }
    }
  }

  /** Calls `found` with the keyword's number and the offset behind it, for every place where one ends. */
  scan(bytes: Uint8Array, found: (keyword: number, end: number) => void): void {
    const next = this.#next;
    const column = this.#column;
    let row = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      row = next[row + (column[bytes[at] as number] as number)] as number;
      if (row >= 0) continue;
      row = ~row;
      for (const keyword of this.#ends.get(row) ?? []) found(keyword, at + 1);
    }
  }

  #assignColumns(codes: readonly (readonly number[])[]): number {
    const used = [...new Set(codes.flat())];
    for (const [index, code] of used.entries()) {
      this.#column[code] = index + 1;
      const upper = code >= 97 && code <= 122 ? code - 32 : code;
      this.#column[upper] = index + 1;
    }
    return used.length;
  }
}

interface State {
  readonly children: Map<number, number>;
  fallback: number;
  ends: number[];
}

class Trie {
  readonly #states: State[] = [{ children: new Map(), fallback: 0, ends: [] }];

  constructor(codes: readonly (readonly number[])[]) {
    for (const [keyword, word] of codes.entries()) {
      let state = 0;
      for (const code of word) state = this.#child(state, code);
      this.#states[state]?.ends.push(keyword);
    }
  }

  /** States so ordered that each one's fallback stands before it. */
  link(): readonly State[] {
    const order = [0];
    for (const number of order) {
      const { children, fallback } = this.#at(number);
      for (const [code, child] of children) {
        const target = this.#at(child);
        target.fallback = number === 0 ? 0 : this.#follow(fallback, code);
        target.ends = [...target.ends, ...this.#at(target.fallback).ends];
        order.push(child);
      }
    }
    const place = new Map(order.map((number, index) => [number, index]));
    return order.map((number) => {
      const { children, fallback, ends } = this.#at(number);
      const moved = new Map([...children].map(([code, child]) => [code, place.get(child) ?? 0]));
      return { children: moved, fallback: place.get(fallback) ?? 0, ends };
    });
  }

  #follow(state: number, code: number): number {
    let at = state;
    while (at !== 0 && !this.#at(at).children.has(code)) at = this.#at(at).fallback;
    return this.#at(at).children.get(code) ?? 0;
  }

  #child(state: number, code: number): number {
    const known = this.#at(state).children.get(code);
    if (known !== undefined) return known;
    this.#states.push({ children: new Map(), fallback: 0, ends: [] });
    this.#at(state).children.set(code, this.#states.length - 1);
    return this.#states.length - 1;
  }

  #at(number: number): State {
    return this.#states[number] as State;
  }
}
