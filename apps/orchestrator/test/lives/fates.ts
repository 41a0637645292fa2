/** What becomes of the pull requests of a whole life, one after another at the same repository. */
import { LANDING } from './fates-that-land.ts';
import { LEAVING } from './fates-that-leave.ts';
import type { Life } from './life.ts';

export interface Fate {
  readonly name: string;
  /** `npm test` plays it, too. */
  readonly inTests?: true;
  play(life: Life): Promise<void>;
}

export const FATES: readonly Fate[] = [...LANDING, ...LEAVING];
