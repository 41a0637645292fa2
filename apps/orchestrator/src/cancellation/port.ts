/** What cancellation asks of the rest of the service. */
import type { Forge } from '../forges/port.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Wakeup } from '../platform/wakeup.ts';
import type { Settings } from '../settings.ts';
import type { Engine, Repository, Store } from '../store/port/index.ts';
import type { Tracker } from '../trackers/port.ts';
import type { Mirrors } from '../workspace/mirrors.ts';
import type { Workspaces } from '../workspace/workspace.ts';
import type { ActiveClaims } from './active-claims.ts';

export interface CancellationDeps {
  readonly settings: Pick<Settings, 'commands'>;
  readonly store: Store;
  readonly engine: Engine;
  readonly activeClaims: ActiveClaims;
  readonly mirrors: Pick<Mirrors, 'pin' | 'directory'>;
  readonly workspaces: Pick<Workspaces, 'removeStale'>;
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
