import { type Counts, numbersBeforeWords, type OutputParser, type Runner, Tally, withBuilds } from './counts.ts';

const SUMMARY = /^test result: (?:ok|FAILED)\. (.*)$/;
const FAILING = /^test (.+) \.\.\. FAILED$/;
const UNCOMPILED = /^error: could not compile `([^`]+)`/;

/** `cargo test`: one summary per test binary. Ignored tests did not run; a crate that does not compile is a failing name. */
export const cargo: Runner = { starts: 'te', open: () => new CargoParser() };

class CargoParser implements OutputParser {
  readonly #tally = new Tally();
  readonly #uncompiled = new Set<string>();

  line(line: string): void {
    const failing = FAILING.exec(line)?.[1];
    if (failing !== undefined) this.#tally.name(failing);
    const uncompiled = UNCOMPILED.exec(line)?.[1];
    if (uncompiled !== undefined && this.#uncompiled.size < 50) this.#uncompiled.add(`${uncompiled} (build)`);
    const summary = SUMMARY.exec(line)?.[1];
    if (summary === undefined) return;
    const count = numbersBeforeWords(summary);
    this.#tally.add({ ran: count('passed', 'failed'), idle: count('ignored'), failures: count('failed') });
  }

  end(): Counts | null {
    return withBuilds(this.#tally.counts(), [...this.#uncompiled]);
  }
}
