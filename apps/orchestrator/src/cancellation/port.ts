/** What cancellation asks of the rest of the service. */
import type { StepAnswer } from '@gatehouse/cancel';
import type { Forge } from '../forges/port.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Wakeup } from '../platform/wakeup.ts';
import type { Engine, Repository, Store } from '../store/port/index.ts';
import type { Tracker } from '../trackers/port.ts';
import type { ActiveClaims } from './active-claims.ts';

export interface CancellationDeps {
  readonly settings: { readonly commands: { readonly graceMs: number } };
  readonly store: Store;
  readonly engine: Engine;
  readonly activeClaims: ActiveClaims;
  readonly mirrors: {
    /** Points a ref of the repository's mirror at a commit, so that nothing loses it. */
    pin(repoId: string, of: { readonly commit: string; readonly ref: string }): Promise<StepAnswer>;
    directory(repoId: string): string;
  };
  readonly workspaces: {
    /** Removes what no live claim of the repository works in. */
    removeStale(repoId: string): Promise<void>;
  };
  readonly forgeOf: (repo: Repository) => Pick<Forge, 'deleteBranch'>;
  readonly tracker: Pick<Tracker, 'name' | 'issue'>;
  readonly metrics: Pick<Metrics, 'stop' | 'settled'>;
  readonly wakeup: Pick<Wakeup, 'notify'>;
  readonly log: Logger;
  /** Epoch ms. */
  readonly now: () => number;
  /** This process's name in claims. */
  readonly workerId: string;
}
