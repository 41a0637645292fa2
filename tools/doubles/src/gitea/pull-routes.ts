/** Pull requests: open, list, read, edit, merge. */

import { NOT_FOUND, ok, page, refused, type Said } from './answers.ts';
import type { Asked } from './api.ts';
import { close, moveHead, settle } from './life.ts';
import { isMergeable, merge } from './merge.ts';
import { showPull } from './render.ts';
import { type Doer, type GiteaState, isWriter, now, type PullRow } from './state.ts';
import { tellPull } from './webhooks.ts';

export async function pullRoutes(state: GiteaState, asked: Asked): Promise<Said | null> {
  const { path, method } = asked;
  // From memory: what is switched off is not there.
  if (!state.settings.has_pull_requests && /^pulls\b/.test(path)) return NOT_FOUND;
  if (path === 'pulls') return method === 'POST' ? openFromBranch(state, asked) : list(state, asked);
  const [, digits, rest] = /^pulls\/(\d+)(\/merge)?$/.exec(path) ?? [];
  if (digits === undefined) return null;
  const number = Number(digits);
  if (rest === '/merge' && method === 'POST') return merge(state, { doer: asked.doer, number, form: asked.form });
  const row = state.pulls.get(number);
  if (row === undefined) return NOT_FOUND;
  if (rest === '/merge') return mergeState(row, method);
  await settle(state, row);
  if (method === 'GET') return ok(await show(state, row));
  return method === 'PATCH' ? edit(state, asked, row) : null;
}

async function show(state: GiteaState, row: PullRow) {
  const base = state.seen.get(row.base) ?? '';
  return showPull(state, row, { isMergeable: row.state === 'open' && (await isMergeable(state, row)), base });
}

function mergeState(row: PullRow, method: string): Said {
  if (method === 'GET') return row.mergedBy === null ? NOT_FOUND : { status: 204 };
  if (!row.isScheduled) return NOT_FOUND;
  row.isScheduled = false;
  return { status: 204 };
}

async function openFromBranch(state: GiteaState, { doer, form }: Asked): Promise<Said> {
  const branch = String(form['head']);
  const head = await state.repository.head(branch);
  if (head === null) return NOT_FOUND;
  const row = await open(state, {
    by: doer.login,
    title: String(form['title']),
    body: String(form['body'] ?? ''),
    branch,
    head,
    fork: null,
  });
  return { status: 201, body: await show(state, row) };
}

export interface Opening {
  readonly by: string;
  readonly title: string;
  readonly body?: string;
  readonly branch: string;
  readonly head: string;
  /** `owner/name` of the repository that the branch is in; null: in this one. */
  readonly fork: string | null;
}

export async function open(state: GiteaState, { by, title, body = '', branch, head, fork }: Opening): Promise<PullRow> {
  const at = now(state);
  const row: PullRow = {
    number: state.pulls.size + 1,
    author: by,
    title,
    body,
    base: state.main,
    branch,
    fork,
    isForkGone: false,
    head,
    state: 'open',
    mergedBy: null,
    mergedAs: null,
    labels: [],
    isScheduled: false,
    createdAt: at,
    updatedAt: at,
    checking: 0,
    detecting: 0,
    closing: null,
  };
  state.pulls.set(row.number, row);
  await moveHead(state, row, head);
  tellPull(state, row, { action: 'opened', by });
  return row;
}

async function list(state: GiteaState, { query }: Asked): Promise<Said> {
  const wanted = query.get('state') ?? 'open';
  const rows = [...state.pulls.values()].filter((row) => wanted === 'all' || row.state === wanted).reverse();
  const { body, headers = {} } = page(rows, query);
  const shown = await Promise.all((body as PullRow[]).map((row) => show(state, row)));
  return ok(shown, headers);
}

async function edit(state: GiteaState, { doer, form }: Asked, row: PullRow): Promise<Said> {
  if (!mayEdit(doer, row)) return refused(403, 'user should have a permission to write to a repo');
  if (typeof form['title'] === 'string') row.title = form['title'];
  if (typeof form['base'] === 'string') row.base = form['base'];
  if (form['state'] === 'closed' && row.state === 'open') close(state, row, doer.login);
  else if (form['state'] === 'open' && row.state === 'closed') {
    if (row.mergedBy !== null) return refused(412, 'pull request is already merged');
    row.state = 'open';
    tellPull(state, row, { action: 'reopened', by: doer.login });
  } else tellPull(state, row, { action: 'edited', by: doer.login });
  row.updatedAt = now(state);
  return { status: 201, body: await show(state, row) };
}

const mayEdit = ({ login, permission }: Doer, { author }: PullRow): boolean => isWriter(permission) || login === author;
