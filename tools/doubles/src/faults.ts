/** What goes wrong, switched per call: planned before, fired at most `times`, and counted. */

/** One request as it arrived; `path` without its query. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** See README.md for what the caller sees of each. */
export type FaultKind = 'fails-before' | 'fails-after' | 'cut' | 'limited' | 'forbidden' | 'hangs' | 'stale';

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly on: (call: Call) => boolean;
  /** How many calls it hits. [1] */
  readonly times?: number;
}

export interface Fired {
  readonly kind: FaultKind;
  readonly call: string;
}

export class Faults {
  /** What really happened, in order. */
  readonly fired: Fired[] = [];
  #planned: { readonly fault: PlannedFault; left: number }[] = [];

  plan(fault: PlannedFault): void {
    this.#planned.push({ fault, left: fault.times ?? 1 });
  }

  /** Forgets what is planned; what fired stays. */
  clear(): void {
    this.#planned = [];
  }

  /** The fault of this call, which is used up by it; null: none. */
  take(call: Call): FaultKind | null {
    const found = this.#planned.find(({ fault, left }) => left > 0 && fault.on(call));
    if (found === undefined) return null;
    found.left -= 1;
    this.fired.push({ kind: found.fault.kind, call: `${call.method} ${call.path}` });
    return found.fault.kind;
  }
}
