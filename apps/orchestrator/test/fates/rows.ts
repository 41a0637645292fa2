/** What becomes of a pull request, or of its repository, while it is tested: the rows of the table in docs/operations.md. */

import { PULL_REQUEST_ROWS } from './rows-of-pull-requests.ts';
import { REPOSITORY_ROWS } from './rows-of-repositories.ts';
import type { FateScene } from './scene.ts';

export interface FateRow {
  /** As the table in docs/operations.md calls it. */
  readonly name: string;
  play(scene: FateScene): Promise<void>;
}

export const FATE_ROWS: readonly FateRow[] = [...PULL_REQUEST_ROWS, ...REPOSITORY_ROWS];
