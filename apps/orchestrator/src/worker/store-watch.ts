/**
 * Watches the file of the store (docs/adr/0019): its names every second, every page now and then, and what calls have met. A
 * store that fails is told to people once per episode; one that is lost ends the service, after what is open was saved.
 */
import type { ServiceContext } from '../context.ts';
import { serviceAlert } from '../notifiers/alert-message.ts';
import { errorOf } from '../platform/errors.ts';
import type { LostStore } from '../store/condition.ts';
import { damaged } from '../store/sqlite/pages.ts';
import type { Rescue } from '../store/sqlite/rescue.ts';
import type { StoreFile } from '../store/sqlite/store-file.ts';
import { loop, pause } from './worker.ts';

export interface StoreWatch {
  /** What the presence of this service is written by; a write that goes through says that the store takes writes. */
  readonly heartbeat: () => Promise<void>;
  /** Resolves with one line for the operator, once the store is lost and all that could be saved is. */
  readonly lost: Promise<string>;
  /** The service ends in order. */
  readonly stop: () => Promise<void>;
}

type Watched = Pick<ServiceContext, 'log' | 'notifier' | 'now' | 'wakeup'> & { readonly storeFile: StoreFile };

const LOOK_MS = 1_000;
/** A failure that is over sooner is only logged. */
const TELL_MS = 15_000;
/** One that comes back sooner is the same one: a disk at its edge takes a write now and then. */
const CALM_MS = 30_000;
const TOLD_WITHIN_MS = 5_000;
const CHECK_MS = 30_000;
/** Checking takes a thirtieth of the time at most. */
const CHECK_SHARE = 30;

/** Begins to watch; `presence` writes to the store and rejects where that fails. */
export function startStoreWatch(service: Watched, presence: () => Promise<void>): StoreWatch {
  const { condition } = service.storeFile;
  const stopping = new AbortController();
  const mark = service.storeFile.markInUse();
  const failures = failureTeller(service);
  const passing = { check: Promise.resolve() as Promise<unknown> };
  let nextCheck = service.now() + CHECK_MS;
  const pass = async (): Promise<void> => {
    const { fault, shrunk } = service.storeFile.look();
    if (fault !== null && condition.current().kind !== 'lost') {
      const isDamage = fault.kind === 'cut-off' || fault.kind === 'overwritten';
      const saved = isDamage ? null : service.storeFile.rescue(fault);
      const code = isDamage ? 'corrupt' : 'gone';
      condition.lose({ code, problem: problemOf(service.storeFile.path, fault.what, saved) });
    }
    if (condition.current().kind === 'sound') mark.renew();
    await failures.tell();
    if (condition.current().kind !== 'sound' || (service.now() < nextCheck && !shrunk)) return;
    nextCheck = Number.POSITIVE_INFINITY;
    passing.check = checkPages(service, stopping.signal).then((tookMs) => {
      nextCheck = service.now() + Math.max(CHECK_MS, CHECK_SHARE * tookMs);
    });
  };
  const looking = loop(service, 'store', stopping.signal, pass, LOOK_MS);
  return {
    heartbeat: async () => {
      await presence();
      service.storeFile.proveRoom();
      condition.written();
    },
    lost: condition.lost.then((loss) => {
      // What is open may be written into the file when it is closed, and look whole to the next start.
      if (loss.code === 'corrupt') mark.condemn(loss.problem);
      return tellLoss(service, loss);
    }),
    stop: async () => {
      stopping.abort(new Error('the service is stopping'));
      await looking;
      await errorOf(passing.check);
      if (condition.current().kind !== 'lost') mark.remove();
    },
  };
}

/** How long it took. */
async function checkPages({ storeFile, log, now }: Watched, signal: AbortSignal): Promise<number> {
  const from = now();
  const check = await storeFile.checkPages(signal);
  if (check.kind === 'damaged')
    storeFile.condition.lose({ code: 'corrupt', problem: damaged(storeFile.path, check.damage).message });
  if (check.kind === 'unchecked' && !signal.aborted)
    log.warn('the pages of the store could not be checked', { why: check.reason });
  return now() - from;
}

async function tellLoss(service: Watched, { code, problem }: LostStore): Promise<string> {
  service.log.error('the store is lost; the service ends', { code, why: problem });
  await tell(service, { key: `store-lost:${code}`, text: problem });
  return problem;
}

/** Tells of a store that fails: to the log at once, to people when it lasts, to the log when it is over. */
function failureTeller(service: Watched): { readonly tell: () => Promise<void> } {
  const { condition } = service.storeFile;
  let since: number | null = null;
  let calmSince: number | null = null;
  let isTold = false;
  return {
    tell: async () => {
      const current = condition.current();
      if (current.kind === 'sound') {
        if (since !== null && calmSince === null) service.log.info('the store takes writes again');
        calmSince ??= service.now();
        if (service.now() - calmSince < CALM_MS) return;
        since = null;
        isTold = false;
      }
      if (current.kind !== 'failing') return;
      const { code, problem } = current;
      if (since === null || calmSince !== null) service.log.error('the store fails', { code, why: problem });
      calmSince = null;
      since ??= service.now();
      if (isTold || service.now() - since < TELL_MS) return;
      isTold = true;
      await tell(service, { key: `store-failing:${code}:${new Date(since).toISOString()}`, text: problem });
    },
  };
}

async function tell({ notifier, log }: Watched, alert: { readonly key: string; readonly text: string }): Promise<void> {
  const over = new AbortController();
  const answer = await Promise.race([
    notifier.notify(serviceAlert(alert), over.signal),
    pause(TOLD_WITHIN_MS, over.signal).then(() => ({ kind: 'untold', reason: 'it took too long' }) as const),
  ]);
  over.abort();
  if (answer.kind !== 'told') log.error('an alert could not be delivered', { key: alert.key, why: answer.reason });
}

/** One line: what happened, what was saved, and the next step. */
function problemOf(path: string, what: string, saved: Rescue | null): string {
  const happened = `${what} while the service ran`;
  switch (saved?.kind) {
    case undefined:
      return `${happened}; restore a copy: gatehouse restore COPY`;
    case 'put-back': {
      const aside = saved.aside.length === 0 ? '' : ` (what lay there is set aside: ${saved.aside.join(', ')})`;
      return `${happened}; all that was acknowledged is in ${path} again${aside}: start the service again`;
    }
    case 'kept':
      return `${happened}; all that was acknowledged is in ${saved.at}: look which one is right, then gatehouse restore FILE`;
    case 'failed':
      return `${happened}, and what was open could not be saved (${saved.reason}); restore a copy: gatehouse restore COPY`;
  }
}
