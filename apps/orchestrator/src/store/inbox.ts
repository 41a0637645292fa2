/** What arrived from outside, each delivery once. */
import { inbox } from '../schema/index.ts';
import type { InboxStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { insertInto, tableShape } from './sql/row-shape.ts';

const MAIL = tableShape(inbox);
const RECEIVE = `${insertInto(MAIL, ['source', 'dedupeKey', 'bodyHash', 'body', 'receivedAt'])} ON CONFLICT DO NOTHING`;
const SETTLE = `UPDATE inbox SET processed_at = :atMs, error = :error WHERE id = :id AND processed_at IS NULL`;

export function inboxStore({ dialect, rows, change }: Driver): Operations<InboxStore> {
  const receive = change(MAIL, RECEIVE);
  const pending = rows(
    MAIL,
    `SELECT ${MAIL.list} FROM inbox WHERE processed_at IS NULL ORDER BY id LIMIT ${dialect.opaqueLimit(':limit')}`,
  );
  const settle = change(MAIL, SETTLE);
  const settleAll = change(
    MAIL,
    `UPDATE inbox SET processed_at = :atMs WHERE ${dialect.isListed('id', ':ids')} AND processed_at IS NULL`,
  );
  return {
    *receiveInbox({ source, dedupeKey, bodyHash, body, atMs }) {
      const received = yield* receive({ source, dedupeKey, bodyHash, body, receivedAt: atMs });
      return received === 1 ? 'received' : 'duplicate';
    },
    pendingInbox: (limit) => pending({ limit }),
    *settleInbox(id, { atMs, error = null }: { atMs: number; error?: string | null }) {
      yield* settle({ id, atMs, error });
    },
    *settleInboxAll(ids, atMs) {
      yield* settleAll({ ids: dialect.listOf(ids.map(String)), atMs });
    },
  };
}
