/** Statuses, check runs, rules, branches, comments and hooks as GitHub's description shapes them. */
import { appShape, type Json, type Roots, repositoryShape, userShape } from './shapes.ts';
import {
  type CheckRun,
  type Comment,
  fullName,
  type Hook,
  type Protection,
  type Repository,
  type Ruleset,
  type Status,
} from './state.ts';

const apiOf = (repository: Repository, { api }: Roots): string => `${api}/repos/${fullName(repository)}`;

export function statusShape(status: Status, repository: Repository, roots: Roots): Json {
  return {
    id: status.id,
    node_id: `S_${status.id}`,
    url: `${apiOf(repository, roots)}/statuses/${status.sha}`,
    avatar_url: `${roots.web}/avatars/${status.creator.id}`,
    state: status.state,
    description: status.description,
    target_url: null,
    context: status.context,
    created_at: status.at,
    updated_at: status.at,
  };
}

/** The last status of each context, and what they come to. */
export function combinedShape(sha: string, repository: Repository, roots: Roots): Json {
  const last = new Map(repository.statuses.filter((one) => one.sha === sha).map((one) => [one.context, one]));
  const states = [...last.values()].map(({ state }) => state);
  const isRed = states.some((state) => state === 'failure' || state === 'error');
  const isPending = states.length === 0 || states.includes('pending');
  return {
    state: isRed ? 'failure' : isPending ? 'pending' : 'success',
    sha,
    total_count: last.size,
    statuses: [...last.values()].map((one) => statusShape(one, repository, roots)),
    repository: repositoryShape(repository, roots),
    commit_url: `${apiOf(repository, roots)}/commits/${sha}`,
    url: `${apiOf(repository, roots)}/commits/${sha}/status`,
  };
}

export function checkRunShape(run: CheckRun, repository: Repository, roots: Roots): Json {
  const url = `${apiOf(repository, roots)}/check-runs/${run.id}`;
  return {
    id: run.id,
    node_id: `CR_${run.id}`,
    head_sha: run.sha,
    name: run.name,
    url,
    html_url: url,
    details_url: url,
    external_id: '',
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    check_suite: { id: run.id },
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: url },
    app: appShape(run.app, roots),
    pull_requests: [],
  };
}

/** The rules of main, each with the ruleset it comes from. */
export function ruleShapes(rulesets: readonly Ruleset[], repository: Repository): Json[] {
  return rulesets.flatMap(({ id, required, needsPullRequest, approvals = 0 }) => {
    const from = { ruleset_id: id, ruleset_source: fullName(repository), ruleset_source_type: 'Repository' };
    const checks = required.map(({ context, appId }) => ({
      context,
      ...(appId === null ? {} : { integration_id: appId }),
    }));
    const parameters = { required_status_checks: checks, strict_required_status_checks_policy: false };
    const reviews = {
      dismiss_stale_reviews_on_push: false,
      require_code_owner_review: false,
      require_last_push_approval: false,
      required_approving_review_count: approvals,
      required_review_thread_resolution: false,
    };
    return [
      ...(required.length === 0 ? [] : [{ type: 'required_status_checks', parameters, ...from }]),
      ...(needsPullRequest === true || approvals > 0 ? [{ type: 'pull_request', parameters: reviews, ...from }] : []),
    ];
  });
}

export const rulesetShape = ({ id, name, bypass = [] }: Ruleset, repository: Repository, login: string): Json => ({
  id,
  name,
  target: 'branch',
  source_type: 'Repository',
  source: fullName(repository),
  enforcement: 'active',
  current_user_can_bypass: bypass.includes(login) ? 'always' : 'never',
});

/** `limited`: what everybody may read of a protection. */
export function protectionShape({ required, enforceAdmins }: Protection, url: string, of: 'whole' | 'limited'): Json {
  const checks = {
    contexts: required.map(({ context }) => context),
    checks: required.map(({ context, appId }) => ({ context, app_id: appId })),
  };
  const seen = required.length === 0 ? {} : { required_status_checks: checks };
  return of === 'whole'
    ? { url, ...seen, enforce_admins: { url: `${url}/enforce_admins`, enabled: enforceAdmins } }
    : { enabled: true, ...seen };
}

const commitShape = (sha: string, at: string): Json => ({
  url: `${at}/commits/${sha}`,
  sha,
  node_id: `C_${sha}`,
  html_url: `${at}/commits/${sha}`,
  comments_url: `${at}/commits/${sha}`,
  commit: { author: null, committer: null, comment_count: 0, message: '', url: at, tree: { sha, url: at } },
  author: null,
  committer: null,
  parents: [],
});

/** How two commits stand to each other; their commits and files are left out. */
export function comparisonShape(
  repository: Repository,
  of: { readonly base: string; readonly head: string; readonly common: string },
  roots: Roots,
): Json {
  const { base, head, common } = of;
  const at = apiOf(repository, roots);
  const url = `${at}/compare/${base}...${head}`;
  const status = base === head ? 'identical' : common === head ? 'behind' : common === base ? 'ahead' : 'diverged';
  return {
    ...{ url, html_url: url, permalink_url: url, diff_url: url, patch_url: url },
    base_commit: commitShape(base, at),
    merge_base_commit: commitShape(common, at),
    status,
    ahead_by: 0,
    behind_by: 0,
    total_commits: 0,
    commits: [],
  };
}

export interface BranchScene {
  readonly repository: Repository;
  readonly branch: string;
  readonly sha: string;
  readonly roots: Roots;
}

export function branchShape({ repository, branch, sha, roots }: BranchScene): Json {
  const at = apiOf(repository, roots);
  const url = `${at}/branches/${branch}`;
  const protection = repository.protection.get(branch);
  const isRuled = branch === repository.defaultBranch && repository.rulesets.length > 0;
  return {
    name: branch,
    commit: commitShape(sha, at),
    _links: { html: url, self: url },
    protected: protection !== undefined || isRuled,
    protection: protection === undefined ? { enabled: false } : protectionShape(protection, url, 'limited'),
    protection_url: `${url}/protection`,
  };
}

export function commentShape(comment: Comment, repository: Repository, roots: Roots): Json {
  const html = `${roots.web}/${fullName(repository)}/pull/${comment.issue}#issuecomment-${comment.id}`;
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `${apiOf(repository, roots)}/issues/comments/${comment.id}`,
    html_url: html,
    issue_url: `${apiOf(repository, roots)}/issues/${comment.issue}`,
    body: comment.body,
    user: userShape(comment.user, roots),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: 'NONE',
  };
}

export function hookShape(hook: Hook, repository: Repository, roots: Roots): Json {
  const url = `${apiOf(repository, roots)}/hooks/${hook.id}`;
  const at = '2026-01-01T00:00:00Z';
  return {
    type: 'Repository',
    id: hook.id,
    name: 'web',
    active: hook.isActive,
    events: hook.events,
    config: { url: hook.url, content_type: 'json', insecure_ssl: '0' },
    url,
    test_url: `${url}/tests`,
    ping_url: `${url}/pings`,
    created_at: at,
    updated_at: at,
    last_response: { code: hook.lastCode, status: hook.lastCode === null ? 'unused' : 'active', message: null },
  };
}
