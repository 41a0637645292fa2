/** Everything the Gitea double knows beside the git repository: plain rows, changed by the files beside this one. */
import { createHash } from 'node:crypto';
import type { BareRepository } from '../bare-repository.ts';
import type { WebhookSender } from '../webhook-sender.ts';

export type Permission = 'owner' | 'admin' | 'write' | 'read' | 'none';

/** Settings of the repository, by the names of the API. */
export interface RepositorySettings {
  archived: boolean;
  has_pull_requests: boolean;
  allow_fast_forward_only_merge: boolean;
  allow_manual_merge: boolean;
  autodetect_manual_merge: boolean;
}

/** A protected branch; a whitelist of null lets everybody who may write. */
export interface ProtectionRule {
  readonly rule_name: string;
  readonly push_whitelist: readonly string[] | null;
  readonly merge_whitelist: readonly string[] | null;
  /** Null: no checks are required. */
  readonly status_check_contexts: readonly string[] | null;
  readonly required_approvals: number;
  readonly block_on_rejected_reviews: boolean;
}

/** A pull request is a row over real refs. */
export interface PullRow {
  readonly number: number;
  readonly author: string;
  title: string;
  body: string;
  base: string;
  /** Name of its branch. */
  branch: string;
  /** `owner/name` of the repository that its branch is in; null: in this one. */
  readonly fork: string | null;
  /** The repository that its branch is in was deleted, and it stays open. */
  isForkGone: boolean;
  /** Where its branch was last seen. */
  head: string;
  state: 'open' | 'closed';
  mergedBy: string | null;
  mergedAs: string | null;
  labels: string[];
  isScheduled: boolean;
  readonly createdAt: string;
  updatedAt: string;
  /** Readings left until background work is seen: the mergeable check, an autodetected merge, closing after its branch went. */
  checking: number;
  detecting: number;
  closing: number | null;
}

export interface CommentRow {
  readonly id: number;
  readonly pull: number;
  readonly author: string;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
}

export interface StatusRow {
  readonly id: number;
  readonly commit: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly creator: string;
  readonly at: string;
}

export interface ReviewRow {
  readonly id: number;
  readonly pull: number;
  readonly reviewer: string;
  readonly state: 'APPROVED' | 'REQUEST_CHANGES' | 'COMMENT';
  readonly body: string;
  readonly commit: string;
  readonly at: string;
  isDismissed: boolean;
}

/** How many readings (of the pull request, or merges asked for) pass before Gitea's background work is seen. */
export interface Lag {
  checks: number;
  detection: number;
  closing: number;
}

export interface GiteaState {
  owner: string;
  name: string;
  /** Its number: another one is another repository, whatever it holds. */
  id: number;
  /** Full names that it had, in lower case. */
  readonly formerNames: Set<string>;
  /** Full names at which another repository with the very same commits stands, in lower case. */
  readonly strangers: Set<string>;
  /** What somebody tried to change at one of those. */
  readonly misdirected: string[];
  main: string;
  readonly repository: BareRepository;
  readonly webhooks: WebhookSender;
  readonly people: Map<string, Permission>;
  readonly settings: RepositorySettings;
  readonly protection: Map<string, ProtectionRule>;
  readonly pulls: Map<number, PullRow>;
  readonly comments: Map<number, CommentRow>;
  readonly statuses: StatusRow[];
  readonly reviews: ReviewRow[];
  readonly labels: string[];
  readonly lag: Lag;
  readonly hooks: { readonly url: string; readonly events: readonly string[] }[];
  /** Branch heads as they were last seen. */
  seen: ReadonlyMap<string, string>;
  /** `http://127.0.0.1:PORT`; set when it listens. */
  url: string;
  seconds: number;
  lastId: number;
  /** By base and head: whether they merge without a conflict. */
  readonly mergeable: Map<string, boolean>;
}

export const fullName = ({ owner, name }: Pick<GiteaState, 'owner' | 'name'>): string => `${owner}/${name}`;

export const nextId = (state: GiteaState): number => {
  state.lastId += 1;
  return state.lastId;
};

/** Gitea tells whole seconds. Here one passes at every act, so that what is later is told as later. */
export function now(state: GiteaState): string {
  state.seconds += 1;
  return new Date(state.seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** The token of a person, in the form of the real ones: 40 hex digits. */
export const tokenOf = (login: string, scope: 'write' | 'read' = 'write'): string =>
  createHash('sha1').update(`${scope} token of ${login}`).digest('hex');

export interface Doer {
  readonly login: string;
  readonly permission: Permission;
  readonly mayWrite: boolean;
}

/** Who a token belongs to; null: nobody. */
export function doerOf({ people }: GiteaState, token: string): Doer | null {
  for (const [login, permission] of people) {
    if (token === tokenOf(login)) return { login, permission, mayWrite: true };
    if (token === tokenOf(login, 'read')) return { login, permission, mayWrite: false };
  }
  return null;
}

export const isWriter = (permission: Permission): boolean =>
  permission === 'write' || permission === 'admin' || permission === 'owner';
export const isAdmin = (permission: Permission): boolean => permission === 'admin' || permission === 'owner';
