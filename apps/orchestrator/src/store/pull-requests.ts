/** What is remembered of pull requests. */
import { pullRequests } from '../schema/index.ts';
import type { PullRequestStore } from './port/index.ts';
import { type Driver, memoizeByNames, type Operations } from './sql/driver.ts';
import { assignments, insertInto, NO_ROW, tableShape } from './sql/row-shape.ts';

const ROW = tableShape(pullRequests);

export function pullRequestStore({ row, rows, change }: Driver): Operations<PullRequestStore> {
  const one = row(ROW, `SELECT ${ROW.list} FROM pull_requests WHERE repo_id = :repoId AND number = :number`);
  const all = rows(ROW, `SELECT ${ROW.list} FROM pull_requests WHERE repo_id = :repoId ORDER BY number`);
  const saving = memoizeByNames((names) =>
    change(
      ROW,
      `${insertInto(ROW, names)} ON CONFLICT (repo_id, number) DO UPDATE SET ${assignments(
        ROW,
        names.filter((name) => name !== 'repoId' && name !== 'number'),
      )}`,
    ),
  );
  const link = change(NO_ROW, 'UPDATE tasks SET pull_request = :number WHERE id = :taskId AND pull_request IS NULL');
  return {
    *rememberedPullRequest(repoId, number) {
      return (yield* one({ repoId, number })) ?? null;
    },
    rememberedPullRequests: (repoId) => all({ repoId }),
    *rememberPullRequest(given, atMs) {
      const saved = { ...given, updatedAt: atMs };
      yield* saving(Object.keys(saved))(saved);
    },
    *linkPullRequest(taskId, number) {
      return (yield* link({ taskId, number })) === 1;
    },
  };
}
