/**
 * The virtual clock: what happens next is whatever is due first, and time jumps there. One entry runs at a time, with
 * everything it sets off, so a run is decided by its entries alone. An entry belongs to a process or, without an owner,
 * to the world outside.
 */
import { Heap } from './heap.ts';

/**
 * A process as the clock sees it: what is due while it is stopped comes late, what is due when it is dead never comes.
 */
export interface Owner {
  readonly name: string;
  dead: boolean;
  /** Not before this time does anything of it go on. */
  asleepUntilMs: number;
}

export interface ClockEntry {
  atMs: number;
  readonly order: number;
  readonly owner: Owner | null;
  readonly run: () => void;
  cancelled: boolean;
  /** When it was asked for; of use for lazy entries only. */
  readonly sinceMs: number;
}

/** Says when a lazy entry that is due would find something to do; `null`: now. */
export type IdleSkip = (entry: ClockEntry, nextMs: number | null) => number | null;

/**
 * A tick comes when every promise has settled that could. Turning the event loop for it would cost a tenth of a run.
 */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

export class Clock {
  nowMs: number;
  /** Whose entry is running. */
  current: Owner | null = null;
  readonly #due = new Heap<ClockEntry>(isBefore);
  /** Pauses between two passes of a loop: they may end late, so they wait apart. */
  readonly #lazy = new Heap<ClockEntry>(isBefore);
  #order = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  after(delayMs: number, run: () => void, owner: Owner | null = this.current): ClockEntry {
    return this.#push(this.#due, delayMs, { owner, run });
  }

  afterLazily(delayMs: number, run: () => void): ClockEntry {
    return this.#push(this.#lazy, delayMs, { owner: this.current, run });
  }

  /** Never resolves for an owner that is dead by then. */
  sleep(delayMs: number, owner: Owner | null = this.current): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve, owner);
    });
  }

  /** Runs the next entry and everything it sets off. False: nothing is due, ever. */
  async step(idleSkip: IdleSkip): Promise<boolean> {
    const entry = this.#next(idleSkip);
    if (entry === null) return false;
    this.nowMs = Math.max(this.nowMs, entry.atMs);
    this.current = entry.owner;
    entry.run();
    await settled();
    this.current = null;
    return true;
  }

  #next(idleSkip: IdleSkip): ClockEntry | null {
    for (;;) {
      const due = this.#due.peek();
      const lazy = this.#lazy.peek();
      const isLazy = lazy !== undefined && (due === undefined || isBefore(lazy, due));
      const entry = isLazy ? lazy : due;
      if (entry === undefined) return null;
      const heap = isLazy ? this.#lazy : this.#due;
      heap.pop();
      if (entry.cancelled || entry.owner?.dead === true) continue;
      const wakesMs = entry.owner?.asleepUntilMs ?? 0;
      const laterMs = wakesMs > entry.atMs ? wakesMs : isLazy ? idleSkip(entry, due?.atMs ?? null) : null;
      if (laterMs === null || laterMs <= entry.atMs) return entry;
      entry.atMs = laterMs;
      heap.push(entry);
    }
  }

  #push(heap: Heap<ClockEntry>, delayMs: number, { owner, run }: Pick<ClockEntry, 'owner' | 'run'>): ClockEntry {
    const atMs = this.nowMs + Math.max(0, Math.trunc(delayMs));
    this.#order += 1;
    const entry = { atMs, order: this.#order, owner, run, cancelled: false, sinceMs: this.nowMs };
    heap.push(entry);
    return entry;
  }
}

const isBefore = (one: ClockEntry, other: ClockEntry): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
