import { parseJson } from '../adapters/json-text.ts';
import { type Counts, MAX_FAILED_NAMES, type OutputParser, type Runner } from './counts.ts';

const EVENT = /^\{.*"Action":"(?:pass|fail|skip)".*\}$/;
const MAX_PARENTS = 10_000;

interface GoEvent {
  readonly Action?: unknown;
  readonly Package?: unknown;
  readonly Test?: unknown;
  readonly FailedBuild?: unknown;
}

/** `go test -json`. Subtests end before their parent, which is no failure of its own; parents are counted as `-v` does. */
export const goJson: Runner = { starts: '{', open: () => new GoJsonParser() };

class GoJsonParser implements OutputParser {
  readonly #failed = new Set<string>();
  /** Tests inside of which one failed, and packages in which one did. */
  readonly #parents = new Set<string>();
  #failures = 0;
  #unbuilt = 0;
  #ended = 0;
  #skipped = 0;
  #packages = 0;

  line(line: string): void {
    if (!EVENT.test(line)) return;
    const event = parseJson(line) as GoEvent | undefined;
    if (typeof event?.Package !== 'string') return;
    const failed = event.Action === 'fail';
    if (typeof event.Test !== 'string') {
      this.#packages += 1;
      if (failed && !this.#parents.has(event.Package))
        this.#failPackage(event.Package, event.FailedBuild !== undefined);
      return;
    }
    this.#ended += 1;
    if (event.Action === 'skip') this.#skipped += 1;
    if (failed) this.#fail(event.Package, event.Test);
  }

  #failPackage(name: string, isBuild: boolean): void {
    if (isBuild) this.#unbuilt += 1;
    this.#name(`${name} (${isBuild ? 'build' : 'package'})`);
  }

  #fail(owner: string, test: string): void {
    if (!this.#parents.has(`${owner} > ${test}`)) this.#name(test);
    if (this.#parents.size >= MAX_PARENTS) return;
    this.#parents.add(owner);
    const slash = test.lastIndexOf('/');
    if (slash > 0) this.#parents.add(`${owner} > ${test.slice(0, slash)}`);
  }

  #name(name: string): void {
    this.#failures += 1;
    if (this.#failed.size < MAX_FAILED_NAMES) this.#failed.add(name);
  }

  end(): Counts | null {
    if (this.#packages === 0) return null;
    const ran = this.#ended - this.#skipped;
    const failing = { failed: [...this.#failed], failures: this.#failures, unbuilt: this.#unbuilt };
    return { counted: { total: this.#ended, ran }, ...failing };
  }
}
