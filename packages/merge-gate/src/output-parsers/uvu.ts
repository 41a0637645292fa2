import { type Counts, type OutputParser, type Runner, Tally } from './counts.ts';

const FAILING = /^ +FAIL +(?:(\S.*?) +)?"(.+)"$/;
const SUMMARY = /^ {2}(Total|Passed|Skipped): +(\d{1,9})$/;

/** uvu's command. Its total leaves skipped tests out. */
export const uvu: Runner = { starts: 'FTPS', open: () => new UvuParser() };

class UvuParser implements OutputParser {
  readonly #tally = new Tally();
  #total: number | null = null;
  #passed: number | null = null;

  line(line: string): void {
    const failing = FAILING.exec(line);
    if (failing !== null) this.#tally.name([failing[1] ?? '', failing[2] ?? ''].filter(Boolean).join(' > '));
    const [, word, number] = SUMMARY.exec(line) ?? [];
    if (word === 'Total') this.#total = Number(number);
    if (word === 'Passed') this.#passed = Number(number);
    if (word !== 'Skipped' || this.#total === null || this.#passed === null) return;
    const failures = Math.max(0, this.#total - this.#passed);
    this.#tally.add({ ran: this.#total, idle: Number(number), failures });
    this.#total = null;
    this.#passed = null;
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
