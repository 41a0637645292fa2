import { type Counts, MAX_FAILED_NAMES, type OutputParser, type Runner } from './counts.ts';
import { NestedFailures } from './nested-failures.ts';

const RESULT = /^( *)(not ok|ok)\b(?: +\d+)?(?: +-)?(?: +(.*))?$/;
const NUMBERED = /^(?:not )?ok \d+(?:\s|$)/;
/** Where the output was cut, results are missing that were reported. */
const CUT = /^\[\.\.\. \d+ bytes left out \.\.\.\]$/;
const DIRECTIVE = /(?:^| )# *(SKIP|TODO)\b/i;
/** As node:test prints it; its summary counts them as passed. */
const EXPECTED = /(?:^| )# EXPECTED FAILURE\b/;
const DURATION = / # time=[\d.]+ ?m?s\b/;
const PLAN = /^1\.\.(\d{1,9})(?:\s|$)/;
const SUMMARY = /^# (tests|skipped|skip|todo|cancelled) +(\d{1,9})$/;
const BAIL_OUT = /^Bail out!/;
const BLOCK_OPENS = / *\{$/;
const BLOCK_CLOSES = /^ *\}$/;
const MAX_BLOCKS = 100;

/** A subtest whose results stand below it in braces. */
interface Block {
  readonly name: string;
  readonly failed: boolean;
  readonly failuresBefore: number;
}

/**
 * The Test Anything Protocol, versions 12 to 14 and as node:test, tape, bats, node-tap and Vitest print it: results of a
 * subtest stand above it, or below it in braces. A `# tests` summary is preferred to the top-level plan because it counts subtests.
 */
export const tap: Runner = { starts: 'on1#B}[', open: () => new TapParser() };

class TapParser implements OutputParser {
  readonly #failures = new NestedFailures();
  readonly #sums = new Map<string, number>();
  readonly #blocks: Block[] = [];
  #planned: number | null = null;
  #results = 0;
  #topLevelSkipped = 0;
  #expected = 0;
  /** Results at the top level that carry a number, as a plan counts them. */
  #numbered = 0;
  #isCut = false;

  line(line: string): void {
    const result = RESULT.exec(line);
    if (result !== null) this.#result(result);
    if (NUMBERED.test(line)) this.#numbered += 1;
    if (CUT.test(line)) this.#isCut = true;
    const plan = PLAN.exec(line);
    if (plan !== null) this.#planned = (this.#planned ?? 0) + Number(plan[1]);
    const summary = SUMMARY.exec(line);
    if (summary !== null)
      this.#sums.set(summary[1] ?? '', (this.#sums.get(summary[1] ?? '') ?? 0) + Number(summary[2]));
    if (BAIL_OUT.test(line)) this.#failures.add({ depth: 0, name: line, failed: true });
    if (this.#blocks.length > 0 && BLOCK_CLOSES.test(line)) this.#closeBlock();
  }

  #result([, indent = '', mark, title = '']: RegExpExecArray): void {
    const excused = DIRECTIVE.test(title);
    const failed = mark === 'not ok' && !excused;
    const isBlock = BLOCK_OPENS.test(title);
    const name = title.replace(BLOCK_OPENS, '').replace(DURATION, '').trim() || '(unnamed)';
    this.#results += 1;
    if (excused && indent === '') this.#topLevelSkipped += 1;
    if (mark === 'ok' && EXPECTED.test(title)) this.#expected += 1;
    if (isBlock && this.#blocks.length < MAX_BLOCKS)
      this.#blocks.push({ name, failed, failuresBefore: this.#failures.count });
    else if (this.#blocks.length === 0) this.#failures.add({ depth: indent.length, name, failed });
    else this.#addInBlock(name, failed);
  }

  #addInBlock(name: string, failed: boolean): void {
    const isNamed = failed && this.#failures.count < MAX_FAILED_NAMES;
    const path = isNamed ? [...this.#blocks.map((block) => block.name), name].join(' > ') : name;
    this.#failures.add({ depth: 0, name: path, failed });
  }

  /** A block fails for what is in it; only an empty one fails by itself. */
  #closeBlock(): void {
    const block = this.#blocks.pop();
    if (block?.failed && block.failuresBefore === this.#failures.count) this.#addInBlock(block.name, true);
  }

  end(): Counts | null {
    while (this.#blocks.length > 0) this.#closeBlock();
    const sums = this.#sums;
    const total = sums.get('tests') ?? this.#planned;
    const failures = this.#failures.count;
    const incomplete = this.#incomplete();
    if (incomplete !== null) return { counted: null, failed: this.#failures.names(), failures, incomplete };
    if (total === null || (this.#results === 0 && failures === 0 && total > 0)) return null;
    const idle = sums.has('tests')
      ? (sums.get('skipped') ?? 0) + (sums.get('skip') ?? 0) + (sums.get('todo') ?? 0) + this.#expected
      : this.#topLevelSkipped;
    return { counted: { total, ran: Math.max(0, total - idle) }, failed: this.#failures.names(), failures };
  }

  /** Producers end with a plan, or begin with one and keep it; where they say a sum, that is the word. */
  #incomplete(): string | null {
    if (this.#isCut || this.#numbered === 0 || this.#sums.has('tests')) return null;
    if (this.#planned === null) return `${this.#numbered} results and no plan`;
    return this.#planned > this.#numbered ? `${this.#planned} tests were planned, ${this.#numbered} reported` : null;
  }
}
