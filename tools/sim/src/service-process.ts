/**
 * One incarnation of the service: the production worker on a house whose every port leads to this world. It can be
 * killed at any crossing, stopped while others go on, or asked to end; what it knew is then gone.
 */
import { createBaseRunQueue } from '@gatehouse/merge-gate';
import {
  bell,
  type House,
  type Log,
  liveRuns,
  type Stops,
  startWorker,
  stopsOf,
  UNPROVEN_END,
  type Worker,
} from '@gatehouse/orchestrator/testing';
import { type Hands, workshopOf } from './agent-runner.ts';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { Database } from './database.ts';
import type { Cross } from './fault-point.ts';
import { forgeOf } from './forge.ts';
import { checksOf } from './gates.ts';
import { type Fate, type Home, moveIn } from './instance-lock.ts';
import { probeMain } from './machine.ts';
import { mirrorsOf } from './mirror.ts';
import { type Observer, observedStore } from './observed-store.ts';
import { POLICY } from './policy.ts';
import { placesOf } from './workspaces.ts';
import type { Land } from './world-state.ts';

export interface Service extends Owner {
  readonly house: House;
  readonly stops: Stops;
  readonly worker: Worker;
  readonly home: Home;
}

export interface ServiceParts {
  readonly land: Land;
  readonly database: Database;
  readonly cross: Cross;
  readonly observer: Observer;
  readonly settings: House['settings'];
  readonly engine: House['engine'];
  readonly onAlert: (text: string) => void;
  /** The ends of these runs could not be proven by the process of this name. */
  readonly onUnproven: (by: string, runs: string) => void;
  /** Something failed inside the service, in its own words. */
  readonly onError: (text: string) => void;
  readonly hands: Hands;
}

/** Starts for `owner`, whose entry is running. Null: another service is alive, so this one gave up. */
export async function startService(
  owner: Owner,
  parts: ServiceParts,
  fateOf: (workerId: string) => Fate,
): Promise<Service | null> {
  const { clock } = parts.land;
  const house = houseOf(owner, parts);
  const home = await moveIn({ clock, store: house.store, owner }, fateOf);
  if (home === null) return null;
  const stops = stopsOf(house);
  const residence = { beat: home.beat, leave: home.leave };
  return Object.assign(owner, { house, stops, home, worker: startWorker(house, residence, stops) });
}

function houseOf(owner: Owner, parts: ServiceParts): House {
  const { land, database, cross, observer, settings, engine, hands } = parts;
  const { clock, dice, tally } = land;
  const machine = { land, owner, cross };
  return {
    settings,
    engine,
    store: observedStore({ land, owner, cross, database, observer }),
    mirrors: mirrorsOf(land, owner, cross),
    forgeOf: () => forgeOf(land, owner, cross),
    places: placesOf(land, owner, cross),
    base: createBaseRunQueue({ now: () => clock.nowMs }),
    runs: liveRuns(),
    workshop: workshopOf(machine, hands),
    metrics: NO_METRICS,
    checkNamed: checksOf(machine),
    loadPolicy: () =>
      cross(owner, 'policy.load', async () => {
        if (!dice.hits(land.weather.policyGonePpm)) return { kind: 'policy', policy: POLICY };
        count(tally, 'policy: unreadable');
        return { kind: 'unreadable', reason: 'the definition cannot be read' };
      }),
    environmentOf: () => cross(owner, 'environment.read', async () => 'machine'),
    lookAtBase: (question) => cross(owner, 'base.look', () => probeMain(machine, question)),
    lookAtCombined: () =>
      cross(owner, 'combined.look', async () => {
        await clock.sleep(dice.below(800), owner);
        if (!dice.hits(land.weather.combinedSecretPpm)) return { kind: 'clean' };
        count(tally, 'gate: secret in the combined commit');
        return { kind: 'base-moved', reason: 'the combined commit carries a secret its head did not' };
      }),
    feed: null,
    log: logOf(parts, owner),
    now: () => clock.nowMs,
    bell: bell(),
    dataDir: 'data',
    workerId: owner.name,
    host: 'host',
    startedAt: clock.nowMs,
  };
}

/** Numbers for people. Nothing in the service reads them. */
const NO_METRICS: House['metrics'] = {
  check: () => {},
  run: () => {},
  landing: () => {},
  stop: () => {},
  settled: () => {},
  tallies: () => new Promise(() => {}),
  text: async () => '',
  contentType: 'text/plain',
};

/** The log is where effects end, so an alert that is logged is an alert that somebody was told. */
function logOf({ land, onAlert, onUnproven, onError }: ServiceParts, owner: Owner): Log {
  const keep =
    (level: string): Log['info'] =>
    (message, fields = {}) => {
      if (message === 'ALERT') onAlert(`${String(fields['task'])} ${String(fields['text'])}`);
      if (message === UNPROVEN_END) onUnproven(owner.name, String(fields['runs']));
      if (level === 'error') onError(`${message}: ${String(fields['why'])}`);
      land.trace(() => `${owner.name} ${level}: ${message} ${JSON.stringify(fields)}`);
    };
  return { info: keep('info'), warn: keep('warn'), error: keep('error') };
}
