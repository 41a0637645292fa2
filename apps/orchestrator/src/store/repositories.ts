/** Registered repositories: where they live, and whether work on them is paused or frozen. */
import { repos } from '../schema/index.ts';
import type { EventLog } from './event-log.ts';
import type { Holds } from './holds.ts';
import type { RepoStore, Repository } from './port/index.ts';
import { type Driver, memoizeByNames, type Operations } from './sql/driver.ts';
import { assignments, insertInto, NO_ROW, tableShape } from './sql/row-shape.ts';

const REPO = tableShape(repos);

interface RepoParts {
  readonly log: EventLog;
  readonly notes: Holds;
}

export function repoStore(
  { row, rows, change: changeIn, write }: Driver,
  { log, notes }: RepoParts,
): Operations<RepoStore> {
  const byId = row(REPO, `SELECT ${REPO.list} FROM repos WHERE id = :id`);
  const all = rows(REPO, `SELECT ${REPO.list} FROM repos ORDER BY id`);
  const inserting = memoizeByNames((names) => row(REPO, `${insertInto(REPO, names)} RETURNING ${REPO.list}`));
  const changing = memoizeByNames((names) =>
    row(REPO, `UPDATE repos SET ${assignments(REPO, names)} WHERE id = :id RETURNING ${REPO.list}`),
  );
  const record = changeIn(
    NO_ROW,
    `UPDATE repos SET main_sha = :to
     WHERE id = :id AND (main_sha = :from OR (main_sha IS NULL AND :from IS NULL))`,
  );
  return {
    addRepo: ({ atMs, ...repo }) =>
      write(function* add() {
        const known = yield* byId({ id: repo.id });
        if (known !== undefined) return { kind: 'exists', repo: known };
        const added = { ...repo, createdAt: atMs };
        return { kind: 'added', repo: (yield* inserting(Object.keys(added))(added)) as Repository };
      }),
    *getRepo(id) {
      return (yield* byId({ id })) ?? null;
    },
    listRepos: () => all({}),
    updateRepo: (id, change, { actor, atMs }) =>
      write(function* update() {
        if ((yield* byId({ id })) === undefined) return null;
        // Another address may be another repository; whoever knows better says where main was.
        const isElsewhere = change.url !== undefined || change.main !== undefined;
        const changed = isElsewhere ? { mainSha: null, ...change } : change;
        const repo = yield* changing(Object.keys(changed))({ ...changed, id });
        yield* notes.liftRepo(id);
        yield* log.append({ repoId: id, taskId: null, kind: 'repo-changed', body: change, actor, at: atMs });
        return repo ?? null;
      }),
    *recordMain(id, { from, to }) {
      return (yield* record({ id, from, to })) === 1;
    },
  };
}
