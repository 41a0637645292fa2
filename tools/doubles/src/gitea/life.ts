/** The life of pull requests: what follows from refs that moved, whoever moved them. */
import { type GiteaState, now, type PullRow } from './state.ts';
import { tell, tellPull } from './webhooks.ts';

const NOWHERE = '0'.repeat(40);

/** Looks at the refs and carries out what follows from what moved. @param by who moved them. */
export async function notice(state: GiteaState, by: string): Promise<void> {
  const before = state.seen;
  const heads = await state.repository.heads();
  state.seen = heads;
  for (const name of new Set([...before.keys(), ...heads.keys()])) {
    const [from, to] = [before.get(name) ?? null, heads.get(name) ?? null];
    if (from === to) continue;
    await noticeBranch(state, { name, to, by });
    // Gitea tells the push after what follows from it.
    if (to === null) tell(state, { event: 'delete', type: 'delete', by, body: { ref: name, ref_type: 'branch' } });
    else {
      if (from === null)
        tell(state, { event: 'create', type: 'create', by, body: { ref: name, ref_type: 'branch', sha: to } });
      const body = { ref: `refs/heads/${name}`, before: from ?? NOWHERE, after: to };
      tell(state, { event: 'push', type: 'push', by, body });
    }
  }
}

async function noticeBranch(
  state: GiteaState,
  { name, to, by }: Readonly<{ name: string; to: string | null; by: string }>,
): Promise<void> {
  for (const row of state.pulls.values()) {
    if (row.state !== 'open') continue;
    if (row.base === name) requeue(state, row);
    // From memory: nothing can land on a branch that is not there.
    if (row.base === name && to === null) close(state, row, by);
    if (row.branch !== name || row.fork !== null) continue;
    if (to === null) {
      row.closing = state.lag.closing;
      if (row.closing === 0) close(state, row, by);
      continue;
    }
    await moveHead(state, row, to);
    tellPull(state, row, { action: 'synchronized', by });
  }
}

/** The mergeable check runs again: a landing does it to every open pull request. */
function requeue(state: GiteaState, row: PullRow): void {
  row.checking = state.lag.checks;
  row.detecting = state.lag.detection;
}

export async function moveHead(state: GiteaState, row: PullRow, head: string): Promise<void> {
  row.head = head;
  row.updatedAt = now(state);
  requeue(state, row);
  await state.repository.git('update-ref', `refs/pull/${row.number}/head`, head);
}

/** Background work that is due at a reading of this pull request. */
export async function settle(state: GiteaState, row: PullRow): Promise<void> {
  if (row.state !== 'open') return;
  if (row.closing !== null) {
    if (row.closing > 0) row.closing -= 1;
    else return close(state, row, row.author);
  }
  if (!state.settings.autodetect_manual_merge || !(await isInMain(state, row))) return;
  if (row.detecting > 0) row.detecting -= 1;
  // The organisation is called the merger, and not who pushed.
  else merged(state, row, { by: state.owner, as: row.head });
}

export async function isInMain(state: GiteaState, { base, head }: PullRow): Promise<boolean> {
  const main = state.seen.get(base);
  return main !== undefined && (await state.repository.contains(main, head));
}

export function close(state: GiteaState, row: PullRow, by: string): void {
  row.state = 'closed';
  row.closing = null;
  row.updatedAt = now(state);
  tellPull(state, row, { action: 'closed', by });
}

export function merged(state: GiteaState, row: PullRow, { by, as }: Readonly<{ by: string; as: string }>): void {
  row.mergedBy = by;
  row.mergedAs = as;
  row.isScheduled = false;
  close(state, row, by);
}
