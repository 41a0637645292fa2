/**
 * How the store is, as its calls and its watch met it (docs/adr/0019): sound; failing, which may pass; or lost, which does
 * not. A lost store takes no further call, so nothing is acknowledged that no disk holds.
 */
import { StoreError, type StoreErrorCode } from './errors.ts';

export type StoreCondition =
  | { readonly kind: 'sound' }
  /** Full, read-only, locked or an error of the disk. `problem` names the next step. */
  | { readonly kind: 'failing'; readonly code: StoreErrorCode; readonly problem: string }
  | LostStore;

/** Damaged, deleted, replaced, cut off, or its log is gone. `problem` names the next step. */
export interface LostStore {
  readonly kind: 'lost';
  readonly code: 'corrupt' | 'gone';
  readonly problem: string;
}

/** Calls that another process's lock put off, since the store was opened. */
export interface LockWaits {
  readonly count: number;
  readonly totalMs: number;
}

export interface ConditionRecord {
  readonly current: () => StoreCondition;
  /** What a call was refused with. */
  readonly met: (error: StoreError) => void;
  /** A write went through: what was failing is over. */
  readonly written: () => void;
  /** A call was put off because another process had the database locked; milliseconds until it was carried out or given up. */
  readonly waited: (ms: number) => void;
  readonly waits: () => LockWaits;
  /** The first loss counts. */
  readonly lose: (loss: Omit<LostStore, 'kind'>) => void;
  /** Resolves with the first loss. */
  readonly lost: Promise<LostStore>;
}

export function createCondition(): ConditionRecord {
  const { promise: lost, resolve } = Promise.withResolvers<LostStore>();
  let current: StoreCondition = { kind: 'sound' };
  const lose = (loss: Omit<LostStore, 'kind'>): void => {
    if (current.kind === 'lost') return;
    current = { kind: 'lost', ...loss };
    resolve(current);
  };
  const waits = { count: 0, totalMs: 0 };
  return {
    current: () => current,
    waited: (ms) => {
      waits.count += 1;
      waits.totalMs += ms;
    },
    waits: () => ({ ...waits }),
    met: ({ code, message }) => {
      if (code === 'corrupt' || code === 'gone') lose({ code, problem: message });
      else if (current.kind === 'sound') current = { kind: 'failing', code, problem: message };
    },
    written: () => {
      if (current.kind === 'failing') current = { kind: 'sound' };
    },
    lose,
    lost,
  };
}

/** What every call of a lost store is refused with; null: it may be carried out. */
export function refusalOf(condition: StoreCondition): StoreError | null {
  return condition.kind === 'lost' ? new StoreError(condition.code, condition.problem) : null;
}
