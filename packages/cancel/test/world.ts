/**
 * A world in which one task can be stopped: an in-memory ledger, runs and clean-up that keep their own books and write
 * down what must never happen. It stands for the durable side: crashes of the caller do not touch it.
 */
import type {
  CancellationState,
  KeyRelease,
  RunRef,
  RunsEnded,
  SettlePorts,
  StepAnswer,
  StepSubject,
  StopFacts,
  StopWord,
} from '@gatehouse/cancel';
import { tombstoneKey } from '@gatehouse/cancel';

export const TASK = 'task-1';
export const HEAD = 'a'.repeat(40);
export const BRANCH = 'feature/T-1-stop-me';

type Stage = 'idle' | 'running' | 'landing' | 'stopping' | 'cancelled' | 'done';

export interface World {
  stage: Stage;
  stopRecorded: boolean;
  landed: boolean;
  attempts: number;
  key: string;
  facts: StopFacts;
  /** Processes of each claim; a fenced claim may still have some. */
  readonly processes: Map<number, string[]>;
  readonly fenced: Set<number>;
  token: number;
  /** Branch → head at the forge. */
  readonly forge: Map<string, string>;
  readonly keptRefs: Map<string, string>;
  clone: { report: string } | null;
  storedReport: string | null;
  lease: boolean;
  keyReleases: KeyRelease[];
  alerts: string[];
  /** What must never happen and did. */
  readonly violations: string[];
  /** Every port call that reached the world, in order. */
  readonly calls: string[];
}

export function newWorld(stage: Stage = 'running', facts: Partial<StopFacts> = {}): World {
  const world: World = {
    stage,
    stopRecorded: false,
    landed: false,
    attempts: 0,
    key: 'T-1',
    facts: { profile: 'full', branch: BRANCH, head: HEAD, main: 'main', protectedNames: ['release/*'], ...facts },
    processes: new Map(),
    fenced: new Set(),
    token: 1,
    forge: new Map([
      ['main', 'b'.repeat(40)],
      ['release/1', 'c'.repeat(40)],
      [BRANCH, HEAD],
    ]),
    keptRefs: new Map(),
    clone: { report: 'what the task wrote' },
    storedReport: null,
    lease: true,
    keyReleases: [],
    alerts: [],
    violations: [],
    calls: [],
  };
  if (stage === 'running' || stage === 'landing') world.processes.set(world.token, ['sh', 'node']);
  return world;
}

/** The landing side of the race: the same single point as `requestStop`. */
export function enterLanding(world: World): boolean {
  if (world.stage !== 'running' || world.stopRecorded) return false;
  world.stage = 'landing';
  return true;
}

export function landingAnswers(world: World, landed: boolean): void {
  if (world.stage !== 'landing') return;
  world.processes.delete(world.token);
  world.landed = landed;
  if (landed && world.stopRecorded) world.alerts.push('merged, not deployed');
  world.stage = world.stopRecorded ? 'cancelled' : landed ? 'done' : 'idle';
}

export const FULL_STEPS = [
  'beginAttempt',
  'end',
  'completed',
  'copyArtefacts',
  'keepHead',
  'removeWorkplace',
  'deleteBranch',
  'releaseLease',
  'releaseKeys',
] as const;

export function portsOf(world: World): SettlePorts {
  const did = (name: string): void => {
    world.calls.push(name);
  };
  return {
    ledger: {
      requestStop: async () => {
        did('requestStop');
        return recordStop(world);
      },
      beginAttempt: async () => {
        did('beginAttempt');
        return stateOf(world);
      },
      completed: async (end) => {
        did('completed');
        return recordEnd(world, end);
      },
      releaseKeys: async (release) => {
        did('releaseKeys');
        return recordRelease(world, release);
      },
    },
    runs: {
      end: async ({ token }) => {
        did('end');
        world.processes.delete(token);
        return { kind: 'ended', verified: true, leftovers: [] };
      },
    },
    cleanUp: {
      copyArtefacts: async (of) => {
        did('copyArtefacts');
        return tidied(world, of, () => {
          world.storedReport ??= world.clone?.report ?? null;
        });
      },
      keepHead: async ({ ref, head, ...of }) => {
        did('keepHead');
        return tidied(world, of, () => void world.keptRefs.set(ref, head));
      },
      removeWorkplace: async (of) => {
        did('removeWorkplace');
        if (world.clone !== null && world.facts.profile === 'full' && world.storedReport === null)
          world.violations.push('a clone was removed before its artefacts were kept');
        return tidied(world, of, () => {
          world.clone = null;
        });
      },
      deleteBranch: async ({ branch, expected, ...of }) => {
        did('deleteBranch');
        const found = world.forge.get(branch);
        if (found !== undefined && found !== expected) return { kind: 'left', reason: `${branch} moved to ${found}` };
        if (![...world.keptRefs.values()].includes(expected)) world.violations.push('a branch was deleted unkept');
        if (branch !== BRANCH) world.violations.push(`${branch} was deleted`);
        return tidied(world, of, () => void world.forge.delete(branch));
      },
      releaseLease: async (of) => {
        did('releaseLease');
        return tidied(world, of, () => {
          world.lease = false;
        });
      },
    },
  };
}

function recordStop(world: World): { kind: StopWord; runs: RunRef[] } {
  if (world.stage === 'done') return { kind: 'too_late', runs: [] };
  if (world.stopRecorded || world.stage === 'cancelled') return { kind: 'already', runs: [] };
  world.stopRecorded = true;
  if (world.stage === 'landing') return { kind: 'deferred', runs: [] };
  if (world.stage === 'idle') {
    world.stage = 'cancelled';
    return { kind: 'cancelled', runs: [] };
  }
  world.stage = 'stopping';
  world.fenced.add(world.token);
  return { kind: 'stopping', runs: [{ id: '7', token: world.token }] };
}

function stateOf(world: World): CancellationState {
  const { stage, facts } = world;
  if (world.keyReleases.length > 0) return { kind: 'released' };
  if (stage !== 'stopping' && stage !== 'cancelled') return { kind: 'not-due', reason: `the task is ${stage}` };
  world.attempts += 1;
  const runs = [...world.processes.keys()].map((token) => ({ id: '7', token }));
  const known = stage === 'stopping' && runs.length === 0 ? [{ id: '7', token: world.token }] : runs;
  return { kind: stage, attempt: world.attempts, runs: known, facts };
}

function recordEnd(world: World, { verified, unproven }: RunsEnded): { kind: 'recorded' } {
  if (world.stage !== 'stopping') return { kind: 'recorded' };
  if (verified && world.processes.size > 0) world.violations.push('an end was called verified and is not');
  world.stage = 'cancelled';
  if (!verified) world.alerts.push(`unverified: ${unproven.join('; ')}`);
  return { kind: 'recorded' };
}

function recordRelease(world: World, release: KeyRelease): { kind: 'recorded' } | { kind: 'refused'; reason: string } {
  if (world.keyReleases.length > 0) return { kind: 'recorded' };
  if (world.stage !== 'cancelled') return { kind: 'refused', reason: `the task is ${world.stage}` };
  world.keyReleases.push(release);
  world.key = tombstoneKey(world.key, release.taskId);
  if (release.left.length > 0) world.alerts.push(release.note);
  return { kind: 'recorded' };
}

/** Nothing is cleaned up of a task that goes on, nor under processes whose end was only claimed to be proven. */
function tidied(world: World, { taskId }: StepSubject, change: () => void): StepAnswer {
  if (taskId !== TASK) world.violations.push(`the clean-up is about ${taskId}`);
  if (world.stage !== 'cancelled') world.violations.push(`cleaned up while ${world.stage}`);
  change();
  return { kind: 'done' };
}

/** What must be true in the end of a stopped `full` task, whatever happened on the way. */
export function endOf(world: World): Record<string, unknown> {
  return {
    stage: world.stage,
    key: world.key,
    keyReleases: world.keyReleases.length,
    clone: world.clone,
    storedReport: world.storedReport,
    kept: [...world.keptRefs],
    branches: [...world.forge.keys()],
    lease: world.lease,
    processes: world.processes.size,
    violations: world.violations,
  };
}
