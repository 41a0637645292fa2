/**
 * STOP in this service: record it, carry it out in the background, and carry on after a restart. The order of the steps is
 * `@gatehouse/cancel`'s; here is when it is asked, and that no task is settled twice at the same time.
 */
import { requestStop, type SettlePorts, settleStop } from '@gatehouse/cancel';
import { errorsOf } from '../platform/errors.ts';
import { cleanUpPort, runsPort } from './clean-up.ts';
import { cancellationStore } from './ledger.ts';
import type { CancellationDeps } from './port.ts';

export type StopRequestResult = Awaited<ReturnType<typeof requestStop>>;
type SettleResult = Awaited<ReturnType<typeof settleStop>>;

export interface Cancellations {
  /** Records the stop and begins to settle it; waits for no run. */
  request(ask: {
    readonly taskId: string;
    readonly reason: string;
    readonly actor: string;
  }): Promise<StopRequestResult>;
  /** Begins to settle what is due: after a restart, after a deferred stop, after a failed attempt. */
  resumePending(): Promise<void>;
  /** Lets attempts that are nearly over finish, aborts the others, and waits for all. The next start resumes them. */
  close(): Promise<void>;
}

const CLOSE_MS = 5_000;

export function createCancellations(deps: CancellationDeps): Cancellations {
  const ports: SettlePorts = {
    ledger: cancellationStore(deps),
    runs: runsPort(deps),
    cleanUp: cleanUpPort(deps),
  };
  const closing = new AbortController();
  const inFlight = new Map<string, Promise<void>>();
  const notBefore = new Map<string, number>();

  const settle = (taskId: string): void => {
    if (inFlight.has(taskId) || closing.signal.aborted) return;
    const graceMs = deps.settings.commands.graceMs;
    const completion = settleStop({ taskId, graceMs, signal: closing.signal }, ports).then((answer) => {
      inFlight.delete(taskId);
      if (answer.kind === 'unfinished') notBefore.set(taskId, deps.now() + answer.retryAfterMs);
      else notBefore.delete(taskId);
      reportResult(deps, taskId, answer);
      deps.wakeup.notify();
    });
    inFlight.set(taskId, completion);
  };

  return {
    async request(ask) {
      const asked = await requestStop(ask, ports);
      if ('next' in asked) deps.metrics.stop(asked.kind);
      if ('next' in asked && asked.next === 'settle') settle(ask.taskId);
      deps.wakeup.notify();
      return asked;
    },
    async resumePending() {
      const nowMs = deps.now();
      for (const { id } of await deps.store.unsettledStops()) if ((notBefore.get(id) ?? 0) <= nowMs) settle(id);
    },
    async close() {
      const cut = setTimeout(() => closing.abort(new Error('the service is stopping')), CLOSE_MS);
      await errorsOf([...inFlight.values()]);
      clearTimeout(cut);
      closing.abort(new Error('the service is stopping'));
    },
  };
}

function reportResult({ log, metrics }: CancellationDeps, taskId: string, answer: SettleResult): void {
  switch (answer.kind) {
    case 'settled':
      metrics.settled({ verified: answer.verified !== false, left: answer.left.length });
      log.info('a stop is settled', { task: taskId, verified: answer.verified, left: answer.left.join('; ') });
      return;
    case 'unfinished':
      log.warn('a stop is not settled yet; it will be tried again', {
        task: taskId,
        attempt: answer.attempt,
        why: answer.steps
          .flatMap(({ step, kind, detail }) => (kind === 'failed' ? [`${step}: ${detail}`] : []))
          .join('; '),
      });
      return;
    case 'crashed':
      log.error('settling a stop failed inside the service', { task: taskId, why: answer.error.message });
      return;
    case 'not-due':
    case 'over':
    case 'unknown-task':
    case 'refused':
      return;
  }
}
