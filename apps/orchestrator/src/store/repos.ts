/** Registered repositories: where they live, and whether work on them is paused or frozen. */
import { eq, sql } from 'drizzle-orm';
import { repos } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import type { EventLog } from './event-log.ts';
import { memoizeByNames, placeholdersFor } from './placeholders.ts';
import type { RepoStore, Repository } from './port.ts';
import { prepareSelect } from './prepared-queries.ts';

export function repoStore(connection: Connection, log: EventLog): SyncPort<RepoStore> {
  const { orm, write } = connection;
  const isNamed = eq(repos.id, sql.placeholder('id'));
  const byId = prepareSelect(connection, repos, orm.select().from(repos).where(isNamed));
  const all = prepareSelect(connection, repos, orm.select().from(repos).orderBy(repos.id));
  type Named = readonly (keyof typeof repos.$inferInsert)[];
  const inserting = memoizeByNames((names) =>
    prepareSelect(
      connection,
      repos,
      orm
        .insert(repos)
        .values(placeholdersFor(names as Named))
        .returning(),
    ),
  );
  const changing = memoizeByNames((names) =>
    prepareSelect(connection, repos, orm.update(repos).set(placeholdersFor(names)).where(isNamed).returning()),
  );
  return {
    addRepo: ({ atMs, ...repo }) =>
      write(() => {
        const known = byId.get({ id: repo.id });
        if (known !== undefined) return { kind: 'exists', repo: known };
        const row = { ...repo, createdAt: atMs };
        return { kind: 'added', repo: inserting(Object.keys(row)).get(row) as Repository };
      }),
    getRepo: (id) => byId.get({ id }) ?? null,
    listRepos: () => all.all({}),
    updateRepo: (id, change, { actor, atMs }) =>
      write(() => {
        if (byId.get({ id }) === undefined) return null;
        const repo = changing(Object.keys(change)).get({ ...change, id });
        log.append({ repoId: id, taskId: null, kind: 'repo-changed', body: change, actor, at: atMs });
        return repo ?? null;
      }),
  };
}
