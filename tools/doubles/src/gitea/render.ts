/** Rows as the API shows them: the recorded shapes, cut to what says something. */
import type { CommentRow, GiteaState, ProtectionRule, PullRow, ReviewRow, StatusRow } from './state.ts';
import { isAdmin, isWriter, type Permission } from './state.ts';

const user = (login: string) => ({ login, username: login, full_name: '', is_admin: false });

export const showUser = user;

export const showLabel = (state: GiteaState, name: string) => ({ id: state.labels.indexOf(name) + 1, name });

export function showRepository(state: GiteaState, permission: Permission | null = null) {
  const full = `${state.owner}/${state.name}`;
  return {
    id: state.id,
    owner: user(state.owner),
    name: state.name,
    full_name: full,
    private: true,
    fork: false,
    html_url: `${state.url}/${full}`,
    clone_url: `${state.url}/${full}.git`,
    default_branch: state.main,
    ...(permission === null
      ? {}
      : { permissions: { admin: isAdmin(permission), push: isWriter(permission), pull: permission !== 'none' } }),
    ...state.settings,
  };
}

/** @param isMergeable false while the check runs, and for a conflict: not to be told apart. */
export function showPull(
  state: GiteaState,
  row: PullRow,
  { isMergeable, base }: Readonly<{ isMergeable: boolean; base: string }>,
) {
  const full = `${state.owner}/${state.name}`;
  const ofHead = row.fork === null ? showRepository(state) : { id: 2, full_name: row.fork, fork: true };
  return {
    id: row.number,
    number: row.number,
    html_url: `${state.url}/${full}/pulls/${row.number}`,
    user: user(row.author),
    title: row.title,
    body: row.body,
    labels: row.labels.map((name) => showLabel(state, name)),
    state: row.state,
    draft: isWorkInProgress(row),
    comments: [...state.comments.values()].filter(({ pull }) => pull === row.number).length,
    mergeable: isMergeable,
    merged: row.mergedBy !== null,
    merged_at: row.mergedBy === null ? null : row.updatedAt,
    merge_commit_sha: row.mergedAs,
    merged_by: row.mergedBy === null ? null : user(row.mergedBy),
    base: { label: row.base, ref: row.base, sha: base, repo_id: 1, repo: showRepository(state) },
    head: row.isForkGone
      ? { label: row.branch, ref: `refs/pull/${row.number}/head`, sha: row.head, repo_id: -1, repo: null }
      : { label: row.branch, ref: row.branch, sha: row.head, repo_id: row.fork === null ? 1 : 2, repo: ofHead },
    created_at: row.createdAt,
    updated_at: row.updatedAt,
    closed_at: row.state === 'closed' ? row.updatedAt : null,
  };
}

export const isWorkInProgress = ({ title }: PullRow): boolean => /^(WIP:|\[WIP\])/i.test(title);

export const showComment = (state: GiteaState, row: CommentRow) => ({
  id: row.id,
  pull_request_url: `${state.url}/${state.owner}/${state.name}/pulls/${row.pull}`,
  issue_url: '',
  user: user(row.author),
  body: row.body,
  created_at: row.createdAt,
  updated_at: row.updatedAt,
});

export const showStatus = (row: StatusRow) => ({
  id: row.id,
  status: row.state,
  description: row.description,
  context: row.context,
  creator: user(row.creator),
  created_at: row.at,
  updated_at: row.at,
});

export const showReview = (row: ReviewRow, head: string) => ({
  id: row.id,
  user: user(row.reviewer),
  state: row.state,
  body: row.body,
  commit_id: row.commit,
  stale: row.commit !== head,
  official: !row.isDismissed && row.state !== 'COMMENT',
  dismissed: row.isDismissed,
  submitted_at: row.at,
});

export const showProtection = (rule: ProtectionRule) => ({
  branch_name: rule.rule_name,
  rule_name: rule.rule_name,
  enable_push: true,
  enable_push_whitelist: rule.push_whitelist !== null,
  push_whitelist_usernames: rule.push_whitelist ?? [],
  enable_merge_whitelist: rule.merge_whitelist !== null,
  merge_whitelist_usernames: rule.merge_whitelist ?? [],
  enable_status_check: rule.status_check_contexts !== null,
  status_check_contexts: rule.status_check_contexts ?? [],
  required_approvals: rule.required_approvals,
  block_on_rejected_reviews: rule.block_on_rejected_reviews,
});
