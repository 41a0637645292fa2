import { type Counts, numbersBeforeWords, type OutputParser, type Runner, Tally } from './counts.ts';

const FAILING = /^ ?FAIL {2}(.+)$/;
const FILES = /^ +Test Files {2}(.*)\(\d{1,9}\)$/;
const TESTS = /^ +Tests {2}(?:(.*)\((\d{1,9})\)|no tests)$/;
const ERRORS = /^ +Errors {2}(\d{1,9}) errors?$/;

/** Vitest's default reporter. A file that cannot be loaded and an error outside of any test fail without a failing test. */
export const vitest: Runner = { starts: 'FTEN', open: () => new VitestParser() };

class VitestParser implements OutputParser {
  readonly #tally = new Tally();
  #failingFiles = 0;

  line(line: string): void {
    const failing = FAILING.exec(line)?.[1]?.trim();
    if (failing !== undefined) this.#tally.name(failing);
    const files = FILES.exec(line)?.[1];
    if (files !== undefined) this.#failingFiles = numbersBeforeWords(files)('failed');
    const tests = TESTS.exec(line);
    if (tests !== null) this.#add(tests);
    const errors = ERRORS.exec(line)?.[1];
    if (errors !== undefined) this.#tally.add({ ran: 0, failures: Number(errors) });
    if (line.startsWith('No test files found, exiting with code')) this.#tally.add({ ran: 0, failures: 0 });
  }

  #add([, words = '', total = '0']: RegExpExecArray): void {
    const count = numbersBeforeWords(words);
    // `1 expected fail`, which is none of the passed ones.
    const idle = count('skipped', 'todo', 'expected');
    const failures = Math.max(count('failed'), this.#failingFiles);
    this.#tally.add({ ran: Math.max(0, Number(total) - idle), idle, failures });
    this.#failingFiles = 0;
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
