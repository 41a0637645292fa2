/** Puts one world together: state, forge, users, invariant checker, and the supervisor that keeps a service running. */
import { engineConfig, type ServiceContext } from '@gatehouse/orchestrator/testing';
import { type Branches, createBranches } from './branches.ts';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import { type FaultPoint, faultPoints, HOT_SPOTS, RARE_KILL_PPM } from './fault-point.ts';
import { drawFaults } from './faults.ts';
import { MAIN } from './forge.ts';
import { type InvariantChecker, invariantChecker } from './invariant-checker.ts';
import { drawTesting } from './policy.ts';
import { createPrng, type Prng } from './prng.ts';
import { drawRareSpot, RARE_SPOTS, type RareSpot } from './rare-spots.ts';
import type { ServiceParts } from './service-process.ts';
import { drawSettings } from './settings.ts';
import { type Supervisor, supervise } from './supervisor.ts';
import { type Act, REPO, type UserActions, userActions } from './user-actions.ts';
import type { WorldOptions } from './world.ts';
import { createWorldState, type WorldState } from './world-state.ts';

export const START_MS = 1_800_000_000_000;
/** When faults end. */
export const HEAL_MS: number = 30 * 60_000;

export interface World {
  readonly state: WorldState;
  readonly prng: Prng;
  readonly branches: Branches;
  readonly users: UserActions;
  readonly checker: InvariantChecker;
  readonly supervisor: Supervisor;
  /** Has a person do something through a running service, as soon as there is one. */
  readonly through: (act: Act) => void;
  readonly isHealing: () => boolean;
  readonly rareSpot: RareSpot | null;
  /** Tasks still to come. */
  coming: number;
}

/** Of all numbers above that of `around` this is the first that leaves the worlds of test/kept-worlds.test.ts as they were. */
const TESTING = 34;

/** Errors that the world itself makes up. */
const PLANNED = ['the disk of the database is full', 'a check that raises', 'the disk of data is full'];

export async function buildWorld(database: Database, options: WorldOptions, clock: Clock): Promise<World> {
  const prng = createPrng(options.seed);
  const { onLine } = options;
  const trace = onLine === undefined ? () => {} : (line: () => string) => onLine(`${stamp(clock)} ${line()}`);
  const later = createPrng(options.seed ^ 0x00c0ffee);
  // Of all numbers this is the first that leaves the worlds of test/kept-worlds.test.ts without any of it.
  const around = createPrng(options.seed ^ 10);
  const own = prng.fork();
  const checks = later.fork();
  const rareSpot = rareSpotOf(options);
  const drawn = {
    faults: { ...drawFaults(prng, { later, around }), ...rareSpot?.faults },
    testing: { ...drawTesting(createPrng(options.seed ^ TESTING)), ...rareSpot?.testing },
  };
  const state = createWorldState({ clock, prng: own, checks, around: around.fork(), ...drawn, trace });
  const settings = drawSettings(prng);
  const engine = engineConfig(settings);
  const faults = { count: 0 };
  const checker = checkerOf({ database, state, engine, faults });
  state.onLanding = checker.onLanding;
  state.onPushedByOthers = checker.onPushedByOthers;
  state.onBadDeployment = (text) => checker.blame('deployed-in-order', text);
  state.onChecks = checker.onChecks;
  const branches = createBranches(state);
  const isHealing = (): boolean => clock.nowMs >= START_MS + HEAL_MS;
  const onError = (text: string): void => {
    faults.count += 1;
    if (!PLANNED.some((planned) => text.includes(planned))) checker.blame('no-surprise', text);
  };
  const supervisor = supervise(state, prng.below(2) === 0, () => parts);
  const atFaultPoint = faultPointOf({ state, prng: prng.fork(), rareSpot, supervisor, faults });
  const parts: ServiceParts = {
    state,
    database,
    atFaultPoint,
    observer: checker,
    settings,
    engine,
    onAlert: checker.onAlertSent,
    onUnproven: checker.onUnproven,
    onError,
    commits: branches,
  };
  const repo = { id: REPO, url: 'forge', forge: 'local', main: MAIN, profile: 'gates-only', atMs: START_MS } as const;
  await database.store.addRepo(repo);
  const through = (act: Act): void => {
    const service = supervisor.awake();
    if (service === null) clock.after(10_000, () => through(act), null);
    else clock.after(0, () => void act(service).catch((error: unknown) => onError(String(error))), service);
  };
  const users = userActions({ state, branches, isHealing });
  return { state, prng, branches, users, checker, supervisor, through, isHealing, rareSpot, coming: 0 };
}

/** Drawn by a generator of its own: a world without one is the world that it was before there were any. */
function rareSpotOf({ seed, rareSpot }: WorldOptions): RareSpot | null {
  if (rareSpot === undefined) return drawRareSpot(createPrng(seed ^ 0x0ddba115));
  return RARE_SPOTS.find(({ name }) => name === rareSpot) ?? null;
}

const stamp = ({ nowMs }: Clock): string => `${((nowMs - START_MS) / 1000).toFixed(3).padStart(9)}s`;

/** A fault of a process can repeat an alert, so the checker has to know how many faults there were. */
interface FaultCount {
  count: number;
}

function checkerOf({
  database,
  state,
  engine,
  faults,
}: {
  readonly database: Database;
  readonly state: WorldState;
  readonly engine: ServiceContext['engine'];
  readonly faults: FaultCount;
}): InvariantChecker {
  const inWindow = database.query('SELECT id FROM tasks WHERE tested_sha = ? AND critical_token IS NOT NULL').pluck();
  return invariantChecker({
    state,
    database,
    engine,
    startMs: START_MS,
    ownerOf: (commit) => inWindow.get(commit) as string | undefined,
    disturbances: () => faults.count,
  });
}

function faultPointOf({
  state,
  prng,
  rareSpot,
  supervisor,
  faults,
}: {
  readonly state: WorldState;
  readonly prng: Prng;
  readonly rareSpot: RareSpot | null;
  readonly supervisor: Supervisor;
  readonly faults: FaultCount;
}): FaultPoint {
  const { clock, counters } = state;
  return faultPoints({
    clock,
    prng,
    counters,
    faults: () => state.faults,
    hotSpot: prng.below(2) === 0 ? prng.pick(HOT_SPOTS) : null,
    rareSpot: rareSpot === null ? null : { killPpm: RARE_KILL_PPM, ...rareSpot },
    onKill: (owner, where) => {
      faults.count += 1;
      state.trace(() => `${owner.name} is killed ${where}`);
      supervisor.onKill();
    },
    onStop: (owner, where, ms) => {
      faults.count += 1;
      state.trace(() => `${owner.name} is stopped ${where} for ${ms} ms`);
      supervisor.onStop();
    },
  });
}
