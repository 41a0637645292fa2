/** What a GitHub keeps beside git, as plain data, and how it is changed by people of a test. */
import type { BareRepository } from '../bare-repository.ts';

export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read';

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot' | 'Organization';
}

/** `app_id` null: whoever reports it. */
export interface RequiredContext {
  readonly context: string;
  readonly appId: number | null;
}

/** A ruleset on main. */
export interface Ruleset {
  readonly id: number;
  readonly name: string;
  readonly required: readonly RequiredContext[];
  /** Changes have to come by pull request. */
  readonly needsPullRequest?: boolean;
  /** Changes have to be approved by so many; by a pull request whose head they are. */
  readonly approvals?: number;
  /** Logins whom it does not bind. */
  readonly bypass?: readonly string[];
}

/** Classic protection of a branch; read with admin rights only. */
export interface Protection {
  readonly required: readonly RequiredContext[];
  readonly enforceAdmins: boolean;
}

export interface Status {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: string;
  readonly description: string | null;
  readonly creator: Account;
  readonly at: string;
}

export interface CheckRun {
  readonly id: number;
  readonly sha: string;
  readonly name: string;
  readonly app: App;
  status: string;
  conclusion: string | null;
  readonly startedAt: string;
  completedAt: string | null;
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly user: Account;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
}

export interface Review {
  readonly id: number;
  readonly user: Account;
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED';
  readonly body: string;
  readonly sha: string;
  readonly at: string;
}

export interface PullRequest {
  readonly id: number;
  readonly number: number;
  readonly user: Account;
  title: string;
  base: string;
  /** Null: it was deleted. */
  headRepository: Repository | null;
  readonly branch: string;
  head: string;
  isDraft: boolean;
  labels: string[];
  state: 'open' | 'closed';
  mergedAt: string | null;
  mergedBy: Account | null;
  closedAt: string | null;
  readonly createdAt: string;
  updatedAt: string;
  readonly reviews: Review[];
  /** Base and head as they were when it was last looked whether one has the other. */
  looked: string;
}

export interface Hook {
  readonly id: number;
  readonly url: string;
  readonly events: readonly string[];
  isActive: boolean;
  lastCode: number | null;
}

export interface Repository {
  readonly id: number;
  owner: Account;
  name: string;
  readonly bare: BareRepository;
  defaultBranch: string;
  readonly isFork: boolean;
  isArchived: boolean;
  /** Whoever has no role there does not see it. */
  isPrivate: boolean;
  /** From memory: private, and without a plan that has rules. */
  isUnpaid: boolean;
  readonly roles: Map<string, Role>;
  readonly rulesets: Ruleset[];
  readonly protection: Map<string, Protection>;
  readonly statuses: Status[];
  readonly checkRuns: CheckRun[];
  readonly comments: Comment[];
  readonly pulls: PullRequest[];
  readonly hooks: Hook[];
  /** Branches as they were when they were last looked at. */
  seen: ReadonlyMap<string, string>;
}

export interface App {
  readonly id: number;
  readonly slug: string;
  /** PEM. */
  readonly publicKey: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly installation: number;
  /** Full names of the repositories it is installed on. */
  readonly repositories: ReadonlySet<string>;
}

/** Who a token speaks for. */
export interface Bearer {
  readonly account: Account;
  /** Classic tokens only. */
  readonly scopes: readonly string[] | null;
  /** Tokens of an App's installation only. */
  readonly app: App | null;
  readonly expiresAtMs: number | null;
}

export class GithubState {
  readonly repositories = new Map<string, Repository>();
  readonly accounts = new Map<string, Account>();
  readonly bearers = new Map<string, Bearer>();
  readonly apps: App[] = [];
  /** Full names that a repository had, in lower case. */
  readonly renamed = new Map<string, Repository>();
  /** Seconds since 1970 until which every call is refused; null: none. */
  limitedUntilS: number | null = null;
  /** Whether a refused call says `retry-after` instead of when the quota comes back. */
  isSecondaryLimit = false;
  #last = 1000;
  #tick = 0;

  id(): number {
    this.#last += 1;
    return this.#last;
  }

  nowMs(): number {
    return Date.now() + this.#tick * 1000;
  }

  /** A second passes at each writing: GitHub's times have no parts of one. */
  stamp(): string {
    this.#tick += 1;
    return `${new Date(this.nowMs()).toISOString().slice(0, 19)}Z`;
  }

  account(login: string, type: Account['type'] = 'User'): Account {
    const known = this.accounts.get(login.toLowerCase());
    if (known !== undefined) return known;
    const made = { id: this.id(), login, type };
    this.accounts.set(login.toLowerCase(), made);
    return made;
  }

  repository(owner: string, name: string): Repository | undefined {
    return this.repositories.get(`${owner}/${name}`.toLowerCase());
  }
}

/** Whether somebody sees that it is there. */
export const maySee = ({ isPrivate, roles }: Repository, { account, app }: Pick<Bearer, 'account' | 'app'>): boolean =>
  !isPrivate || app !== null || roles.has(account.login.toLowerCase());

const RANK: Readonly<Record<Role, number>> = { read: 1, triage: 2, write: 3, maintain: 4, admin: 5 };

/** Whether somebody has at least this role. Everybody may read. */
export function hasRole(
  repository: Repository,
  { account, app }: Pick<Bearer, 'account' | 'app'>,
  least: Role,
): boolean {
  if (app !== null) return app.repositories.has(fullName(repository)) && appRole(app) >= RANK[least];
  return RANK[repository.roles.get(account.login.toLowerCase()) ?? 'read'] >= RANK[least];
}

const appRole = (app: App): number =>
  app.permissions['administration'] === 'write'
    ? RANK.admin
    : app.permissions['contents'] === 'write'
      ? RANK.write
      : RANK.read;

export const fullName = ({ owner, name }: Pick<Repository, 'owner' | 'name'>): string => `${owner.login}/${name}`;
