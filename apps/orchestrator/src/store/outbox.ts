/** Mail in both directions: what must be told outside at least once, and what arrived, each delivery once. */
import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import { inbox, outbox } from '../schema/index.ts';
import type { Connection, SyncPort } from './adapters/connection.ts';
import { givenLimit } from './placeholders.ts';
import type { MailStore, NewOutbox } from './port.ts';
import { prepareSelect, prepareUpdate } from './prepared-queries.ts';

/** Inserts for other parts' transactions. */
export interface OutboxRows {
  /** False = the dedupe key is known. */
  readonly add: (row: NewOutbox & { taskId?: string; atMs: number }) => boolean;
}

export function outboxRows(connection: Connection): OutboxRows {
  const adding = connection.orm
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
    .onConflictDoNothing();
  const insert = prepareUpdate(connection, adding);
  return {
    add: ({ taskId, availableAt, ...row }) =>
      insert({ ...row, taskId: taskId ?? null, availableAt: availableAt ?? row.atMs }) === 1,
  };
}

export function mailStore(connection: Connection, rows: OutboxRows): SyncPort<MailStore> {
  const { orm } = connection;
  const current = and(
    eq(outbox.id, sql.placeholder('id')),
    eq(outbox.token, sql.placeholder('token')),
    eq(outbox.state, 'pending').inlineParams(),
  );
  const nowMs = sql.placeholder('nowMs');
  const due = orm
    .select({ id: outbox.id })
    .from(outbox)
    .where(
      and(
        eq(outbox.state, 'pending').inlineParams(),
        sql`${outbox.availableAt} <= ${nowMs}`,
        sql`(${outbox.leaseUntil} IS NULL OR ${outbox.leaseUntil} <= ${nowMs})`,
        sql`(${sql.placeholder('kinds')} IS NULL
          OR ${outbox.kind} IN (SELECT value FROM json_each(${sql.placeholder('kinds')})))`,
      ),
    )
    .orderBy(outbox.availableAt, outbox.id)
    .limit(givenLimit);
  const claiming = orm
    .update(outbox)
    .set({
      token: sql`${outbox.token} + 1`,
      attempts: sql`${outbox.attempts} + 1`,
      leaseUntil: sql`${sql.placeholder('until')}`,
    })
    .where(inArray(outbox.id, due))
    .returning();
  const claim = prepareSelect(connection, outbox, claiming);
  const anyDue = connection.sqlite.prepare(
    "SELECT 1 FROM outbox WHERE state = 'pending' AND available_at <= ? LIMIT 1",
  );
  const sent = { state: 'sent', sentAt: sql`${sql.placeholder('atMs')}`, leaseUntil: null } as const;
  const ack = prepareUpdate(connection, orm.update(outbox).set(sent).where(current));
  const refusing = orm
    .update(outbox)
    .set({
      lastError: sql`${sql.placeholder('error')}`,
      leaseUntil: null,
      state: sql`iif(${sql.placeholder('retryAtMs')} IS NULL, 'dead', ${outbox.state})`,
      availableAt: sql`coalesce(${sql.placeholder('retryAtMs')}, ${outbox.availableAt})`,
    })
    .where(current);
  const nack = prepareUpdate(connection, refusing);
  return {
    addOutbox: (row) => rows.add(row),
    claimOutbox: ({ nowMs, leaseMs, limit, kinds }) => {
      // Asked all day, and there is hardly ever any: a look takes no lock from those who write.
      if (anyDue.get(nowMs) === undefined) return [];
      const asked = kinds === undefined ? null : JSON.stringify(kinds);
      return claim.all({ nowMs, until: nowMs + leaseMs, limit, kinds: asked }).sort((a, b) => a.id - b.id);
    },
    ackOutbox: ({ id, token }, atMs) => ack({ id, token, atMs }) === 1,
    nackOutbox: ({ id, token }, { error, retryAtMs }) => nack({ id, token, error, retryAtMs }) === 1,
    receiveInbox: ({ atMs, ...mail }) =>
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
