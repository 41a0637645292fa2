/**
 * Calls that few worlds make, and none often. In a quarter of all worlds one of them is where processes die, and the world
 * has more of what leads to it: otherwise hundreds of thousands of lifetimes crash some of these calls hardly once.
 */
import type { Faults } from './faults.ts';
import type { Testing } from './policy.ts';
import type { Prng } from './prng.ts';

export interface RareSpot {
  readonly name: string;
  /** Replaces what was drawn for the world. */
  readonly faults?: Partial<Faults>;
  /** The same of what is known of the code. */
  readonly testing?: Partial<Testing>;
  /** Of a million calls so many are killed before and as many after, where the usual ones would be too few. */
  readonly killPpm?: number;
  /** Of twenty tasks so many are worked on by agents. */
  readonly agentTasks?: number;
  /** The world goes on for so long, whether or not all tasks are over. */
  readonly livesMs?: number;
}

const STOPS = { stopTaskPpm: 500_000 } as const;
const RED_MAIN = { brokenPushPpm: 500_000, pushEveryMs: 120_000, restartEveryMs: 200_000 } as const;
const CHECKS = { checksRunPpm: 500_000 } as const;
/** Landings are noticed late, so that what contains them is deployed first; what keeps tasks from landing is left out. */
const OVERTAKEN = {
  restartEveryMs: 120_000,
  mirrorUnsurePpm: 300_000,
  landsDeafPpm: 200_000,
  stopTaskPpm: 0,
  newHeadPpm: 0,
  branchGonePpm: 0,
  brokenPushPpm: 0,
  gateInfraPpm: 0,
  gateToolPpm: 0,
  gateRaisesPpm: 0,
  longRunPpm: 0,
  policyGonePpm: 0,
  liesNoPpm: 0,
  pendingPpm: 0,
  refusesPpm: 0,
  agentFailsPpm: 0,
  agentObjectsPpm: 0,
} as const;
const MANY_AGENTS = 8;
const ALL_AGENTS = 20;
/** Housekeeping is done by a service that has run for an hour. */
const LONG_MS = 6 * 3_600_000;

export const RARE_SPOTS: readonly RareSpot[] = [
  { name: 'agent.deployed', faults: OVERTAKEN, agentTasks: ALL_AGENTS, killPpm: 600_000 },
  { name: 'agent.report', agentTasks: MANY_AGENTS },
  { name: 'agent.run', agentTasks: MANY_AGENTS },
  { name: 'environment.read', faults: RED_MAIN },
  { name: 'forge.deleteBranch', faults: STOPS, agentTasks: ALL_AGENTS },
  { name: 'forge.pushBranch', agentTasks: MANY_AGENTS },
  { name: 'main.probe', faults: RED_MAIN },
  { name: 'mirror.compact', livesMs: LONG_MS },
  { name: 'mirror.pin', faults: STOPS, agentTasks: ALL_AGENTS },
  { name: 'store.addOutbox', faults: { mirrorUnsurePpm: 300_000, landsDeafPpm: 200_000 } },
  { name: 'store.addProbe', faults: RED_MAIN },
  { name: 'store.appendEvent', faults: CHECKS },
  { name: 'store.beginAgentRun', agentTasks: MANY_AGENTS },
  { name: 'store.beginSettling', faults: STOPS },
  { name: 'store.dropTicket', faults: STOPS },
  { name: 'store.finishJob', faults: RED_MAIN },
  { name: 'store.landedTasks', agentTasks: ALL_AGENTS },
  // Here and not above: a world of test/kept-worlds.test.ts has it.
  { name: 'store.endAgentRun', agentTasks: MANY_AGENTS },
  { name: 'store.nackOutbox', faults: { mirrorDownPpm: 200_000, pullRequestPpm: 1_000_000 } },
  { name: 'store.overrideBaseline', faults: { pushEveryMs: 100_000 } },
  { name: 'store.prune', livesMs: LONG_MS },
  { name: 'store.recordResult', testing: { remembers: true } },
  { name: 'store.releaseJob' },
  { name: 'store.rememberPullRequest', faults: { pullRequestPpm: 1_000_000 } },
  { name: 'store.releaseLease', faults: { gateInfraPpm: 300_000 } },
  { name: 'store.removeWorker', faults: { restartEveryMs: 120_000 } },
  { name: 'store.requestStop', faults: STOPS },
  { name: 'store.tombstone', faults: STOPS },
  { name: 'store.updateRepo', faults: { pauseRepoEveryMs: 120_000 } },
];

const WORLDS = 4;

/** Null: this world has none. */
export function drawRareSpot(prng: Prng): RareSpot | null {
  return prng.below(WORLDS) === 0 ? prng.pick(RARE_SPOTS) : null;
}
