import { type Counts, DIGITS, numbersBeforeWords, type OutputParser, type Runner, Tally } from './counts.ts';

const SUMMARY =
  /^(?:=+ )?((?:\d{1,9} (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|subtests? (?:passed|failed|skipped))(?:, )?)+|no tests (?:ran|collected)[^=]*) in [\d.:]+m?s\b/;
const LISTED = /^(?:FAILED|ERROR|SUBFAILED?(?:\([^)]*\)|\[[^\]]*\])*) (\S+?\.py(?:::.*?)?)(?: - .*)?$/;
const COLLECTING = /^_+ ERROR collecting (\S+) _+$/;
const HEADING = /^_{3,} (?:ERROR at \w+ of )?(\S.*?) _{3,}$/;
const SECTION = /^=+ (.+?) =+$/;
const CONFTEST = /^ImportError while loading conftest '/;
const SUBTESTS = /(\d{1,9}) subtests? failed/;

/**
 * pytest's terminal output, also below tox and nox. Names stand in the short summary, or without one in the headings of
 * errors and failures; the line of counts is left out by `-qq`. Deselected tests did not run; those that may fail decide nothing.
 */
export const pytest: Runner = { starts: `=FESI_n${DIGITS}`, open: () => new PytestParser() };

class PytestParser implements OutputParser {
  readonly #listed = new Tally();
  readonly #headed = new Tally();
  #section = '';

  line(line: string): void {
    const section = SECTION.exec(line)?.[1];
    if (section !== undefined) this.#section = section;
    const listed = LISTED.exec(line)?.[1] ?? COLLECTING.exec(line)?.[1];
    if (listed !== undefined) this.#listed.name(listed);
    if (CONFTEST.test(line)) this.#listed.name('conftest.py');
    const inTraces = this.#section === 'FAILURES' || this.#section === 'ERRORS';
    const headed = inTraces ? HEADING.exec(line)?.[1] : undefined;
    if (headed !== undefined) this.#headed.name(headed);
    const summary = SUMMARY.exec(line)?.[1];
    if (summary !== undefined) this.#add(summary);
  }

  #add(summary: string): void {
    const count = numbersBeforeWords(summary);
    const failures = count('failed', 'error', 'errors') + Number(SUBTESTS.exec(summary)?.[1] ?? 0);
    const ran = count('passed', 'failed');
    const idle = count('skipped', 'xfailed', 'xpassed');
    for (const tally of [this.#listed, this.#headed]) tally.add({ ran, idle, failures });
    this.#section = '';
  }

  end(): Counts | null {
    const listed = this.#listed.counts();
    if (listed !== null) return listed.failed.length > 0 ? listed : this.#headed.counts();
    const isPytest = this.#section === 'short test summary info' || this.#listed.has('conftest.py');
    const uncounted = isPytest ? this.#listed : this.#section === '' ? null : this.#headed;
    return uncounted?.named() ?? null;
  }
}
