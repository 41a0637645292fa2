/** Mail in both directions: what must be told outside at least once, and what arrived, each delivery once. */
import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import { inbox, outbox } from '../schema/index.ts';
import type { Connection, Sync } from './adapters/connection.ts';
import type { MailStore, NewOutbox } from './port.ts';

/** Inserts for other parts' transactions. */
export interface OutboxRows {
  /** False = the dedupe key is known. */
  readonly add: (row: NewOutbox & { taskId?: string; atMs: number }) => boolean;
}

export function outboxRows({ orm }: Connection): OutboxRows {
  const insert = orm
    .insert(outbox)
    .values({
      kind: sql.placeholder('kind'),
      taskId: sql.placeholder('taskId'),
      dedupeKey: sql.placeholder('dedupeKey'),
      payload: sql.placeholder('payload'),
      state: 'pending',
      availableAt: sql.placeholder('availableAt'),
      createdAt: sql.placeholder('atMs'),
    })
    .onConflictDoNothing()
    .prepare();
  return {
    add: ({ taskId, availableAt, ...row }) =>
      insert.run({ ...row, taskId: taskId ?? null, availableAt: availableAt ?? row.atMs }).changes === 1,
  };
}

export function mailStore(connection: Connection, rows: OutboxRows): Sync<MailStore> {
  const { orm } = connection;
  const current = (row: { id: number; token: number }) =>
    and(eq(outbox.id, row.id), eq(outbox.token, row.token), eq(outbox.state, 'pending'));
  return {
    addOutbox: (row) => rows.add(row),
    claimOutbox: ({ nowMs, leaseMs, limit, kinds }) => {
      const due = orm
        .select({ id: outbox.id })
        .from(outbox)
        .where(
          and(
            eq(outbox.state, 'pending'),
            sql`${outbox.availableAt} <= ${nowMs}`,
            sql`(${outbox.leaseUntil} IS NULL OR ${outbox.leaseUntil} <= ${nowMs})`,
            kinds === undefined ? undefined : inArray(outbox.kind, [...kinds]),
          ),
        )
        .orderBy(outbox.availableAt, outbox.id)
        .limit(limit);
      return orm
        .update(outbox)
        .set({
          token: sql`${outbox.token} + 1`,
          attempts: sql`${outbox.attempts} + 1`,
          leaseUntil: nowMs + leaseMs,
        })
        .where(inArray(outbox.id, due))
        .returning()
        .all()
        .sort((a, b) => a.id - b.id);
    },
    ackOutbox: (row, atMs) =>
      orm.update(outbox).set({ state: 'sent', sentAt: atMs, leaseUntil: null }).where(current(row)).run().changes === 1,
    nackOutbox: (row, { error, retryAtMs }) =>
      orm
        .update(outbox)
        .set({
          lastError: error,
          leaseUntil: null,
          ...(retryAtMs === null ? { state: 'dead' as const } : { availableAt: retryAtMs }),
        })
        .where(current(row))
        .run().changes === 1,
    receive: ({ atMs, ...mail }) =>
      orm
        .insert(inbox)
        .values({ ...mail, receivedAt: atMs })
        .onConflictDoNothing()
        .run().changes === 1
        ? 'received'
        : 'duplicate',
    pendingInbox: (limit) =>
      orm.select().from(inbox).where(isNull(inbox.processedAt)).orderBy(inbox.id).limit(limit).all(),
    settleInbox: (id, { atMs, error }) => {
      orm
        .update(inbox)
        .set({ processedAt: atMs, error: error ?? null })
        .where(and(eq(inbox.id, id), isNull(inbox.processedAt)))
        .run();
    },
  };
}
