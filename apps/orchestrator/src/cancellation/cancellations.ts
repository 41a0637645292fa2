/**
 * STOP in this service: record it, carry it out in the background, and carry on after a restart. The order of the steps is
 * `@gatehouse/cancel`'s; here is when it is asked, and that no task is settled twice at the same time.
 */
import { requestStop, type SettlePorts, settleStop } from '@gatehouse/cancel';
import type { House } from '../context.ts';
import { settleAll } from '../platform/errors.ts';
import { stopCleanUp, stopRuns } from './clean-up.ts';
import { stopLedger } from './ledger.ts';

export type StopAsked = Awaited<ReturnType<typeof requestStop>>;
type SettleAnswer = Awaited<ReturnType<typeof settleStop>>;

export interface Stops {
  /** Records the stop and begins to settle it; waits for no run. */
  request(ask: { readonly taskId: string; readonly reason: string; readonly actor: string }): Promise<StopAsked>;
  /** Begins to settle what is due: after a restart, after a deferred stop, after a failed attempt. */
  pass(): Promise<void>;
  /** Lets what is nearly over finish, cuts the rest off, and waits for it. The next start carries on. */
  close(): Promise<void>;
}

const CLOSE_MS = 5_000;

export function stopsOf(house: House): Stops {
  const ports: SettlePorts = { ledger: stopLedger(house), runs: stopRuns(house), cleanUp: stopCleanUp(house) };
  const closing = new AbortController();
  const inFlight = new Map<string, Promise<void>>();
  const notBefore = new Map<string, number>();

  const settle = (taskId: string): void => {
    if (inFlight.has(taskId) || closing.signal.aborted) return;
    const graceMs = house.settings.ORCH_STOP_GRACE_S;
    const work = settleStop({ taskId, graceMs, signal: closing.signal }, ports).then((answer) => {
      inFlight.delete(taskId);
      if (answer.kind === 'unfinished') notBefore.set(taskId, house.now() + answer.retryAfterMs);
      else notBefore.delete(taskId);
      tell(house, taskId, answer);
      house.bell.ring();
    });
    inFlight.set(taskId, work);
  };

  return {
    async request(ask) {
      const asked = await requestStop(ask, ports);
      if ('next' in asked) house.metrics.stop(asked.kind);
      if ('next' in asked && asked.next === 'settle') settle(ask.taskId);
      house.bell.ring();
      return asked;
    },
    async pass() {
      const nowMs = house.now();
      for (const { id } of await house.store.unsettledStops()) if ((notBefore.get(id) ?? 0) <= nowMs) settle(id);
    },
    async close() {
      const cut = setTimeout(() => closing.abort(new Error('the service is stopping')), CLOSE_MS);
      await settleAll([...inFlight.values()]);
      clearTimeout(cut);
      closing.abort(new Error('the service is stopping'));
    },
  };
}

function tell({ log, metrics }: House, taskId: string, answer: SettleAnswer): void {
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
