import { type Counts, MAX_FAILED_NAMES, numbersBeforeWords, type OutputParser, type Runner, Tally } from './counts.ts';

const FILE = /^(?:FAIL|PASS) +(?:\S+ )??(\S+\.[cm]?[jt]sx?)\b/;
const FAILING = /^ {2}● (.+)$/;
const SUITES = /^Test Suites: {1,2}(.*\d+ total)$/;
const TESTS = /^Tests: {2,}(.*\d+ total)$/;
const UNLOADED = 'Test suite failed to run';
const NOTICES = new Set(['Console', 'Validation Warning:', 'Deprecation Warning:', 'Cannot log after tests are done.']);

/** Jest's default reporter. A suite that cannot be loaded counts as one failing name. */
export const jest: Runner = { starts: 'FPT●N', open: () => new JestParser() };

class JestParser implements OutputParser {
  readonly #tally = new Tally();
  #file = '';
  #failingSuites = 0;
  /** Suites that could not be loaded since the last summary; Jest lists them twice when there are many failures. */
  readonly #unloaded = new Set<string>();

  line(line: string): void {
    const heading = FILE.exec(line);
    if (heading !== null) this.#file = line.startsWith('FAIL') ? (heading[1] ?? '') : '';
    const failing = this.#file === '' ? undefined : FAILING.exec(line)?.[1]?.trim();
    if (failing !== undefined && !NOTICES.has(failing)) this.#tally.name(`${this.#file} > ${failing}`);
    if (failing === UNLOADED && this.#unloaded.size < MAX_FAILED_NAMES) this.#unloaded.add(this.#file);
    const suites = SUITES.exec(line)?.[1];
    if (suites !== undefined) this.#failingSuites = numbersBeforeWords(suites)('failed');
    const tests = TESTS.exec(line)?.[1];
    if (tests !== undefined) this.#add(numbersBeforeWords(tests));
    if (line.startsWith('No tests found, exiting with code')) this.#tally.add({ ran: 0, failures: 0 });
  }

  /** A suite that could not be loaded fails without a failing test. */
  #add(count: ReturnType<typeof numbersBeforeWords>): void {
    const idle = count('skipped', 'todo');
    const failures = Math.max(count('failed') + this.#unloaded.size, this.#failingSuites);
    this.#tally.add({ ran: Math.max(0, count('total') - idle), idle, failures });
    this.#failingSuites = 0;
    this.#unloaded.clear();
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
