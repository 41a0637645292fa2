/** What a reader of one runner's output is: a small state machine over lines, linear and bounded by construction. */

/** What one runner's output says. `counted` is null when it names failures but prints no total. */
export interface Counts {
  readonly counted: { readonly total: number; readonly ran: number } | null;
  /** Names of failing tests, at most {@link MAX_FAILED_NAMES}. */
  readonly failed: readonly string[];
  /** How many failed, by the runner's own summary; where it prints none, by its own list. Expected failures are none. */
  readonly failures: number;
  /** How many of them are builds: a compiler or a loader failed, and no test. Absent: none. */
  readonly unbuilt?: number;
  /** Why what it lists is not the whole; `counted` is then null. */
  readonly incomplete?: string;
}

/** Reads one output, line by line; blank lines are not shown to it. Lines carry no colour codes and are bounded. */
export interface OutputParser {
  line(text: string): void;
  /** Null: this runner did not write this output. */
  end(): Counts | null;
}

/** One runner: how its output is read, and the characters that a line of interest begins with after its indentation. */
export interface Runner {
  /** Absent: every line is shown to the parser. */
  readonly starts?: string;
  readonly open: () => OutputParser;
}

export const DIGITS = '0123456789';

/** More names than this are not kept; no reader needs them. */
export const MAX_FAILED_NAMES = 500;

const NUMBERED = /(\d{1,9}) ([a-z]+)/gi;

/** Every number with the word behind it, as in `3 passed, 1 skipped`; a word that comes twice adds up. */
export function numbersBeforeWords(text: string): (...words: readonly string[]) => number {
  const found = new Map<string, number>();
  for (const [, number, word = ''] of text.matchAll(NUMBERED)) found.set(word, (found.get(word) ?? 0) + Number(number));
  return (...words) => words.reduce((sum, word) => sum + (found.get(word) ?? 0), 0);
}

/** Adds up the summaries of one runner, and keeps the names it gives, each once. */
export class Tally {
  readonly #names = new Set<string>();
  #summaries = 0;
  #total = 0;
  #ran = 0;
  #failures = 0;

  name(name: string): void {
    if (this.#names.size < MAX_FAILED_NAMES) this.#names.add(name);
  }

  /** One summary: what ran and decides, failures included, what does not (skipped, to be done, expected to fail), and how many failed. */
  add({ ran, idle = 0, failures }: { readonly ran: number; readonly idle?: number; readonly failures: number }): void {
    this.#summaries += 1;
    this.#total += ran + idle;
    this.#ran += ran;
    this.#failures += failures;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** For output without a summary: what it names failed, if it names anything. */
  named(): Counts | null {
    return this.#names.size === 0 ? null : { counted: null, failed: [...this.#names], failures: this.#names.size };
  }

  /** Without a summary the runner is not recognised; a summary without failures makes the names somebody else's. */
  counts(): Counts | null {
    if (this.#summaries === 0) return null;
    const failed = this.#failures === 0 ? [] : [...this.#names];
    return { counted: { total: this.#total, ran: this.#ran }, failed, failures: this.#failures };
  }
}

/** What a runner counted, with builds that failed beside it. */
export function withBuilds(counts: Counts | null, builds: readonly string[]): Counts | null {
  if (builds.length === 0) return counts;
  const { counted = null, failed = [], failures = 0 } = counts ?? {};
  return {
    counted,
    failed: [...failed, ...builds].slice(0, MAX_FAILED_NAMES),
    failures: failures + builds.length,
    unbuilt: builds.length,
  };
}
