/** Branches, protection, statuses of commits, rights of people, webhooks. */

import { ADMINS_ONLY, FAILED, NOT_FOUND, ok, page, refused, type Said } from './answers.ts';
import type { Asked } from './api.ts';
import { notice } from './life.ts';
import { showProtection, showStatus, showUser } from './render.ts';
import { type Doer, type GiteaState, isAdmin, isWriter, nextId, now, type ProtectionRule } from './state.ts';
import { tell } from './webhooks.ts';

export async function branchRoutes(state: GiteaState, asked: Asked): Promise<Said | null> {
  const [kind = '', name = '', rest] = split(asked.path);
  switch (kind) {
    case 'branches':
      return branch(state, asked, decodeURIComponent([name, rest].filter((part) => part !== undefined).join('/')));
    case 'branch_protections':
      return protection(state, asked, name);
    case 'statuses':
      return asked.method === 'POST' ? addStatus(state, asked, name) : null;
    case 'git':
      return asked.method === 'GET' && name === 'commits' ? gitCommit(state, rest ?? '') : null;
    case 'commits':
      return rest === 'status' ? combined(state, asked, name) : null;
    case 'collaborators':
      return rest === 'permission' ? permission(state, asked.doer, decodeURIComponent(name)) : null;
    case 'hooks':
      return isAdmin(asked.doer.permission) ? page(state.hooks.map(showHook), asked.query) : ADMINS_ONLY;
    default:
      return null;
  }
}

const showHook = ({ url, events }: GiteaState['hooks'][number], at: number) => ({
  id: at + 1,
  type: 'gitea',
  active: true,
  events,
  config: { content_type: 'json', url },
});

/** First part, second part, the rest. */
function split(path: string): readonly (string | undefined)[] {
  const [kind, name, ...rest] = path.split('/');
  return [kind, name, rest.length === 0 ? undefined : rest.join('/')];
}

async function branch(state: GiteaState, { doer, method, form }: Asked, name: string): Promise<Said> {
  const commit = state.seen.get(name) ?? null;
  if (method === 'PUT') return { status: 405, headers: { allow: 'GET, DELETE, PATCH' } };
  if (method === 'PATCH') return renameBranch(state, doer, { name, commit, to: String(form['name']) });
  if (method === 'DELETE') return deleteBranch(state, doer, { name, commit });
  if (commit === null) return NOT_FOUND;
  const rule = state.protection.get(name);
  const mayWrite = isWriter(doer.permission);
  return ok({
    name,
    commit: { id: commit },
    protected: rule !== undefined,
    required_approvals: rule?.required_approvals ?? 0,
    enable_status_check: rule?.status_check_contexts != null,
    status_check_contexts: rule?.status_check_contexts ?? [],
    user_can_push: mayWrite && mayPush(rule, doer.login),
    user_can_merge: mayWrite && (rule?.merge_whitelist?.includes(doer.login) ?? true),
    effective_branch_protection_name: rule?.rule_name ?? '',
  });
}

/** From memory: pull requests follow, whether it is their branch or the one they are to land on, and so does the default branch. */
async function renameBranch(
  state: GiteaState,
  doer: Doer,
  { name, commit, to }: Readonly<{ name: string; commit: string | null; to: string }>,
): Promise<Said> {
  if (!isAdmin(doer.permission)) return refused(403, 'user should be a repository admin');
  if (commit === null) return NOT_FOUND;
  await state.repository.move(`refs/heads/${to}`, null, commit);
  if (state.main === name) {
    state.main = to;
    await state.repository.git('symbolic-ref', 'HEAD', `refs/heads/${to}`);
  }
  for (const row of state.pulls.values()) {
    if (row.state !== 'open') continue;
    if (row.base === name) row.base = to;
    if (row.branch === name && row.fork === null) row.branch = to;
  }
  await state.repository.move(`refs/heads/${name}`, commit, null);
  await notice(state, doer.login);
  return { status: 204 };
}

export const mayPush = (rule: ProtectionRule | undefined, login: string): boolean =>
  rule?.push_whitelist?.includes(login) ?? true;

async function deleteBranch(
  state: GiteaState,
  doer: Doer,
  { name, commit }: Readonly<{ name: string; commit: string | null }>,
): Promise<Said> {
  if (name === state.main) return refused(403, 'can not delete default branch');
  if (commit !== null) await state.repository.move(`refs/heads/${name}`, commit, null);
  await notice(state, doer.login);
  return { status: 204 };
}

function protection(state: GiteaState, { doer, method, form }: Asked, name: string): Said | null {
  if (!isAdmin(doer.permission)) return ADMINS_ONLY;
  if (method === 'GET') {
    const rule = state.protection.get(name);
    return rule === undefined ? NOT_FOUND : ok(showProtection(rule));
  }
  if (method !== 'POST') return null;
  const names = (field: string): string[] => (Array.isArray(form[field]) ? form[field].map(String) : []);
  const rule: ProtectionRule = {
    rule_name: String(form['rule_name']),
    push_whitelist: form['enable_push_whitelist'] === true ? names('push_whitelist_usernames') : null,
    merge_whitelist: form['enable_merge_whitelist'] === true ? names('merge_whitelist_usernames') : null,
    status_check_contexts: form['enable_status_check'] === true ? names('status_check_contexts') : null,
    required_approvals: Number(form['required_approvals'] ?? 0),
    block_on_rejected_reviews: form['block_on_rejected_reviews'] === true,
  };
  state.protection.set(rule.rule_name, rule);
  return { status: 201, body: showProtection(rule) };
}

async function addStatus(state: GiteaState, { doer, form }: Asked, commit: string): Promise<Said> {
  if (!isWriter(doer.permission)) return refused(403, 'user should have a permission to write to a repo');
  if (!(await state.repository.has(commit))) return FAILED;
  const row = {
    id: nextId(state),
    commit,
    context: String(form['context'] ?? 'default'),
    // Any text is taken.
    state: String(form['state']),
    description: String(form['description'] ?? ''),
    creator: doer.login,
    at: now(state),
  };
  state.statuses.push(row);
  const body = { sha: commit, state: row.state, context: row.context, description: row.description };
  tell(state, { event: 'status', type: 'status', by: doer.login, body });
  return { status: 201, body: showStatus(row) };
}

async function gitCommit(state: GiteaState, commit: string): Promise<Said> {
  return (await state.repository.has(commit)) ? ok({ sha: commit }) : NOT_FOUND;
}

/** The last status of each context. */
function combined(state: GiteaState, { query }: Asked, commit: string): Said {
  const last = new Map(state.statuses.filter((row) => row.commit === commit).map((row) => [row.context, row]));
  const all = [...last.values()].map(showStatus);
  const { body, headers = {} } = page(all, query);
  const worst = ['error', 'failure', 'pending'].find((bad) => all.some(({ status }) => status === bad)) ?? 'success';
  return ok(
    { state: all.length === 0 ? 'pending' : worst, sha: commit, total_count: all.length, statuses: body },
    headers,
  );
}

function permission(state: GiteaState, doer: Doer, login: string): Said {
  if (!isAdmin(doer.permission) && doer.login !== login)
    return refused(
      403,
      'Only admins can query all permissions, repo admins can query all repo permissions, collaborators can query only their own',
    );
  const found = state.people.get(login);
  if (found === undefined) return NOT_FOUND;
  return ok({ permission: found, role_name: found, user: showUser(login) });
}
