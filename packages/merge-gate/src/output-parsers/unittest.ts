import { type Counts, type OutputParser, type Runner, Tally } from './counts.ts';

const RAN = /^Ran (\d{1,9}) tests? in [\d.]+s$/;
const ENDED = /^(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$/;
const FAILING = /^(?:FAIL|ERROR|UNEXPECTED SUCCESS): (\S+ \(\S+\)(?: .*)?)/;
const NUMBER = /(?:^|, )(failures|errors|unexpected successes|expected failures|skipped)=(\d{1,9})/g;

/** Python's unittest text runner, which nose2 and Django print too. */
export const unittest: Runner = { starts: 'ROFNEU', open: () => new UnittestParser() };

class UnittestParser implements OutputParser {
  readonly #tally = new Tally();
  #ran: number | null = null;

  line(line: string): void {
    const failing = FAILING.exec(line)?.[1];
    if (failing !== undefined) this.#tally.name(failing);
    const ran = RAN.exec(line)?.[1];
    if (ran !== undefined) this.#ran = Number(ran);
    const ended = this.#ran === null ? null : ENDED.exec(line);
    if (ended !== null) this.#end(ended[1] ?? '');
  }

  #end(words: string): void {
    const numbers = new Map([...words.matchAll(NUMBER)].map(([, word, number]) => [word, Number(number)]));
    const idle = (numbers.get('skipped') ?? 0) + (numbers.get('expected failures') ?? 0);
    const failures = ['failures', 'errors', 'unexpected successes'].reduce((sum, w) => sum + (numbers.get(w) ?? 0), 0);
    this.#tally.add({ ran: Math.max(0, (this.#ran ?? 0) - idle), idle, failures });
    this.#ran = null;
  }

  end(): Counts | null {
    if (this.#ran !== null) this.#end('');
    return this.#tally.counts();
  }
}
