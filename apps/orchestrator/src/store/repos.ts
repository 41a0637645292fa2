/** Registered repositories: where they live, and whether work on them is paused or frozen. */
import { eq, sql } from 'drizzle-orm';
import { repos } from '../schema/index.ts';
import type { Connection, Sync } from './adapters/connection.ts';
import type { EventLog } from './event-log.ts';
import { perNames, placesFor } from './placeholders.ts';
import type { RepoRow, RepoStore } from './port.ts';
import { wholeRows } from './prepared-queries.ts';

export function repoStore(connection: Connection, log: EventLog): Sync<RepoStore> {
  const { orm, write } = connection;
  const isNamed = eq(repos.id, sql.placeholder('id'));
  const byId = wholeRows(connection, repos, orm.select().from(repos).where(isNamed));
  const all = wholeRows(connection, repos, orm.select().from(repos).orderBy(repos.id));
  type Named = readonly (keyof typeof repos.$inferInsert)[];
  const inserting = perNames((names) =>
    wholeRows(
      connection,
      repos,
      orm
        .insert(repos)
        .values(placesFor(names as Named))
        .returning(),
    ),
  );
  const changing = perNames((names) =>
    wholeRows(connection, repos, orm.update(repos).set(placesFor(names)).where(isNamed).returning()),
  );
  return {
    addRepo: ({ atMs, ...repo }) =>
      write(() => {
        const known = byId.get({ id: repo.id });
        if (known !== undefined) return { kind: 'exists', repo: known };
        const row = { ...repo, createdAt: atMs };
        return { kind: 'added', repo: inserting(Object.keys(row)).get(row) as RepoRow };
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
