/** Runners that end with one line of counts and name failures in a numbered list: Jasmine, RSpec, minitest, PHPUnit. */
import { type Counts, DIGITS, numbersBeforeWords, type OutputParser, type Runner, Tally } from './counts.ts';

const JASMINE = /^\d{1,9} specs?, \d{1,9} failures?\b/;
const JASMINE_NAME = /^\d{1,9}\) (.+)$/;
const JASMINE_OUTSIDE = /^(?:Suite error|Error during loading): ?(.*)$/;

/** Jasmine. Pending specs did not run. The numbered list of those follows that of failures. */
export const jasmine: Runner = { starts: `FPSE${DIGITS}`, open: () => new JasmineParser() };

class JasmineParser implements OutputParser {
  readonly #tally = new Tally();
  #inFailures = false;
  #outside = 0;

  line(line: string): void {
    if (line === 'Failures:') this.#inFailures = true;
    if (line === 'Pending:') this.#inFailures = false;
    const outside = JASMINE_OUTSIDE.exec(line);
    if (outside !== null) {
      this.#outside += 1;
      this.#tally.name(outside[1] || '(outside of any spec)');
    }
    const name = this.#inFailures ? JASMINE_NAME.exec(line)?.[1] : undefined;
    if (name !== undefined) this.#tally.name(name);
    if (!JASMINE.test(line)) return;
    const count = numbersBeforeWords(line);
    const [specs, failures, idle] = [count('spec', 'specs'), count('failure', 'failures'), count('pending')];
    this.#tally.add({ ran: Math.max(0, specs - idle), idle, failures: Math.max(failures, this.#outside) });
    this.#inFailures = false;
    this.#outside = 0;
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}

const RSPEC = /^\d{1,9} examples?, \d{1,9} failures?\b/;
const RSPEC_NAME = /^rspec '?(\S+?)'? # (.+)$/;
const RSPEC_OUTSIDE = /, (\d{1,9}) errors? occurred outside of examples/;

/** RSpec. A pending example that fails is expected to, and one that is not run counts as pending, too. */
export const rspec: Runner = { starts: `r${DIGITS}`, open: () => new RspecParser() };

class RspecParser implements OutputParser {
  readonly #tally = new Tally();

  line(line: string): void {
    const name = RSPEC_NAME.exec(line)?.[2];
    if (name !== undefined) this.#tally.name(name);
    if (!RSPEC.test(line)) return;
    const count = numbersBeforeWords(line);
    const idle = count('pending');
    const failures = count('failure', 'failures') + Number(RSPEC_OUTSIDE.exec(line)?.[1] ?? 0);
    this.#tally.add({ ran: Math.max(0, count('example', 'examples') - idle), idle, failures });
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}

const MINITEST =
  /^\d{1,9} (?:runs|tests), \d{1,9} assertions, \d{1,9} failures, \d{1,9} errors, \d{1,9} (?:skips|pendings)/;
const MINITEST_HEADING = /^ +\d{1,9}\) (?:Failure|Error):$/;
const MINITEST_NAME = /^(\S+?)(?: \[.*\])?:$/;

/** minitest and test-unit's closing line. The line after a heading of the list is the test. */
export const minitest: Runner = { open: () => new MinitestParser() };

class MinitestParser implements OutputParser {
  readonly #tally = new Tally();
  #afterHeading = false;

  line(line: string): void {
    const name = this.#afterHeading ? MINITEST_NAME.exec(line)?.[1] : undefined;
    if (name !== undefined) this.#tally.name(name);
    this.#afterHeading = line.startsWith('  ') && MINITEST_HEADING.test(line);
    if (!MINITEST.test(line)) return;
    const count = numbersBeforeWords(line);
    const idle = count('skips', 'pendings');
    const failures = count('failures', 'errors');
    this.#tally.add({ ran: Math.max(0, count('runs', 'tests') - idle), idle, failures });
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}

const PHPUNIT = /^(?:Tests: \d{1,9}, Assertions: \d{1,9}|OK \(\d{1,9} tests?, \d{1,9} assertions?\))/;
const PHPUNIT_HEADING = /^There (?:was|were) \d{1,9} ([a-z ]+?)s?:$/;
const PHPUNIT_NAME = /^\d{1,9}\) (\S+::.+)$/;
const PHPUNIT_NUMBER = /\b(Tests|Errors|Failures|Skipped|Incomplete): (\d{1,9})/g;

/** PHPUnit. Skipped and incomplete tests prove nothing; risky ones and warnings decide by the exit status alone. */
export const phpunit: Runner = { starts: `TO${DIGITS}`, open: () => new PhpunitParser() };

class PhpunitParser implements OutputParser {
  readonly #tally = new Tally();
  #inFailures = false;

  line(line: string): void {
    const heading = PHPUNIT_HEADING.exec(line)?.[1];
    if (heading !== undefined) this.#inFailures = heading === 'failure' || heading === 'error';
    const name = this.#inFailures ? PHPUNIT_NAME.exec(line)?.[1] : undefined;
    if (name !== undefined) this.#tally.name(name);
    if (!PHPUNIT.test(line)) return;
    this.#inFailures = false;
    const numbers = new Map([...line.matchAll(PHPUNIT_NUMBER)].map(([, word, number]) => [word, Number(number)]));
    const of = (word: string): number => numbers.get(word) ?? 0;
    const tests = line.startsWith('OK') ? numbersBeforeWords(line)('test', 'tests') : of('Tests');
    const idle = of('Skipped') + of('Incomplete');
    this.#tally.add({ ran: Math.max(0, tests - idle), idle, failures: of('Errors') + of('Failures') });
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
