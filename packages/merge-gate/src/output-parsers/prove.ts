import { type Counts, type OutputParser, type Runner, Tally } from './counts.ts';

const NAMED = /^# {3}Failed test '(.+)'$/;
const FILE = /^(\S+) \(Wstat: .*Tests: \d{1,9} Failed: (\d{1,9})\)$/;
const FILES = /^Files=\d{1,9}, Tests=(\d{1,9}), /;
const RESULT = /^Result: (PASS|FAIL|NOTESTS)$/;

/** Perl's prove, which reads TAP itself: a file that dies fails, whatever its tests say. Skipped tests are not told apart. */
export const prove: Runner = { starts: '#FRabcdefghijklmnopqrstuvwxyz', open: () => new ProveParser() };

class ProveParser implements OutputParser {
  readonly #tally = new Tally();
  #failures = 0;
  #tests: number | null = null;

  line(line: string): void {
    const name = NAMED.exec(line)?.[1];
    if (name !== undefined) this.#tally.name(name);
    const [, file, failed] = line.endsWith(')') ? (FILE.exec(line) ?? []) : [];
    if (file !== undefined) {
      this.#failures += Number(failed) || 1;
      if (failed === '0') this.#tally.name(file);
    }
    const tests = FILES.exec(line)?.[1];
    if (tests !== undefined) this.#tests = Number(tests);
    const result = this.#tests === null ? undefined : RESULT.exec(line)?.[1];
    if (result !== undefined) this.#end(result === 'FAIL');
  }

  #end(isFailing: boolean): void {
    this.#tally.add({ ran: this.#tests ?? 0, failures: isFailing ? Math.max(1, this.#failures) : 0 });
    this.#failures = 0;
    this.#tests = null;
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
