import { type Counts, MAX_FAILED_NAMES, type OutputParser, type Runner } from './counts.ts';

const RESULT = /^ *--- (PASS|FAIL|SKIP): (\S+) \([\d.]+s\)$/;
const RUN = /^=== RUN +\S+$/;
const PACKAGE = /^(ok|FAIL|\?) *\t(\S+)(?:\t| \[)/;
const EMPTY = /\[no test files\]|\[no tests to run\]/;
const BUILD_FAILED = /^FAIL\t\S+ \[(?:build|setup) failed\]$/;

/**
 * `go test`. Only `-v` says how many tests ran; without it failing names are read and the count stays unknown, unless
 * every package says that it has no tests. A package that fails without a failing test (a panic, `os.Exit`) is a name.
 */
export const goTest: Runner = { starts: '-=oF?', open: () => new GoTestParser() };

class GoTestParser implements OutputParser {
  readonly #failed = new Set<string>();
  readonly #seen = { run: 0, skipped: 0, packages: 0, empty: 0 };
  #failures = 0;
  #unbuilt = 0;
  /** go prints a parent before its subtests, whose names begin with its own; a parent is no failure of its own. */
  #last: string | null = null;
  #inPackage = 0;

  line(line: string): void {
    if (RUN.test(line)) this.#seen.run += 1;
    const result = RESULT.exec(line);
    if (result?.[1] === 'SKIP') this.#seen.skipped += 1;
    if (result?.[1] === 'FAIL') this.#fail(result[2] ?? '');
    const ended = PACKAGE.exec(line);
    if (ended === null) return;
    this.#seen.packages += 1;
    if (EMPTY.test(line)) this.#seen.empty += 1;
    this.#commit();
    if (BUILD_FAILED.test(line)) {
      this.#unbuilt += 1;
      this.#name(`${ended[2]} (build)`);
    } else if (ended[1] === 'FAIL' && this.#inPackage === 0) this.#name(`${ended[2]} (package)`);
    this.#inPackage = 0;
  }

  #fail(name: string): void {
    if (this.#last !== null && !name.startsWith(`${this.#last}/`)) this.#commit();
    this.#last = name;
  }

  #commit(): void {
    if (this.#last !== null) this.#name(this.#last);
    this.#last = null;
  }

  #name(name: string): void {
    this.#failures += 1;
    this.#inPackage += 1;
    if (this.#failed.size < MAX_FAILED_NAMES) this.#failed.add(name);
  }

  end(): Counts | null {
    const { run, skipped, packages, empty } = this.#seen;
    if (packages === 0) return null;
    this.#commit();
    const failing = { failed: [...this.#failed], failures: this.#failures, unbuilt: this.#unbuilt };
    if (run > 0) return { counted: { total: run, ran: Math.max(0, run - skipped) }, ...failing };
    return { counted: empty === packages ? { total: 0, ran: 0 } : null, ...failing };
  }
}
