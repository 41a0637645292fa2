/** Messages that must be delivered outside at least once. */
import { outbox } from '../schema/index.ts';
import type { NewOutbox, OutboxStore } from './port/index.ts';
import type { Driver, Operation, Operations } from './sql/driver.ts';
import { cellsNamed, FOUND, insertInto, tableShape } from './sql/row-shape.ts';

/** Inserts for other parts' transactions. */
export interface OutboxRows {
  /** False = the dedupe key is known. */
  readonly add: (row: NewOutbox & { taskId?: string; atMs: number }) => Operation<boolean>;
}

type ClaimRequest = Omit<Parameters<OutboxStore['claimOutbox']>[0], 'butNot'> & { readonly butNot?: string | null };
type OutboxFilter = Omit<Parameters<OutboxStore['listOutbox']>[0], 'behindId'> & { readonly behindId?: number | null };

const MAIL = tableShape(outbox);
const NEW = ['kind', 'taskId', 'dedupeKey', 'payload', 'state', 'availableAt', 'createdAt'];
const CURRENT = `id = :id AND token = :token AND state = 'pending'`;
const ACK = `UPDATE outbox SET state = 'sent', sent_at = :atMs, lease_until = NULL WHERE ${CURRENT}`;
const NACK = `UPDATE outbox SET last_error = :error, lease_until = NULL,
    state = CASE WHEN :retryAtMs IS NULL THEN 'dead' ELSE state END,
    available_at = coalesce(:retryAtMs, available_at)
  WHERE ${CURRENT}`;

export function outboxRows({ change }: Driver): OutboxRows {
  const insert = change(MAIL, `${insertInto(MAIL, NEW)} ON CONFLICT DO NOTHING`);
  return {
    *add({
      kind,
      taskId = null,
      dedupeKey,
      payload,
      availableAt,
      atMs,
    }: NewOutbox & { taskId?: string | null; atMs: number }) {
      const mail = { kind, taskId, dedupeKey, payload, state: 'pending', createdAt: atMs };
      return (yield* insert({ ...mail, availableAt: availableAt ?? atMs })) === 1;
    },
  };
}

export function outboxStore({ dialect, row, rows, change }: Driver, mail: OutboxRows): Operations<OutboxStore> {
  const claim = rows(
    MAIL,
    `UPDATE outbox SET token = token + 1, attempts = attempts + 1, lease_until = :until
     WHERE id IN (SELECT id FROM outbox
       WHERE state = 'pending' AND available_at <= :nowMs AND (lease_until IS NULL OR lease_until <= :nowMs)
         AND (:kinds IS NULL OR ${dialect.isListed('kind', ':kinds')}) AND (:butNot IS NULL OR kind <> :butNot)
       ORDER BY available_at, id LIMIT ${dialect.opaqueLimit(':limit')})
     RETURNING ${MAIL.list}`,
  );
  const anyDue = row(FOUND, `SELECT 1 AS found FROM outbox WHERE state = 'pending' AND available_at <= :nowMs LIMIT 1`);
  const page = rows(
    MAIL,
    `SELECT ${MAIL.list} FROM outbox WHERE ${dialect.opaque(':kind')} = kind AND state = ${dialect.opaque(':state')}
       AND (:behindId IS NULL OR id < :behindId) ORDER BY id DESC LIMIT ${dialect.opaqueLimit(':limit')}`,
  );
  const count = row(
    cellsNamed<{ count: number }>('count'),
    `SELECT count(*) AS count FROM outbox WHERE kind = :kind AND state = :state`,
  );
  const revive = change(
    MAIL,
    `UPDATE outbox SET state = 'pending', available_at = :atMs, created_at = :atMs, attempts = 0, lease_until = NULL
     WHERE id = :id AND kind = :kind AND state = 'dead'`,
  );
  const ack = change(MAIL, ACK);
  const nack = change(MAIL, NACK);
  return {
    addOutbox: (row) => mail.add(row),
    *claimOutbox({ nowMs, leaseMs, limit, kinds, butNot = null }: ClaimRequest) {
      // Asked all day, and there is hardly ever any: a read takes no lock from the writers.
      if ((yield* anyDue({ nowMs })) === undefined) return [];
      const asked = kinds === undefined ? null : dialect.listOf(kinds);
      const claimed = yield* claim({ nowMs, until: nowMs + leaseMs, limit, kinds: asked, butNot });
      return claimed.sort((a, b) => a.id - b.id);
    },
    listOutbox: ({ kind, state, behindId = null, limit }: OutboxFilter) => page({ kind, state, behindId, limit }),
    *countOutbox({ kind, state }) {
      return (yield* count({ kind, state }))?.count ?? 0;
    },
    *reviveOutbox(id, { kind, atMs }) {
      return (yield* revive({ id, kind, atMs })) === 1;
    },
    *ackOutbox({ id, token }, atMs) {
      return (yield* ack({ id, token, atMs })) === 1;
    },
    *nackOutbox({ id, token }, { error, retryAtMs }) {
      return (yield* nack({ id, token, error, retryAtMs })) === 1;
    },
  };
}
