/** Names the innermost failures of a nested listing in one pass, with bounded memory. */
import { MAX_FAILED_NAMES } from './counts.ts';

/** A failing line and how deep it stands. */
export interface ResultLine {
  readonly depth: number;
  readonly name: string;
  readonly failed: boolean;
}

/** A name with what failed inside of it; none inside: it failed by itself. */
interface Failure {
  readonly name: string;
  readonly inside: readonly Failure[];
  readonly height: number;
}

/** What failed and still waits for its parent. Depths grow strictly from one to the next. */
interface Level {
  readonly depth: number;
  readonly failures: Failure[];
}

const MAX_HEIGHT = 20;
const MAX_PATH_CHARS = 1_000;
const SEPARATOR = ' > ';

/**
 * Reads a post-order listing (children first, each followed by its parent). Failures are named with their parents in
 * front: `suite > test`. A parent fails because a child did and is not a failure of its own.
 */
export class NestedFailures {
  readonly #open: Level[] = [];
  readonly #names = new Set<string>();
  #kept = 0;
  #count = 0;

  add({ depth, name, failed }: ResultLine): void {
    const { inside, hadChildren } = this.#close(depth);
    if (hadChildren) this.#push(depth, this.#parentOf(name, inside));
    else if (failed) this.#push(depth, this.#leaf(name));
    if (depth === 0) this.#flush();
  }

  /** How many failed. */
  get count(): number {
    return this.#count;
  }

  /** The names so far, with those that still wait for a parent. */
  names(): readonly string[] {
    for (const { failures } of this.#open) for (const failure of failures) this.#tell(failure, '');
    return [...this.#names];
  }

  /** Takes everything deeper than `depth` from the stack: the children of what stands there. */
  #close(depth: number): { readonly inside: readonly Failure[]; readonly hadChildren: boolean } {
    const inside: Failure[] = [];
    let hadChildren = false;
    for (let last = this.#open.at(-1); last !== undefined && last.depth > depth; last = this.#open.at(-1)) {
      this.#open.pop();
      hadChildren = true;
      inside.unshift(...last.failures);
    }
    return { inside, hadChildren };
  }

  #push(depth: number, failures: readonly Failure[]): void {
    const last = this.#open.at(-1);
    if (last?.depth === depth) last.failures.push(...failures);
    else this.#open.push({ depth, failures: [...failures] });
  }

  /** Beyond the bound a failure is counted and has no name. */
  #leaf(name: string): readonly Failure[] {
    this.#count += 1;
    if (this.#kept >= MAX_FAILED_NAMES) return [];
    this.#kept += 1;
    return [{ name, inside: [], height: 0 }];
  }

  #parentOf(name: string, inside: readonly Failure[]): readonly Failure[] {
    const height = Math.max(0, ...inside.map((one) => one.height)) + 1;
    return inside.length === 0 || height > MAX_HEIGHT ? inside : [{ name, inside, height }];
  }

  #flush(): void {
    for (const { failures } of this.#open.splice(0)) for (const failure of failures) this.#tell(failure, '');
  }

  #tell({ name, inside }: Failure, before: string): void {
    const path = `${before}${name}`.slice(0, MAX_PATH_CHARS);
    if (inside.length === 0) this.#names.add(path);
    for (const one of inside) this.#tell(one, `${path}${SEPARATOR}`);
  }
}
