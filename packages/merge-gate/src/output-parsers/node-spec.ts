import type { Counts, OutputParser, Runner } from './counts.ts';
import { NestedFailures } from './nested-failures.ts';

const SUMMARY = /^ℹ (tests|fail|cancelled|skipped|todo) (\d{1,9})$/;
const RESULT = /^( *)([✔✖﹣⚠]) (.*?) \([\d.]+ms\)(?: #(.*))?$/;
const RECAP = '✖ failing tests:';
const EXCUSED = /^ ?(?:SKIP|TODO|EXPECTED FAILURE)\b/i;

/** The human-facing reporter of node:test. Failures are read before the recap, where nesting is still visible. */
export const nodeSpec: Runner = { starts: 'ℹ✔✖﹣⚠', open: () => new NodeSpecParser() };

class NodeSpecParser implements OutputParser {
  readonly #failures = new NestedFailures();
  readonly #sums = new Map<string, number>();
  #inRecap = false;

  line(line: string): void {
    if (line === RECAP) this.#inRecap = true;
    const summary = SUMMARY.exec(line);
    if (summary !== null) {
      this.#sums.set(summary[1] ?? '', this.#sum(summary[1] ?? '') + Number(summary[2]));
      this.#inRecap = false;
    }
    const result = this.#inRecap ? null : RESULT.exec(line);
    if (result === null) return;
    const [, indent = '', mark, name = '', directive = ''] = result;
    this.#failures.add({ depth: indent.length, name, failed: mark === '✖' && !EXCUSED.test(directive) });
  }

  #sum(word: string): number {
    return this.#sums.get(word) ?? 0;
  }

  end(): Counts | null {
    const total = this.#sums.get('tests');
    if (total === undefined) return null;
    const failures = this.#sum('fail') + this.#sum('cancelled');
    const failed = failures === 0 ? [] : this.#failures.names();
    return { counted: { total, ran: Math.max(0, total - this.#sum('skipped') - this.#sum('todo')) }, failed, failures };
  }
}
