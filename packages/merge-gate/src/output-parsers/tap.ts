import type { Counts, OutputParser, Runner } from './counts.ts';
import { NestedFailures } from './nested-failures.ts';

const RESULT = /^( *)(not ok|ok)\b(?: +\d+)?(?: +-)?(?: +(.*))?$/;
const DIRECTIVE = /(?:^| )# *(SKIP|TODO)\b/i;
const PLAN = /^1\.\.(\d{1,9})(?:\s|$)/;
const SUMMARY = /^# (tests|skipped|skip|todo|cancelled) +(\d{1,9})$/;
const BAIL_OUT = /^Bail out!/;

/**
 * The Test Anything Protocol, versions 12 to 14 and as node:test, tape, bats and prove print it.
 * A `# tests` summary is preferred to the top-level plan because it counts subtests.
 */
export const tap: Runner = { starts: 'on1#B', open: () => new TapParser() };

class TapParser implements OutputParser {
  readonly #failures = new NestedFailures();
  readonly #sums = new Map<string, number>();
  #planned: number | null = null;
  #results = 0;
  #topLevelSkipped = 0;

  line(line: string): void {
    const result = RESULT.exec(line);
    if (result !== null) this.#result(result);
    const plan = PLAN.exec(line);
    if (plan !== null) this.#planned = (this.#planned ?? 0) + Number(plan[1]);
    const summary = SUMMARY.exec(line);
    if (summary !== null)
      this.#sums.set(summary[1] ?? '', (this.#sums.get(summary[1] ?? '') ?? 0) + Number(summary[2]));
    if (BAIL_OUT.test(line)) this.#failures.add({ depth: 0, name: line, failed: true });
  }

  #result([, indent = '', mark, title = '']: RegExpExecArray): void {
    const excused = DIRECTIVE.test(title);
    this.#results += 1;
    if (excused && indent === '') this.#topLevelSkipped += 1;
    const name = title.trim() || '(unnamed)';
    this.#failures.add({ depth: indent.length, name, failed: mark === 'not ok' && !excused });
  }

  end(): Counts | null {
    const sums = this.#sums;
    const total = sums.get('tests') ?? this.#planned;
    const failures = this.#failures.count;
    if (total === null || (this.#results === 0 && failures === 0 && total > 0)) return null;
    const idle = sums.has('tests')
      ? (sums.get('skipped') ?? 0) + (sums.get('skip') ?? 0) + (sums.get('todo') ?? 0)
      : this.#topLevelSkipped;
    return { counted: { total, ran: Math.max(0, total - idle) }, failed: this.#failures.names(), failures };
  }
}
