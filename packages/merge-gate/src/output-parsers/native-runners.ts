/** Runners of programs: CTest, Bats in its pretty form (else it prints TAP), cargo-nextest. */
import { type Counts, DIGITS, type OutputParser, type Runner, Tally } from './counts.ts';

const CTEST = /^\d{1,3}% tests passed, (\d{1,9}) tests? failed out of (\d{1,9})$/;
const CTEST_LISTED = /^\t +\d{1,9} - (.+?) \((.+?)\)/;

/** CTest. Its total leaves disabled tests out and counts skipped ones. */
export const ctest: Runner = { starts: `TN${DIGITS}`, open: () => new CtestParser() };

class CtestParser implements OutputParser {
  readonly #tally = new Tally();
  #list: 'none' | 'failed' | 'idle' = 'none';

  line(line: string): void {
    const [, failed, total] = CTEST.exec(line) ?? [];
    if (failed !== undefined) this.#tally.add({ ran: Number(total), failures: Number(failed) });
    if (line === 'No tests were found!!!') this.#tally.add({ ran: 0, failures: 0 });
    if (line.startsWith('The following tests')) this.#list = line.includes('FAILED') ? 'failed' : 'idle';
    const [, name, how] = this.#list === 'none' ? [] : (CTEST_LISTED.exec(line) ?? []);
    if (name === undefined) return;
    if (this.#list === 'failed') this.#tally.name(name);
    else if (how === 'Skipped') this.#tally.add({ ran: -1, idle: 1, failures: 0 });
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}

const BATS = /^(\d{1,9}) tests?, (\d{1,9}) failures?(?:, (\d{1,9}) skipped)?(?: in \d+ seconds)?$/;
const BATS_NAME = /^ ✗ (.+)$/;

/** Bats with `--pretty`. */
export const bats: Runner = { open: () => new BatsParser() };

class BatsParser implements OutputParser {
  readonly #tally = new Tally();

  line(line: string): void {
    const mark = line.indexOf(' ✗ ');
    const name = mark === -1 ? undefined : BATS_NAME.exec(line.slice(mark))?.[1];
    if (name !== undefined) this.#tally.name(name);
    const [, tests, failures, skipped] = BATS.exec(line) ?? [];
    if (tests === undefined) return;
    const idle = Number(skipped ?? 0);
    this.#tally.add({ ran: Math.max(0, Number(tests) - idle), idle, failures: Number(failures) });
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}

const NEXTEST = /^ *Summary \[ *[\d.]+s\] (?:\d{1,9}\/)?\d{1,9} tests? run: (.*)$/;
const NEXTEST_PART = /(\d{1,9}) (passed|failed|exec failed|timed out|skipped)\b/g;
const NEXTEST_NAME =
  /^ *(?:FAIL|TIMEOUT|SIG[A-Z]+|ABORT|LEAK-FAIL|TRY \d+ FAIL) \[ *[\d.]+s\] (?:\( *\d+\/\d+\) )?(\S.*)$/;

/** cargo-nextest. A test that passed when tried again is counted as passed. */
export const nextest: Runner = { starts: 'SFTAL', open: () => new NextestParser() };

class NextestParser implements OutputParser {
  readonly #tally = new Tally();
  /** What failed is listed again behind the summary, without the tries that were made good. */
  #inRecap = false;

  line(line: string): void {
    const name = this.#inRecap ? NEXTEST_NAME.exec(line)?.[1] : undefined;
    if (name !== undefined) this.#tally.name(name);
    const summary = NEXTEST.exec(line)?.[1];
    if (summary === undefined) return;
    this.#inRecap = true;
    const sums = new Map<string, number>();
    for (const [, number, word = ''] of summary.matchAll(NEXTEST_PART))
      sums.set(word, (sums.get(word) ?? 0) + Number(number));
    const of = (word: string): number => sums.get(word) ?? 0;
    const failures = of('failed') + of('exec failed') + of('timed out');
    this.#tally.add({ ran: of('passed') + failures, idle: of('skipped'), failures });
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
