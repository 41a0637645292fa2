/** The state of one world: its clock, random numbers and faults, the forge's branches, the mirror and the disk. */
import type { Clock } from './clock.ts';
import type { CoverageCounters } from './coverage-counters.ts';
import { createDeployments, type Deployments } from './deployments.ts';
import type { Faults } from './faults.ts';
import { type CommitHistory, newHistory } from './history.ts';
import type { Testing } from './policy.ts';
import type { Prng } from './prng.ts';
import type { SimulatedPullRequest } from './pull-requests.ts';

export interface Landing {
  readonly commit: string;
  readonly from: string;
  /** The process that asked for it. */
  readonly by: string;
}

export interface WorldState {
  readonly clock: Clock;
  readonly prng: Prng;
  /** For the forge's own checks alone. */
  readonly checks: Prng;
  /** When the forge's own checks of a commit are green. */
  readonly greenAtMs: Map<string, number>;
  /** How often they were queued again after they were green. */
  readonly queuedAgainTimes: Map<string, number>;
  /** For what a forge does around a landing. */
  readonly around: Prng;
  readonly pullRequests: SimulatedPullRequest[];
  /** Tasks whose pull request was told that they landed. */
  readonly toldLanded: Set<string>;
  /** Branches that a person deleted, and tasks that a person stopped. */
  readonly withdrawn: Set<string>;
  readonly stopped: Set<string>;
  /** Tested commits that somebody else pushed to main. */
  readonly pushedByOthers: Set<string>;
  /** When main last moved to a commit of the service. */
  landedAtMs: number;
  /** So long the forge looks anew at what could be merged, after a landing. */
  looksAgainUntilMs: number;
  readonly counters: CoverageCounters;
  faults: Faults;
  /** What is known of the code besides the merge check's own run. */
  readonly testing: Testing;
  readonly history: CommitHistory;
  /** Branch heads as the forge has them. */
  readonly heads: ReadonlyMap<string, string>;
  /** Branch heads as the last fetch brought them; a disk that all processes read. */
  mirror: Readonly<Record<string, string>>;
  /** When the forge last claimed to have landed a commit that it had not. */
  readonly lied: Map<string, number>;
  /** Text files by path. */
  readonly disk: Map<string, string>;
  /** When anything was last written or pushed. */
  lastChangeMs: number;
  readonly setHead: (branch: string, sha: string) => void;
  readonly dropHead: (branch: string) => void;
  onLanding: (landing: Landing) => void;
  /** Somebody else is about to push this tested commit to main. */
  onPushedByOthers: (commit: string) => void;
  readonly deployments: Deployments;
  /** A deployment that must not be. */
  onBadDeployment: (text: string) => void;
  /** What the forge answered this process about its own checks of a commit. */
  onChecks: (by: string, commit: string, answer: string) => void;
  readonly trace: (line: () => string) => void;
}

export function createWorldState(
  parts: Pick<WorldState, 'around' | 'checks' | 'clock' | 'prng' | 'faults' | 'testing' | 'trace'>,
): WorldState {
  const { clock, trace } = parts;
  const history = newHistory();
  const heads = new Map([['main', history.root.sha]]);
  const state: WorldState = {
    ...parts,
    counters: new Map(),
    greenAtMs: new Map(),
    queuedAgainTimes: new Map(),
    pullRequests: [],
    toldLanded: new Set(),
    withdrawn: new Set(),
    stopped: new Set(),
    pushedByOthers: new Set(),
    landedAtMs: Number.NEGATIVE_INFINITY,
    looksAgainUntilMs: Number.NEGATIVE_INFINITY,
    history,
    heads,
    mirror: {},
    lied: new Map(),
    disk: new Map(),
    lastChangeMs: clock.nowMs,
    setHead: (branch, sha) => {
      heads.set(branch, sha);
      state.lastChangeMs = clock.nowMs;
      trace(() => `forge: ${branch} is at ${sha.replace(/^c+/, '#')}`);
    },
    dropHead: (branch) => {
      heads.delete(branch);
      state.lastChangeMs = clock.nowMs;
      trace(() => `forge: ${branch} is gone`);
    },
    onLanding: () => {},
    onPushedByOthers: () => {},
    deployments: createDeployments(history, (text) => state.onBadDeployment(text)),
    onBadDeployment: () => {},
    onChecks: () => {},
  };
  return state;
}
