/** What the parts of the running service share. Built once, in compose.ts; every part names what it needs of it. */
import type { Isolation } from '@gatehouse/gate-run';
import type { BaseRunQueue, TestPolicy } from '@gatehouse/merge-gate';
import type { FeedPort } from '@gatehouse/security-gate';
import type { CheckName } from '@gatehouse/stage-engine';
import type { AgentRunner } from './agents/runner.ts';
import type { ActiveClaims } from './cancellation/active-claims.ts';
import type { MainAuditor } from './checks/audit-main.ts';
import type { Check } from './checks/port.ts';
import type { MainProbe } from './checks/probe-main.ts';
import type { CombinedProof } from './checks/prove-combined.ts';
import type { CombinedRescan } from './checks/rescan-combined.ts';
import type { ForgeAddress } from './forges/choose.ts';
import type { Forge } from './forges/port.ts';
import type { JudgedRegistration, Registration } from './forges/registration.ts';
import type { LookAtRepository } from './forges/standing.ts';
import type { WebhookReader } from './forges/webhooks.ts';
import type { Notifier, Route } from './notifiers/port.ts';
import type { Logger } from './platform/logger.ts';
import type { Metrics } from './platform/metrics.ts';
import type { Revision } from './platform/revision.ts';
import type { ServiceClock } from './platform/service-clock.ts';
import type { Turns } from './platform/turns.ts';
import type { Wakeup } from './platform/wakeup.ts';
import type { IsolationChoice } from './policy/isolation.ts';
import type { PolicyAnswer, PolicyRequest } from './policy/load-policy.ts';
import type { GateName } from './policy/switched-off.ts';
import type { Settings } from './settings.ts';
import type { ClaimedJob, Engine, Store } from './store/port/index.ts';
import type { Tracker } from './trackers/port.ts';
import type { ForeseenConflicts } from './workspace/foreseen-conflicts.ts';
import type { KeptHealth } from './workspace/main-health.ts';
import type { Mirrors } from './workspace/mirrors.ts';
import type { Workspaces } from './workspace/workspace.ts';

export interface ServiceContext {
  readonly settings: Settings;
  readonly store: Store;
  readonly engine: Engine;
  readonly mirrors: Mirrors;
  readonly forgeOf: (repo: ForgeAddress) => Forge;
  /** Whether the repository at its forge is the one that was known, and can be worked with now. */
  readonly lookAtRepository: LookAtRepository;
  /** What a person asks to register, as an address with its forge and credential, or why not. */
  readonly judgeRegistration: (wanted: Registration) => JudgedRegistration;
  /** Reads what verified webhooks of forges ask for. */
  readonly webhooks: WebhookReader;
  readonly workspaces: Workspaces;
  /** What is known of waiting branches that would meet a conflict with main. */
  readonly foreseenConflicts: ForeseenConflicts;
  /** The queue for runs of main itself, one at a time per repository, and their results. */
  readonly baseRuns: BaseRunQueue;
  /** What this process is working on. */
  readonly activeClaims: ActiveClaims;
  /** Whose turn it is to deploy, by repository and stage. */
  readonly deployments: Turns;
  /** The check behind a step, with secrets masked in what it says; null for a name that is not registered. */
  readonly checkNamed: (name: string) => Check | null;
  /** The check that asks a gate. */
  readonly checkOfGate: (gate: GateName) => CheckName;
  /** Runs a command of the repository on main itself. */
  readonly probeMain: MainProbe;
  /** What stands on mains already, as far as it is known, and how it is found out; null: nobody looks. */
  readonly mainHealth: (KeptHealth & { readonly audit: MainAuditor }) | null;
  /** Digest of what a repository's tests run on: this machine and the programs they see. Null: it cannot be determined. */
  readonly environmentOf: (test: TestPolicy, isolation?: Isolation) => Promise<string | null>;
  /** What separates commands of repositories from this process, and why. */
  readonly isolation: IsolationChoice;
  readonly loadPolicy: (request: PolicyRequest) => Promise<PolicyAnswer>;
  /** The last proof that the commit that is about to land is what was asked for. */
  readonly proveCombined: CombinedProof<ClaimedJob>;
  /** The last scan of the commit that is about to land. */
  readonly rescanCombined: CombinedRescan;
  /** Where agents and deploy commands do their work. */
  readonly agentRunner: AgentRunner;
  /** The advisory feed; null: none is configured, and every report says so. */
  readonly feed: FeedPort | null;
  /** Where tasks come from, besides the API. */
  readonly tracker: Tracker;
  /** Receives the alerts that a person has to act on. */
  readonly notifier: Notifier;
  /** Which alerts go to which receiver outside. */
  readonly routes: readonly Route[];
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Counts the changes of what is shown and not stored. */
  readonly memory: Revision;
  /** The service's time, epoch ms: the only one. It does not jump when the machine's clock does. */
  readonly now: () => number;
  /** How `now` comes back to the machine's time. */
  readonly clock: Pick<ServiceClock, 'behindMs' | 'catchUp'>;
  /** Notified when there may be new work. */
  readonly wakeup: Wakeup;
  /** Absolute. */
  readonly dataDir: string;
  /** This worker's name in claims. */
  readonly workerId: string;
  /** This machine's name on breakers. */
  readonly host: string;
  readonly startedAt: number;
}
