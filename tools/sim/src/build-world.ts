/** Puts one world together: ground, forge, people, witness, and the supervisor that keeps a service running. */
import { engineFor, type House } from '@gatehouse/orchestrator/testing';
import { type Branches, branches } from './branches.ts';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import { type Cross, crossings, HOT_SPOTS } from './fault-point.ts';
import { drawWeather } from './faults.ts';
import { MAIN } from './forge.ts';
import { type Witness, witness } from './invariant-checker.ts';
import { type Dice, diceOf } from './prng.ts';
import type { ServiceParts } from './service-process.ts';
import { drawSettings } from './settings.ts';
import { type Supervisor, supervise } from './supervisor.ts';
import { type Act, type People, people, REPO } from './user-actions.ts';
import type { WorldOptions } from './world.ts';
import { groundOf, type Land } from './world-state.ts';

export const START_MS = 1_800_000_000_000;
/** When faults end. */
export const HEAL_MS: number = 30 * 60_000;

export interface World {
  readonly land: Land;
  readonly dice: Dice;
  readonly made: Branches;
  readonly folk: People;
  readonly seen: Witness;
  readonly supervisor: Supervisor;
  /** Has a person do something through a running service, as soon as there is one. */
  readonly through: (act: Act) => void;
  readonly isHealing: () => boolean;
  /** Tasks still to come. */
  coming: number;
}

/** Errors that the world itself makes up. */
const PLANNED = ['the disk of the database is full', 'a check that raises', 'the disk of data is full'];

export async function buildWorld(database: Database, options: WorldOptions, clock: Clock): Promise<World> {
  const dice = diceOf(options.seed);
  const { onLine } = options;
  const trace = onLine === undefined ? () => {} : (line: () => string) => onLine(`${stamp(clock)} ${line()}`);
  const land = groundOf({ clock, dice: dice.fork(), weather: drawWeather(dice), trace });
  const settings = drawSettings(dice);
  const engine = engineFor(settings);
  const faults = { count: 0 };
  const seen = witnessOf(database, land, engine, faults);
  land.onLanding = seen.onLanding;
  const made = branches(land);
  const isHealing = (): boolean => clock.nowMs >= START_MS + HEAL_MS;
  const onError = (text: string): void => {
    faults.count += 1;
    if (!PLANNED.some((planned) => text.includes(planned))) seen.blame('no-surprise', text);
  };
  const supervisor = supervise(land, dice.below(2) === 0, () => parts);
  const cross = faultyCrossings(land, dice.fork(), supervisor, faults);
  const parts: ServiceParts = {
    land,
    database,
    cross,
    observer: seen,
    settings,
    engine,
    onAlert: seen.onAlertTold,
    onUnproven: seen.onUnproven,
    onError,
    hands: made,
  };
  const repo = { id: REPO, url: 'forge', forge: 'local', main: MAIN, profile: 'gates-only', atMs: START_MS } as const;
  await database.store.addRepo(repo);
  const through = (act: Act): void => {
    const service = supervisor.awake();
    if (service === null) clock.after(10_000, () => through(act), null);
    else clock.after(0, () => void act(service).catch((error: unknown) => onError(String(error))), service);
  };
  const folk = people({ land, branches: made, isHealing });
  return { land, dice, made, folk, seen, supervisor, through, isHealing, coming: 0 };
}

const stamp = ({ nowMs }: Clock): string => `${((nowMs - START_MS) / 1000).toFixed(3).padStart(9)}s`;

/** A fault of a process can repeat what was told, so the witness has to know how many there were. */
interface FaultCount {
  count: number;
}

function witnessOf(database: Database, land: Land, engine: House['engine'], faults: FaultCount): Witness {
  const inWindow = database.query('SELECT id FROM tasks WHERE tested_sha = ? AND critical_token IS NOT NULL').pluck();
  return witness({
    land,
    database,
    engine,
    startMs: START_MS,
    ownerOf: (commit) => inWindow.get(commit) as string | undefined,
    disturbances: () => faults.count,
  });
}

function faultyCrossings(land: Land, dice: Dice, supervisor: Supervisor, faults: FaultCount): Cross {
  const { clock, tally } = land;
  return crossings({
    clock,
    dice,
    tally,
    faults: () => land.weather,
    hotSpot: dice.below(2) === 0 ? dice.pick(HOT_SPOTS) : null,
    onKill: (owner, where) => {
      faults.count += 1;
      land.trace(() => `${owner.name} is killed ${where}`);
      supervisor.onKill();
    },
    onStop: (owner, where, ms) => {
      faults.count += 1;
      land.trace(() => `${owner.name} is stopped ${where} for ${ms} ms`);
      supervisor.onStop();
    },
  });
}
