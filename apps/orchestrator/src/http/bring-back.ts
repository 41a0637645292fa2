/** A task that ended because its branch was gone, and whose branch is there again, is queued anew with all that it was. */
import { randomUUID } from 'node:crypto';
import { recoverKey } from '@gatehouse/cancel';
import type { ServiceContext } from '../context.ts';
import type { AddTaskOutcome, NewTask, Task } from '../store/port/index.ts';

export const endedAsGone = ({ stage, state }: Task): boolean => stage === 'cancelled' && state.ended === 'branch-gone';

export type BroughtBack =
  | AddTaskOutcome
  | { readonly kind: 'refused'; readonly status: 409 | 503; readonly detail: string };

/** The next generation of the task. `refused`: its branch cannot be seen at the forge. */
export async function bringBack(
  { store, mirrors, engine, now }: Pick<ServiceContext, 'engine' | 'mirrors' | 'now' | 'store'>,
  gone: Task,
  actor: string,
): Promise<BroughtBack> {
  const repo = await store.getRepo(gone.repoId);
  if (repo === null) return { kind: 'unknown-repo' };
  const mirror = await mirrors.refresh(repo);
  if (mirror.kind !== 'fresh')
    return { kind: 'refused', status: 503, detail: `${repo.id} cannot be reached: ${mirror.reason}` };
  const branch = recoverKey(gone.branch);
  const headSha = mirror.heads[branch];
  if (headSha === undefined)
    return { kind: 'refused', status: 409, detail: `${repo.id} still has no branch ${branch}; push it again first` };
  const { profile, title, description, priority } = gone;
  const task: NewTask = {
    id: `t-${randomUUID().slice(0, 8)}`,
    repoId: repo.id,
    profile,
    branch,
    key: recoverKey(gone.key),
    title,
    description,
    priority,
    headSha,
    ...(gone.planeIssueId === null ? {} : { planeIssueId: recoverKey(gone.planeIssueId) }),
    dependsOn: (await store.dependenciesOf(gone.id)).map(({ id }) => id),
    actor,
    atMs: now(),
  };
  return store.addTask(task, engine);
}
