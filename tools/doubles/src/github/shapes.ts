/** Accounts, repositories and pull requests as GitHub's description shapes them. Most addresses are only shaped like one. */
import { type Account, type App, fullName, type PullRequest, type Repository, type Review } from './state.ts';

export type Json = Record<string, unknown>;

/** Where the double is. */
export interface Roots {
  /** Without a slash at its end. */
  readonly web: string;
  readonly api: string;
}

const USER_LINKS = 'events followers following gists organizations received_events repos starred subscriptions'.split(
  ' ',
);
const REPOSITORY_LINKS =
  'archive assignees blobs branches collaborators comments commits compare contents contributors deployments downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags teams trees'.split(
    ' ',
  );
const REPOSITORY_ZEROS =
  'forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count network_count subscribers_count'.split(
    ' ',
  );
const linked = (names: readonly string[], root: string): Json =>
  Object.fromEntries(names.map((name) => [`${name}_url`, `${root}/${name}`]));

export function userShape({ id, login, type }: Account, { web, api }: Roots): Json {
  return {
    ...linked(USER_LINKS, `${api}/users/${login}`),
    id,
    login,
    type,
    node_id: `U_${id}`,
    avatar_url: `${web}/avatars/${id}`,
    gravatar_id: '',
    html_url: `${web}/${login}`,
    url: `${api}/users/${login}`,
    site_admin: false,
  };
}

export function repositoryShape(repository: Repository, roots: Roots): Json {
  const { id, name, owner, defaultBranch, isFork, isArchived } = repository;
  const full = fullName(repository);
  const url = `${roots.api}/repos/${full}`;
  return {
    ...linked(REPOSITORY_LINKS, url),
    ...Object.fromEntries(REPOSITORY_ZEROS.map((zero) => [zero, 0])),
    id,
    node_id: `R_${id}`,
    name,
    full_name: full,
    owner: userShape(owner, roots),
    private: false,
    html_url: `${roots.web}/${full}`,
    clone_url: `${roots.web}/${full}.git`,
    git_url: `git://double.invalid/${full}.git`,
    ssh_url: `git@double.invalid:${full}.git`,
    svn_url: `${roots.web}/${full}`,
    url,
    description: null,
    default_branch: defaultBranch,
    fork: isFork,
    archived: isArchived,
    disabled: false,
    has_downloads: false,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    homepage: null,
    language: null,
    license: null,
    mirror_url: null,
    pushed_at: '2026-01-01T00:00:00Z',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    topics: [],
    visibility: 'public',
  };
}

export interface PullScene {
  readonly repository: Repository;
  readonly pull: PullRequest;
  readonly roots: Roots;
}

const labelShape = (name: string, url: string): Json => ({
  id: 1,
  node_id: 'L_1',
  url: `${url}/labels/${encodeURIComponent(name)}`,
  name,
  description: '',
  color: 'ededed',
  default: false,
});

const PULL_LINKS = ['comments', 'commits', 'statuses', 'html', 'issue', 'review_comments', 'review_comment', 'self'];

/** As a list has it. */
export function simplePullShape({ repository, pull, roots }: PullScene): Json {
  const at = `${roots.api}/repos/${fullName(repository)}`;
  const html = `${roots.web}/${fullName(repository)}/pull/${pull.number}`;
  const side = (of: Repository | null, ref: string, sha: string | null): Json => ({
    label: `${of?.owner.login ?? 'unknown'}:${ref}`,
    ref,
    sha,
    repo: of === null ? null : repositoryShape(of, roots),
    user: of === null ? null : userShape(of.owner, roots),
  });
  return {
    ...linked(['comments', 'commits', 'diff', 'issue', 'patch', 'review_comment', 'review_comments', 'statuses'], html),
    _links: Object.fromEntries(PULL_LINKS.map((name) => [name, { href: html }])),
    id: pull.id,
    node_id: `PR_${pull.id}`,
    number: pull.number,
    url: `${at}/pulls/${pull.number}`,
    html_url: html,
    title: pull.title,
    body: null,
    state: pull.state,
    locked: false,
    draft: pull.isDraft,
    user: userShape(pull.user, roots),
    labels: pull.labels.map((name) => labelShape(name, at)),
    head: side(pull.headRepository, pull.branch, pull.head),
    base: side(repository, pull.base, repository.seen.get(pull.base) ?? pull.head),
    assignee: null,
    milestone: null,
    author_association: 'NONE',
    auto_merge: null,
    merge_commit_sha: pull.mergedAt === null ? null : pull.head,
    merged_at: pull.mergedAt,
    closed_at: pull.closedAt,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
  };
}

/** As one is read alone. */
export function pullShape(scene: PullScene): Json {
  const { pull, roots } = scene;
  return {
    ...simplePullShape(scene),
    additions: 0,
    deletions: 0,
    changed_files: 0,
    comments: 0,
    commits: 1,
    review_comments: 0,
    maintainer_can_modify: false,
    mergeable: null,
    mergeable_state: 'unknown',
    merged: pull.mergedAt !== null,
    merged_by: pull.mergedBy === null ? null : userShape(pull.mergedBy, roots),
  };
}

export function reviewShape(review: Review, scene: PullScene): Json {
  const html = `${scene.roots.web}/${fullName(scene.repository)}/pull/${scene.pull.number}#review-${review.id}`;
  return {
    id: review.id,
    node_id: `PRR_${review.id}`,
    user: userShape(review.user, scene.roots),
    body: review.body,
    state: review.state,
    commit_id: review.sha,
    submitted_at: review.at,
    html_url: html,
    pull_request_url: html,
    author_association: 'NONE',
    _links: { html: { href: html }, pull_request: { href: html } },
  };
}

export const appShape = (app: App, roots: Roots): Json => ({
  id: app.id,
  slug: app.slug,
  node_id: `A_${app.id}`,
  owner: userShape({ id: app.id, login: 'app-owner', type: 'User' }, roots),
  name: app.slug,
  description: null,
  external_url: roots.web,
  html_url: `${roots.web}/apps/${app.slug}`,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  permissions: app.permissions,
  events: [],
});
