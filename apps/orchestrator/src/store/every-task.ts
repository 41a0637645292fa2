import type { Task, TaskStore } from './port/index.ts';

type Filter = Omit<NonNullable<Parameters<TaskStore['listTasks']>[0]>, 'behind' | 'limit'>;

const PAGE = 500;

/** Every task of a listing, newest first, however many there are; a page of them is in memory. */
export async function* everyTask(store: Pick<TaskStore, 'listTasks'>, filter: Filter): AsyncGenerator<Task> {
  for (let last: Task | undefined; ; ) {
    const behind = last === undefined ? {} : { behind: { createdAt: last.createdAt, id: last.id } };
    const page = await store.listTasks({ ...filter, ...behind, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    last = page.at(-1);
  }
}
