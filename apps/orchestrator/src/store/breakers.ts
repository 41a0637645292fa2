/**
 * Circuit breakers: trouble of a machine or a service, per repository, cause and host. A row is suspect until a second
 * task meets the same; open, it keeps the repository's gates waiting for one probe. No row = closed.
 */
import { and, eq, gt, inArray, isNull, type SQL } from 'drizzle-orm';
import { breakers, breakerWitnesses } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import type { JobRows } from './job-rows.ts';
import type { OutboxRows } from './outbox.ts';
import { memoizeByNames, opaque } from './placeholders.ts';
import type { WatchStore } from './port.ts';
import { prepareSelect } from './prepared-queries.ts';

/** How long a task whose word was refuted is not believed: its next trouble is its own. */
const REFUTED_MS = 86_400_000;

type Breakers = Pick<WatchStore, 'tripBreaker' | 'closeBreaker' | 'listBreakers'>;
type Trip = Parameters<WatchStore['tripBreaker']>[0];
type Close = Parameters<WatchStore['closeBreaker']>[0];

export function breakerStore(
  connection: Connection,
  { jobs, outbox }: { readonly jobs: JobRows; readonly outbox: OutboxRows },
): SyncPort<Breakers> {
  const { orm, sqlite, write } = connection;
  const any = sqlite.prepare('SELECT 1 FROM breakers WHERE repo_id = :repoId AND host = :host LIMIT 1');
  const listing = memoizeByNames((names) =>
    prepareSelect(
      connection,
      breakers,
      orm
        .select()
        .from(breakers)
        .where(names.includes('repoId') ? eq(breakers.repoId, opaque('repoId')) : undefined)
        .orderBy(breakers.repoId, breakers.cause, breakers.host),
    ),
  );
  const open = ({ repoId, cause, host, atMs, probe, alert }: Trip): void => {
    const key = `breaker/${cause}@${host}#${atMs}`;
    const payload = { kind: 'alert', key, scope: 'repository', text: alert };
    outbox.add({ kind: 'alert', dedupeKey: `alert:repository:${repoId}:${key}`, payload, atMs });
    jobs.addProbe({ repoId, step: probe, delayMs: 0, atMs });
  };
  return {
    tripBreaker: (trip) =>
      write(() => {
        const { repoId, cause, host, taskId, atOnce, atMs } = trip;
        const key = and(eq(breakers.repoId, repoId), eq(breakers.cause, cause), eq(breakers.host, host));
        const known = orm.select().from(breakers).where(key).get();
        const isRefuted = taskId !== null && wasRefuted(connection, { repoId, cause, host, taskId, atMs });
        if (taskId !== null && !isRefuted) testify(connection, { repoId, cause, host, taskId, atMs });
        if (known?.state === 'open') return 'open';
        if (isRefuted) return 'own';
        const opens = atOnce || (known !== undefined && known.taskId !== taskId);
        const row = { repoId, cause, host, state: opens ? 'open' : 'suspect', taskId, since: atMs } as const;
        orm
          .insert(breakers)
          .values(row)
          .onConflictDoUpdate({ target: [breakers.repoId, breakers.cause, breakers.host], set: row })
          .run();
        if (opens) open(trip);
        return opens ? 'opened' : 'suspect';
      }),
    // Asked after every run that ended well, and there is hardly ever one.
    closeBreaker: (filter) =>
      any.get({ repoId: filter.repoId, host: filter.host }) === undefined ? 0 : write(() => close(connection, filter)),
    listBreakers: (repoId) => (repoId === undefined ? listing([]).all({}) : listing(['repoId']).all({ repoId })),
  };
}

interface Witness extends Pick<Trip, 'repoId' | 'cause' | 'host' | 'atMs'> {
  readonly taskId: string;
}

function wasRefuted({ orm }: Connection, { repoId, cause, host, taskId, atMs }: Witness): boolean {
  const refuted = and(
    eq(breakerWitnesses.repoId, repoId),
    eq(breakerWitnesses.cause, cause),
    eq(breakerWitnesses.host, host),
    eq(breakerWitnesses.taskId, taskId),
    gt(breakerWitnesses.refutedAt, atMs - REFUTED_MS),
  );
  return orm.select({ at: breakerWitnesses.at }).from(breakerWitnesses).where(refuted).get() !== undefined;
}

function testify({ orm }: Connection, { repoId, cause, host, taskId, atMs }: Witness): void {
  const { repoId: repo, cause: what, host: where, taskId: who } = breakerWitnesses;
  orm
    .insert(breakerWitnesses)
    .values({ repoId, cause, host, taskId, at: atMs })
    .onConflictDoUpdate({ target: [repo, what, where, who], set: { at: atMs, refutedAt: null } })
    .run();
}

/** What was suspected of a breaker that never opened is forgotten; what opened one is refuted. */
function close({ orm }: Connection, { repoId, host, causes, only, atMs }: Close): number {
  const mine: SQL | undefined = and(
    eq(breakers.repoId, repoId),
    eq(breakers.host, host),
    causes === undefined ? undefined : inArray(breakers.cause, [...causes]),
    only === undefined ? undefined : eq(breakers.state, only),
  );
  const closed = orm.delete(breakers).where(mine).returning().all();
  for (const { cause, state } of closed) {
    const about = and(
      eq(breakerWitnesses.repoId, repoId),
      eq(breakerWitnesses.host, host),
      eq(breakerWitnesses.cause, cause),
    );
    if (state === 'open') orm.update(breakerWitnesses).set({ refutedAt: atMs }).where(about).run();
    else
      orm
        .delete(breakerWitnesses)
        .where(and(about, isNull(breakerWitnesses.refutedAt)))
        .run();
  }
  return closed.length;
}
