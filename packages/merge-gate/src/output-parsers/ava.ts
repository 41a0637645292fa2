import { type Counts, DIGITS, type OutputParser, type Runner, Tally } from './counts.ts';

const FAILING = /^ +✘ \[fail\]: (.+)$/;
const LOST = /^ +✘ (\S+) exited with a non-zero exit code/;
const SUMMARY =
  /^ {2}(\d{1,9}) (tests? passed|known failures?|tests? failed|tests? skipped|tests? todo|uncaught exceptions?|unhandled rejections?|hooks? failed)$/;

/** AVA's default reporter. A known failure is an expected one, and decides nothing; an exception outside of any test fails the run. */
export const ava: Runner = { starts: `✘${DIGITS}`, open: () => new AvaParser() };

class AvaParser implements OutputParser {
  readonly #tally = new Tally();

  line(line: string): void {
    const failing = FAILING.exec(line)?.[1] ?? LOST.exec(line)?.[1];
    if (failing !== undefined) this.#tally.name(failing);
    const [, number, what = ''] = SUMMARY.exec(line) ?? [];
    if (number === undefined) return;
    const count = Number(number);
    if (/^tests? (?:passed|failed)/.test(what))
      this.#tally.add({ ran: count, failures: /failed$/.test(what) ? count : 0 });
    else if (/skipped$|todo$|^known/.test(what)) this.#tally.add({ ran: 0, idle: count, failures: 0 });
    else this.#tally.add({ ran: 0, failures: count });
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
