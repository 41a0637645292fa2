/** Circuit breakers: faults of a machine or a service, per repository, cause and host. */
import type { BreakerState } from '../../schema/stored-values.ts';

export interface Breaker {
  readonly repoId: string;
  readonly cause: string;
  readonly host: string;
  /** `suspect`: one task reported the fault; `open`: gate jobs wait for a probe. */
  readonly state: BreakerState;
  readonly taskId: string | null;
  readonly since: number;
}

export interface BreakerStore {
  /**
   * Reports a fault that no task may have caused. The first task makes the breaker suspect; a second, different task in a
   * row (or `atOnce`) opens it, with its alert and its probe in the same transaction. `own`: the task reported it before,
   * main ran well afterwards, and for a day its report alone does not count.
   */
  tripBreaker(report: {
    repoId: string;
    cause: string;
    host: string;
    taskId: string | null;
    atOnce: boolean;
    atMs: number;
    /** Step of the probe that is to end it; a live one is enough. */
    probe: string;
    /** The text of the operator's alert when it opens. */
    alert: string;
  }): Promise<'own' | 'suspect' | 'opened' | 'open'>;
  /**
   * A run that ended by itself: closes matching breakers (all causes when none is named) and refutes the tasks that opened
   * them. With `only` suspect an open one stays as it is, and so do the reports about it.
   */
  closeBreaker(filter: {
    repoId: string;
    host: string;
    causes?: readonly string[];
    only?: 'suspect';
    atMs: number;
  }): Promise<number>;
  listBreakers(repoId?: string): Promise<Breaker[]>;
}
