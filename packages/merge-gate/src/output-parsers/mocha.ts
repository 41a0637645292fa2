import { type Counts, type OutputParser, type Runner, Tally } from './counts.ts';

const PASSING = /^ {2}(\d{1,9}) passing \(/;
const FAILING = /^ {2}(\d{1,9}) failing$/;
const PENDING = /^ {2}(\d{1,9}) pending$/;
const TITLE = /^ {2}\d{1,9}\) (.+)$/;
const DEEPER = /^ {5,}\S/;
const MAX_TITLE_LINES = 10;

/** Mocha's spec and dot reporters, which Cypress prints too. The recap after `N failing` names suite and test. */
export const mocha: Runner = { open: () => new MochaParser() };

class MochaParser implements OutputParser {
  readonly #tally = new Tally();
  #seen = false;
  #inRecap = false;
  /** A title of the recap: one deeper line per level, until the line that ends in a colon. */
  #title: string[] = [];

  line(line: string): void {
    if (this.#title.length > 0) this.#continueTitle(line);
    if (!line.startsWith('  ')) return;
    const passing = PASSING.exec(line)?.[1];
    if (passing !== undefined) {
      this.#seen = true;
      this.#inRecap = false;
      this.#tally.add({ ran: Number(passing), failures: 0 });
    }
    if (!this.#seen) return;
    const pending = PENDING.exec(line)?.[1];
    if (pending !== undefined) this.#tally.add({ ran: 0, idle: Number(pending), failures: 0 });
    const failing = FAILING.exec(line)?.[1];
    if (failing !== undefined) {
      this.#inRecap = true;
      this.#tally.add({ ran: Number(failing), failures: Number(failing) });
    }
    const title = this.#inRecap ? TITLE.exec(line)?.[1] : undefined;
    if (title !== undefined) this.#add(title);
  }

  #continueTitle(line: string): void {
    if (DEEPER.test(line) && this.#title.length < MAX_TITLE_LINES) this.#add(line.trim());
    else this.#title = [];
  }

  #add(part: string): void {
    this.#title.push(part);
    if (!part.endsWith(':')) return;
    this.#tally.name(this.#title.join(' > ').slice(0, -1));
    this.#title = [];
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
