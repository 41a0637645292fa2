/**
 * STOP a task, provably, once. `requestStop` puts it on record, `settleStop` carries it out and may be called again
 * until it is over. Start with verdict.ts; what the world has to offer is in ports.ts.
 */
import { type Crashed, neverRaise } from '@gatehouse/verdict';
import type { CancellationStore, SettlePorts } from './ports.ts';
import type { SettleRequest, StopRequest } from './request.ts';
import { stop } from './request-stop.ts';
import { complete } from './settle-stop.ts';
import type { SettleVerdict, StopVerdict } from './verdict.ts';

export type { Burial, Refused, RunsOver, Standing, StepName, StepOutcome, StopLedger } from './deprecated.ts';
export type {
  CancellationState,
  CancellationStore,
  CleanUp,
  IssueAnswer,
  KeyRelease,
  LedgerAnswer,
  RunRef,
  Runs,
  RunsEnded,
  SettlePorts,
  StepAnswer,
  StepSubject,
  StopFacts,
} from './ports.ts';
export type { SettleRequest, StopRequest } from './request.ts';
export { recoverKey, tombstoneKey } from './tombstone.ts';
export type {
  NextStep,
  NotDue,
  Over,
  RefusedStop,
  Settled,
  SettleVerdict,
  StopRecorded,
  StopStepName,
  StopStepOutcome,
  StopVerdict,
  StopWord,
  Unanswered,
  Unfinished,
  UnknownTask,
} from './verdict.ts';

/**
 * Puts a stop on record and says what is to be settled. It waits for no run. `unanswered`: the ledger did not say whether
 * it recorded the stop; ask again, asking is idempotent.
 *
 * @example
 * ```ts
 * import { requestStop } from '@gatehouse/cancel';
 *
 * const running = new Set(['task-7']);
 * const ledger = {
 *   requestStop: async ({ taskId }: { taskId: string }) =>
 *     running.delete(taskId)
 *       ? ({ kind: 'stopping', runs: [{ id: 'job-1', token: 1 }] } as const)
 *       : ({ kind: 'already', runs: [] } as const),
 * };
 * const stop = { taskId: 'task-7', reason: 'not wanted any more', actor: 'ann' };
 * const first = await requestStop(stop, { ledger });
 * console.log(first.kind === 'crashed' ? first.error : first.kind); // stopping
 * console.log((await requestStop(stop, { ledger })).kind); // already
 * ```
 */
export const requestStop: (
  request: StopRequest,
  ports: {
    /** The durable memory; asked once. */
    readonly ledger: Pick<CancellationStore, 'requestStop'>;
  },
) => Promise<StopVerdict | Crashed> = neverRaise('cancel.requestStop', stop);

/**
 * Does what is left of a stop: end the runs and prove it, record that, clean up, release the keys. Idempotent: start it
 * again from wherever a crash left it. Anything but `settled` and `over` means: not over yet.
 */
export const settleStop: (request: SettleRequest, ports: SettlePorts) => Promise<SettleVerdict | Crashed> = neverRaise(
  'cancel.settleStop',
  complete,
);
