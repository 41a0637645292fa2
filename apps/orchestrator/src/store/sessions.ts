/** Sessions of browsers: short-lived rows that are found by a hash and nothing else. */
import { sessions } from '../schema/index.ts';
import type { SessionStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { insertInto, namesBut, tableShape } from './sql/row-shape.ts';

const SESSION = tableShape(sessions);

export function sessionStore({ row, rows, change, insert, write }: Driver): Operations<SessionStore> {
  const add = insert(SESSION, insertInto(SESSION, namesBut(SESSION, 'id')));
  const expire = change(SESSION, 'DELETE FROM sessions WHERE expires_at <= :createdAt');
  const find = row(SESSION, `SELECT ${SESSION.list} FROM sessions WHERE id_hash = :idHash`);
  const touch = change(SESSION, 'UPDATE sessions SET last_used_at = :atMs, expires_at = :expiresAt WHERE id = :id');
  const alive = rows(SESSION, `SELECT ${SESSION.list} FROM sessions WHERE expires_at > :nowMs`);
  const end = change(SESSION, 'DELETE FROM sessions WHERE id = :id');
  return {
    addSession: (session) =>
      write(function* open() {
        yield* expire({ createdAt: session.createdAt });
        return yield* add({ ...session });
      }),
    *findSession(idHash) {
      return (yield* find({ idHash })) ?? null;
    },
    *touchSession(id, { atMs, expiresAt }) {
      yield* touch({ id, atMs, expiresAt });
    },
    *listSessions(nowMs) {
      return (yield* alive({ nowMs })).toSorted((one, other) => other.id - one.id);
    },
    *endSession(id) {
      return (yield* end({ id })) === 1;
    },
  };
}
