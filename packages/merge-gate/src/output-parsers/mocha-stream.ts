import { parseJson } from '../adapters/json-text.ts';
import { type Counts, type OutputParser, type Runner, Tally } from './counts.ts';

const FAILING = /^\["fail",\{.*?"fullTitle":("(?:[^"\\]|\\.)*")/;
const ENDED = /^\["end",\{.*"tests":(\d{1,9}),"passes":(\d{1,9}),"pending":(\d{1,9}),"failures":(\d{1,9}),/;

/** Mocha's `json-stream` reporter: a line for each test that passed or failed, and one with all counts. A stream without its end is no count. */
export const mochaStream: Runner = { starts: '[', open: () => new MochaStreamParser() };

class MochaStreamParser implements OutputParser {
  readonly #tally = new Tally();

  line(line: string): void {
    const title = parseJson(FAILING.exec(line)?.[1] ?? '');
    if (typeof title === 'string') this.#tally.name(title);
    const ended = ENDED.exec(line)?.slice(1).map(Number);
    if (ended === undefined) return;
    const [, passes = 0, idle = 0, failures = 0] = ended;
    this.#tally.add({ ran: passes + failures, idle, failures });
  }

  end(): Counts | null {
    return this.#tally.counts() ?? this.#tally.named();
  }
}
