import { type Counts, type OutputParser, type Runner, Tally } from './counts.ts';
import { NestedFailures } from './nested-failures.ts';

const SUMMARY = /^ℹ (tests|fail|cancelled|skipped|todo) (\d{1,9})$/;
const RESULT = /^( *)([✔✖﹣⚠]) (.*?) \([\d.]+ms\)(?: #(.*))?$/;
const RECAP = '✖ failing tests:';
const DOT_RECAP = 'Failed tests:';
const EXCUSED = /^ ?(?:SKIP|TODO|EXPECTED FAILURE)\b/i;
const EXPECTED = /^ ?EXPECTED FAILURE\b/i;

/**
 * The human-facing reporters of node:test: `spec`, whose failures are read before the recap, where nesting is still
 * visible, and `dot`, which lists what failed and counts nothing.
 */
export const nodeSpec: Runner = { starts: 'ℹ✔✖﹣⚠F', open: () => new NodeSpecParser() };

class NodeSpecParser implements OutputParser {
  readonly #failures = new NestedFailures();
  readonly #sums = new Map<string, number>();
  readonly #dots = new Tally();
  #recap: 'none' | 'spec' | 'dot' = 'none';
  /** The summary counts them as passed. */
  #expected = 0;

  line(line: string): void {
    if (line === RECAP) this.#recap = 'spec';
    if (line === DOT_RECAP) this.#recap = 'dot';
    const summary = SUMMARY.exec(line);
    if (summary !== null) {
      this.#sums.set(summary[1] ?? '', this.#sum(summary[1] ?? '') + Number(summary[2]));
      this.#recap = 'none';
    }
    const result = this.#recap === 'spec' ? null : RESULT.exec(line);
    if (result === null) return;
    const [, indent = '', mark, name = '', directive = ''] = result;
    const failed = mark === '✖' && !EXCUSED.test(directive);
    if (this.#recap === 'none' && mark === '✔' && EXPECTED.test(directive)) this.#expected += 1;
    if (this.#recap === 'none') this.#failures.add({ depth: indent.length, name, failed });
    else if (failed) this.#dots.name(name);
  }

  #sum(word: string): number {
    return this.#sums.get(word) ?? 0;
  }

  end(): Counts | null {
    const total = this.#sums.get('tests');
    if (total === undefined) return this.#dots.named();
    const failures = this.#sum('fail') + this.#sum('cancelled');
    const failed = failures === 0 ? [] : this.#failures.names();
    const idle = this.#sum('skipped') + this.#sum('todo') + this.#expected;
    return { counted: { total, ran: Math.max(0, total - idle) }, failed, failures };
  }
}
