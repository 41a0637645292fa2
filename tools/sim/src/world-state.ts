/** The state of one world: its clock, random numbers and faults, the forge's branches, the mirror and the disk. */
import type { Clock } from './clock.ts';
import type { CoverageCounters } from './coverage-counters.ts';
import type { Faults } from './faults.ts';
import { type CommitHistory, newHistory } from './history.ts';
import type { Prng } from './prng.ts';

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
  readonly counters: CoverageCounters;
  faults: Faults;
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
  readonly trace: (line: () => string) => void;
}

export function createWorldState(
  parts: Pick<WorldState, 'checks' | 'clock' | 'prng' | 'faults' | 'trace'>,
): WorldState {
  const { clock, trace } = parts;
  const history = newHistory();
  const heads = new Map([['main', history.root.sha]]);
  const state: WorldState = {
    ...parts,
    counters: new Map(),
    greenAtMs: new Map(),
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
  };
  return state;
}
