/**
 * Every call of a process to the world outside (store, mirror, forge, a gate's command) is a fault point. There
 * the process may be killed, before the call took effect or after it, be stopped as by SIGSTOP until others took its
 * work, or simply be slow.
 */
import type { Clock, Owner } from './clock.ts';
import { type CoverageCounters, count } from './coverage-counters.ts';
import type { Prng } from './prng.ts';

/** Chances per million sides of a fault point. */
export interface FaultRates {
  readonly killPpm: number;
  readonly stopPpm: number;
  readonly slowPpm: number;
}

/** Carries out `effect` for `owner`; a process that does not live to see the answer never gets one. */
export type FaultPoint = <Answer>(owner: Owner, name: string, effect: () => Promise<Answer>) => Promise<Answer>;

/**
 * In half of all worlds one fault point, drawn from these, is where processes die and hang far more often than
 * elsewhere: the calls between which a task is halfway through something.
 */
export const HOT_SPOTS = [
  'store.acquireLease',
  'store.releaseLease',
  'store.enterCritical',
  'store.compareAndSetBaseline',
  'store.applyEvent',
  'store.requestStop',
  'store.tombstone',
  'store.registerExclusive',
  'store.claimJob',
  'forge.prepare',
  'forge.land',
  'combined.rescan',
  'mirror.hasCommit',
  'forge.pushBranch',
] as const;
const HOT = 60;
/** Of a million calls of a rare spot so many are killed before and as many after, as long as there are deaths left. */
export const RARE_KILL_PPM = 250_000;
const RARE_KILLS = 8;

export interface FaultPointParts {
  readonly clock: Clock;
  readonly prng: Prng;
  readonly counters: CoverageCounters;
  /** Read at each fault point: faults end when the world heals. */
  readonly faults: () => FaultRates;
  readonly hotSpot: string | null;
  /** Its deaths are few, so they need not end when the world heals. `killPpm`: of its calls, on each side. */
  readonly rareSpot: { readonly name: string; readonly killPpm: number } | null;
  readonly onKill: (owner: Owner, where: string) => void;
  readonly onStop: (owner: Owner, where: string, ms: number) => void;
}

const SLOW_MS = 4_000;
const BRISK_MS = 50;
const STOPPED_MS = 240_000;

export function faultPoints(parts: FaultPointParts): FaultPoint {
  const { clock, prng, counters, faults, hotSpot, rareSpot, onKill, onStop } = parts;
  const called = new Set<string>();
  let rareKills = rareSpot === null ? 0 : RARE_KILLS;
  const never = <Answer>(): Promise<Answer> => new Promise<Answer>(() => {});

  /** One roll for each side, so that a call without a fault costs next to nothing. */
  const roll = (name: string): 'kill' | 'stop' | 'slow' | null => {
    if (name === rareSpot?.name && rareKills > 0 && prng.hits(rareSpot.killPpm)) {
      rareKills -= 1;
      return 'kill';
    }
    const { killPpm: usual, stopPpm: normal, slowPpm } = faults();
    const times = name === hotSpot ? HOT : 1;
    const killPpm = usual * times;
    const stopPpm = normal * times;
    const rolled = prng.below(1_000_000);
    if (rolled < killPpm) return 'kill';
    if (rolled < killPpm + stopPpm) return 'stop';
    return rolled < killPpm + stopPpm + slowPpm ? 'slow' : null;
  };

  /** False: the process did not survive it. */
  const suffer = async (owner: Owner, fault: 'kill' | 'stop' | 'slow', where: string): Promise<boolean> => {
    if (fault === 'kill') {
      owner.dead = true;
      count(counters, `kill ${where}`);
      onKill(owner, where);
      return false;
    }
    if (fault === 'stop') {
      const ms = prng.between(1_000, STOPPED_MS);
      owner.asleepUntilMs = clock.nowMs + ms;
      count(counters, `stop ${where}`);
      onStop(owner, where, ms);
    }
    await clock.sleep(fault === 'stop' ? 0 : prng.below(prng.below(8) === 0 ? SLOW_MS : BRISK_MS), owner);
    return !owner.dead;
  };

  return async (owner, name, effect) => {
    if (owner.dead) return never();
    if (!called.has(name)) {
      called.add(name);
      count(counters, `call ${name}`);
    }
    const before = roll(name);
    if (before !== null && !(await suffer(owner, before, `before ${name}`))) return never();
    const answer = await effect();
    if (owner.dead) return never();
    const after = roll(name);
    if (after !== null && !(await suffer(owner, after, `after ${name}`))) return never();
    return answer;
  };
}
