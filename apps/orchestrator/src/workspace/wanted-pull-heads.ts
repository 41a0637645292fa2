/** Heads of pull requests from other repositories that have to be in the mirror: those of tasks that are not over. */
import { validatePullHead } from '@gatehouse/git';
import { everyTask } from '../store/every-task.ts';
import type { Store } from '../store/port/index.ts';
import type { MirroredRepository } from './mirrors.ts';

/** Only at forges that have any, and only where one is or was wanted: others cost no process of git. */
export function wantedPullHeads(
  store: Pick<Store, 'listTasks'>,
): (repo: MirroredRepository) => Promise<readonly string[] | undefined> {
  /** Repositories whose mirror may have one. After a start, each may. */
  const none = new Set<string>();
  return async ({ id, forge }) => {
    if (forge !== 'gitea' && forge !== 'github') return undefined;
    const wanted: string[] = [];
    for await (const { branch } of everyTask(store, { repoId: id, live: true }))
      if (validatePullHead(branch).kind === 'valid') wanted.push(branch);
    if (wanted.length === 0 && none.has(id)) return undefined;
    if (wanted.length === 0) none.add(id);
    else none.delete(id);
    return wanted;
  };
}
