import { type Counts, DIGITS, numbersBeforeWords, type OutputParser, type Runner, Tally } from './counts.ts';

const SUMMARY =
  /^(?:=+ )?((?:\d{1,9} (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|subtests? (?:passed|failed|skipped))(?:, )?)+|no tests (?:ran|collected)[^=]*) in [\d.:]+m?s\b/;
const FAILING = /^(?:FAILED|ERROR|SUBFAILED?(?:\([^)]*\)|\[[^\]]*\])*) (\S+?\.py(?:::.*?)?)(?: - .*)?$/;
const COLLECTING = /^_+ ERROR collecting (\S+) _+$/;
const SUBTESTS = /(\d{1,9}) subtests? failed/;

/** pytest's terminal summary, plain or `-q`, also below tox and nox. Deselected tests did not run. */
export const pytest: Runner = { starts: `=FES_n${DIGITS}`, open: () => new PytestParser() };

class PytestParser implements OutputParser {
  readonly #tally = new Tally();

  line(line: string): void {
    const failing = FAILING.exec(line)?.[1] ?? COLLECTING.exec(line)?.[1];
    if (failing !== undefined) this.#tally.name(failing);
    const summary = SUMMARY.exec(line)?.[1];
    if (summary === undefined) return;
    const count = numbersBeforeWords(summary);
    const failures = count('failed', 'error', 'errors') + Number(SUBTESTS.exec(summary)?.[1] ?? 0);
    const ran = count('passed', 'failed', 'xfailed', 'xpassed');
    this.#tally.add({ ran, idle: count('skipped'), failures });
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
