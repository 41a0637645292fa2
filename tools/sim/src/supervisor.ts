/**
 * Keeps a service running, as an init system does: one that died is started again, one that hangs may get a second
 * beside it.
 */
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { Fate } from './instance-lock.ts';
import { type ServiceParts, type ServiceProcess, startServiceProcess } from './service-process.ts';
import type { WorldState } from './world-state.ts';

export interface Supervisor {
  /** One that runs now; null while all are dead, stopped or still starting. */
  readonly awake: () => ServiceProcess | null;
  readonly start: () => void;
  readonly onKill: () => void;
  readonly onStop: () => void;
  /** Ends one in order, and starts the next. */
  readonly restart: () => void;
  /** Faults are over: what was stopped goes on, and one service runs. */
  readonly calm: () => void;
}

interface StartedService extends Owner {
  service: ServiceProcess | null;
}

/**
 * `isForeign`: services run where none can check whether another is alive, so a stopped one may get a second beside it.
 */
export function supervise(state: WorldState, isForeign: boolean, parts: () => ServiceParts): Supervisor {
  const { clock, prng, counters } = state;
  const started: StartedService[] = [];
  const alive = (): StartedService[] => started.filter(({ dead }) => !dead);
  const isAwake = ({ asleepUntilMs }: Owner): boolean => asleepUntilMs <= clock.nowMs;
  const fateOf = (workerId: string): Fate => {
    if (isForeign) return 'unknown';
    return started.find(({ name }) => name === workerId)?.dead === false ? 'alive' : 'gone';
  };

  const start = (): void => {
    const owner: StartedService = {
      name: `service-${started.length + 1}`,
      dead: false,
      asleepUntilMs: 0,
      service: null,
    };
    started.push(owner);
    clock.after(0, () => void run(owner), owner);
  };
  const run = async (owner: StartedService): Promise<void> => {
    const service = await startServiceProcess(owner, parts(), fateOf).catch(() => null);
    if (service === null) {
      count(counters, 'start refused');
      owner.dead = true;
      ensureIn(20_000);
      return;
    }
    owner.service = service;
    if (alive().length < 2) return;
    count(counters, 'two services at once');
    // The older one is found out and ended, in a while.
    clock.after(prng.between(30_000, 300_000), endOldest, null);
  };
  const endOldest = (): void => {
    const [oldest, another] = alive();
    if (oldest === undefined || another === undefined) return;
    oldest.dead = true;
    ensure();
  };
  const ensure = (): void => {
    if (!alive().some(isAwake)) start();
  };
  const ensureIn = (limitMs: number): void => {
    clock.after(prng.between(500, limitMs), ensure, null);
  };
  return {
    start,
    awake: () => {
      const ready = alive().flatMap((owner) => (isAwake(owner) && owner.service !== null ? [owner.service] : []));
      return ready.length === 0 ? null : prng.pick(ready);
    },
    onKill: () => ensureIn(90_000),
    onStop: () => {
      if (prng.below(2) === 0) ensureIn(60_000);
    },
    restart: () => {
      const old = alive().find((owner) => isAwake(owner) && owner.service !== null);
      if (old === undefined) return;
      count(counters, 'restarted in order');
      clock.after(0, () => void leave(old).finally(() => ensureIn(5_000)), old);
    },
    calm: () => {
      for (const owner of alive()) owner.asleepUntilMs = Math.min(owner.asleepUntilMs, clock.nowMs);
      ensure();
    },
  };
}

async function leave(owner: StartedService): Promise<void> {
  await owner.service?.worker.stop();
  await owner.service?.lock.release().catch(() => {});
  owner.dead = true;
}
