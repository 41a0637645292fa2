/** Registered repositories: where they live, and whether work on them is paused or frozen. */
import { eq, sql } from 'drizzle-orm';
import { repos } from '../schema/index.ts';
import type { Connection, Sync } from './adapters/connection.ts';
import type { EventLog } from './event-log.ts';
import type { RepoStore } from './port.ts';
import { wholeRows } from './whole-rows.ts';

export function repoStore(connection: Connection, log: EventLog): Sync<RepoStore> {
  const { orm, write } = connection;
  const isNamed = eq(repos.id, sql.placeholder('id'));
  const byId = wholeRows(connection, repos, orm.select().from(repos).where(isNamed));
  const all = wholeRows(connection, repos, orm.select().from(repos).orderBy(repos.id));
  return {
    addRepo: ({ atMs, ...repo }) =>
      write(() => {
        const known = byId.get({ id: repo.id });
        if (known !== undefined) return { kind: 'exists', repo: known };
        const added = orm
          .insert(repos)
          .values({ ...repo, createdAt: atMs })
          .returning()
          .get();
        return { kind: 'added', repo: added };
      }),
    getRepo: (id) => byId.get({ id }) ?? null,
    listRepos: () => all.all({}),
    updateRepo: (id, change, { actor, atMs }) =>
      write(() => {
        if (byId.get({ id }) === undefined) return null;
        const repo = orm.update(repos).set(change).where(eq(repos.id, id)).returning().get();
        log.append({ repoId: id, taskId: null, kind: 'repo-changed', body: change, actor, at: atMs });
        return repo;
      }),
  };
}
