/**
 * Follows git: whoever moved a branch, by the API, by a push or beside the double, the pull requests and the webhooks say so
 * at the next look.
 *
 * ASSUMPTIONS, which were neither read in GitHub's documents nor seen on the real thing: an open pull request whose head
 * became reachable from its base is merged by itself, by whoever moved the base; one whose branch, or whose base, was deleted is
 * closed.
 */

import type { WebhookSender } from '../webhook-sender.ts';
import { commentShape } from './check-shapes.ts';
import type { Judge } from './judge.ts';
import { type Json, pullShape, type Roots, repositoryShape, userShape } from './shapes.ts';
import { type Account, type Comment, type GithubState, hasRole, type PullRequest, type Repository } from './state.ts';

export interface World {
  readonly state: GithubState;
  readonly roots: Roots;
  readonly webhooks: WebhookSender;
  readonly judge: Judge;
  /** Where a request, an answer or a webhook that GitHub's description does not know is reported. */
  readonly violations: string[];
}

export interface Said {
  readonly event: string;
  readonly by: Account;
  readonly payload: Json;
}

/** Sends one event of a repository, if it has a webhook that wants it. */
export function emit(
  { state, roots, webhooks, judge, violations }: World,
  repository: Repository,
  { event, by, payload }: Said,
): void {
  const hook = repository.hooks.find((one) => one.isActive && (one.events.includes('*') || one.events.includes(event)));
  if (hook === undefined) return;
  const id = String(state.id()).padStart(12, '0');
  const body = { ...payload, repository: repositoryShape(repository, roots), sender: userShape(by, roots) };
  violations.push(...judge.webhookProblems(event, body));
  webhooks.send({
    headers: { 'x-github-event': event, 'x-github-delivery': `00000000-0000-4000-8000-${id}` },
    body: JSON.stringify(body),
  });
}

export function emitPull(
  world: World,
  repository: Repository,
  of: { readonly pull: PullRequest; readonly action: string; readonly by: Account; readonly more?: Json },
): void {
  const { pull, action, by, more = {} } = of;
  const shape = pullShape({ repository, pull, roots: world.roots });
  emit(world, repository, {
    event: 'pull_request',
    by,
    payload: { action, number: pull.number, pull_request: shape, ...more },
  });
}

export function emitComment(
  world: World,
  repository: Repository,
  of: { readonly comment: Comment; readonly action: string; readonly by: Account },
): void {
  const { comment, action, by } = of;
  const issue = { number: comment.issue, pull_request: {}, user: userShape(comment.user, world.roots) };
  const payload = { action, issue, comment: commentShape(comment, repository, world.roots) };
  emit(world, repository, { event: 'issue_comment', by, payload });
}

/** Looks at every repository. `by` is who moved what moved. */
export async function follow(world: World, by: Account): Promise<void> {
  for (const repository of world.state.repositories.values()) {
    const now = await repository.bare.heads();
    const before = repository.seen;
    repository.seen = now;
    for (const branch of new Set([...before.keys(), ...now.keys()])) {
      const [from = NOWHERE, to = NOWHERE] = [before.get(branch), now.get(branch)];
      if (from !== to) emitMove(world, repository, { branch, from, to, by });
    }
  }
  for (const repository of world.state.repositories.values())
    for (const pull of repository.pulls) if (pull.state === 'open') await followPull(world, repository, pull, by);
}

const NOWHERE = '0'.repeat(40);

function emitMove(
  world: World,
  repository: Repository,
  move: { readonly branch: string; readonly from: string; readonly to: string; readonly by: Account },
): void {
  const { branch, from, to, by } = move;
  const named = { ref: branch, ref_type: 'branch', pusher_type: 'user' };
  if (from === NOWHERE)
    emit(world, repository, { event: 'create', by, payload: { ...named, master_branch: 'main', description: null } });
  if (to === NOWHERE) emit(world, repository, { event: 'delete', by, payload: named });
  const [created, deleted] = [from === NOWHERE, to === NOWHERE];
  const payload = { ref: `refs/heads/${branch}`, before: from, after: to, created, deleted, forced: false };
  emit(world, repository, { event: 'push', by, payload });
}

// biome-ignore lint/complexity/useMaxParams: the three that every event needs, and the pull request.
async function followPull(world: World, repository: Repository, pull: PullRequest, by: Account): Promise<void> {
  const { headRepository, branch } = pull;
  // From memory: a pull request stays as it is when the repository of its branch is deleted.
  const head = headRepository === null ? pull.head : headRepository.seen.get(branch);
  if (head !== undefined && head !== pull.head) {
    const before = pull.head;
    await takeHead(repository, pull, head);
    pull.updatedAt = world.state.stamp();
    emitPull(world, repository, { pull, action: 'synchronize', by, more: { before, after: head } });
  }
  const base = repository.seen.get(pull.base);
  const looked = `${base} ${pull.head} ${head}`;
  if (looked === pull.looked) return;
  const isMerged = base !== undefined && (await repository.bare.contains(base, pull.head));
  pull.looked = looked;
  // What was seen may be older than the name that it is to land on.
  const hasBase = base !== undefined || (await repository.bare.head(pull.base)) !== null;
  if (!isMerged && head !== undefined && hasBase) return;
  closePull(world, repository, { pull, by, isMerged });
}

export function closePull(
  world: World,
  repository: Repository,
  of: { readonly pull: PullRequest; readonly by: Account; readonly isMerged: boolean },
): void {
  const { pull, by, isMerged } = of;
  pull.state = 'closed';
  pull.closedAt = world.state.stamp();
  pull.updatedAt = pull.closedAt;
  pull.mergedAt = isMerged ? pull.closedAt : null;
  pull.mergedBy = isMerged ? by : null;
  emitPull(world, repository, { pull, action: 'closed', by });
}

/** The base repository has the commits of a fork under `refs/pull/N/head`. */
export async function takeHead(repository: Repository, pull: PullRequest, head: string): Promise<void> {
  pull.head = head;
  if (pull.headRepository !== null && pull.headRepository !== repository)
    await repository.bare.git(
      'fetch',
      '--quiet',
      pull.headRepository.bare.path,
      `+${head}:refs/pull/${pull.number}/head`,
    );
}

/** Why this account may not move a branch there; null: it may. Required checks are those of the commit it is to be at. */
export function whyNotMoved(
  repository: Repository,
  move: { readonly branch: string; readonly to: string; readonly by: Parameters<typeof hasRole>[1] },
): string | null {
  const { branch, to, by } = move;
  const isMain = branch === repository.defaultBranch;
  const rulesets = isMain ? repository.rulesets.filter(({ bypass = [] }) => !bypass.includes(by.account.login)) : [];
  if (rulesets.some(({ needsPullRequest }) => needsPullRequest === true))
    return 'Repository rule violations found\n\nChanges must be made through a pull request.\n\n';
  const needed = Math.max(0, ...rulesets.map(({ approvals = 0 }) => approvals));
  if (to !== '' && approvalsOf(repository, to) < needed)
    return `Repository rule violations found\n\nAt least ${needed} approving review is required by reviewers with write access.\n\n`;
  const protection = repository.protection.get(branch);
  const isBound = protection !== undefined && (protection.enforceAdmins || !hasRole(repository, by, 'admin'));
  const required = [...rulesets.flatMap((one) => one.required), ...(isBound ? protection.required : [])];
  const missing = required.find(({ context, appId }) => !hasPassed(repository, to, { context, appId }));
  return missing === undefined ? null : `Required status check "${missing.context}" is expected.`;
}

/** From memory: of the pull request whose head it is. */
function approvalsOf(repository: Repository, sha: string): number {
  const pull = repository.pulls.find(({ head }) => head === sha);
  const last = new Map(pull?.reviews.map(({ user, state }) => [user.login, state]));
  return [...last.values()].filter((state) => state === 'APPROVED').length;
}

const PASSES = new Set(['success', 'neutral', 'skipped']);

function hasPassed(
  repository: Repository,
  sha: string,
  of: { readonly context: string; readonly appId: number | null },
): boolean {
  const runs = repository.checkRuns.filter(
    (one) => one.sha === sha && one.name === of.context && (of.appId === null || one.app.id === of.appId),
  );
  const run = runs.at(-1);
  const status = repository.statuses.filter((one) => one.sha === sha && one.context === of.context).at(-1);
  if (run === undefined && status === undefined) return false;
  return (
    (run === undefined || PASSES.has(run.conclusion ?? '')) && (status === undefined || status.state === 'success')
  );
}
