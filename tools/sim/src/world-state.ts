/** The ground of one world: its clock, chance and weather, the forge's branches, the mirror and the disk. */
import type { Clock } from './clock.ts';
import type { Tally } from './coverage-counters.ts';
import type { Weather } from './faults.ts';
import { type History, newHistory } from './history.ts';
import type { Dice } from './prng.ts';

export interface Landing {
  readonly commit: string;
  readonly from: string;
  /** The process that asked for it. */
  readonly by: string;
}

export interface Land {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly tally: Tally;
  weather: Weather;
  readonly history: History;
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

export function groundOf(parts: Pick<Land, 'clock' | 'dice' | 'weather' | 'trace'>): Land {
  const { clock, trace } = parts;
  const history = newHistory();
  const heads = new Map([['main', history.root.sha]]);
  const land: Land = {
    ...parts,
    tally: new Map(),
    history,
    heads,
    mirror: {},
    lied: new Map(),
    disk: new Map(),
    lastChangeMs: clock.nowMs,
    setHead: (branch, sha) => {
      heads.set(branch, sha);
      land.lastChangeMs = clock.nowMs;
      trace(() => `forge: ${branch} is at ${sha.replace(/^c+/, '#')}`);
    },
    dropHead: (branch) => {
      heads.delete(branch);
      land.lastChangeMs = clock.nowMs;
      trace(() => `forge: ${branch} is gone`);
    },
    onLanding: () => {},
  };
  return land;
}
