/** The append-only log: what happened to a task or a repository, in commit order. */
import { events } from '../schema/index.ts';
import type { EventStore, StoredEvent } from './port/index.ts';
import { type Driver, memoizeByNames, type Operation, type Operations } from './sql/driver.ts';
import { cellsNamed, insertInto, namesBut, tableShape } from './sql/row-shape.ts';

/** What the other parts of the store write their rows with, inside their own transactions. */
export interface EventLog {
  /** The new row's seq. */
  readonly append: (event: Omit<StoredEvent, 'seq'>) => Operation<number>;
}

const EVENT = tableShape(events);
const PAGE = 1000;

/** What each part of a search asks of a row. */
const SOUGHT: Readonly<Record<string, string>> = {
  repoId: 'repo_id = :repoId',
  taskId: 'task_id = :taskId',
  actor: 'actor = :actor',
  kind: 'kind = :kind',
  text: "body_json LIKE :text ESCAPE '!'",
  beforeSeq: 'seq < :beforeSeq',
};
const anywhere = (text: string): string => `%${text.replace(/[!%_]/g, (char) => `!${char}`)}%`;

export function eventLog({ dialect, insert, row, rows }: Driver): EventLog & Operations<EventStore> {
  const append = insert(EVENT, insertInto(EVENT, namesBut(EVENT, 'seq')));
  const cut = `LIMIT ${dialect.opaqueLimit(':limit')}`;
  const page = rows(EVENT, `SELECT ${EVENT.list} FROM events WHERE seq > :afterSeq ORDER BY seq ${cut}`);
  const ofTask = rows(
    EVENT,
    `SELECT ${EVENT.list} FROM events
     WHERE task_id = ${dialect.opaque(':taskId')} AND seq > :afterSeq ORDER BY seq ${cut}`,
  );
  const count = row(
    cellsNamed<{ count: number }>('count'),
    `SELECT count(*) AS count FROM events WHERE task_id = ${dialect.opaque(':taskId')}`,
  );
  const search = memoizeByNames((names) =>
    rows(
      EVENT,
      `SELECT ${EVENT.list} FROM events ${names.length === 0 ? '' : 'WHERE '}${names.map((name) => SOUGHT[name]).join(' AND ')}
       ORDER BY seq DESC ${cut}`,
    ),
  );
  return {
    append: (event) => append({ ...event }),
    appendEvent: (event) => append({ ...event }),
    taskEvents: (taskId, { afterSeq = 0, limit = PAGE } = {}) => ofTask({ taskId, afterSeq, limit }),
    *countTaskEvents(taskId) {
      return (yield* count({ taskId }))?.count ?? 0;
    },
    searchEvents: ({ limit, text, ...filter }) => {
      const sought = { ...filter, ...(text === undefined ? {} : { text: anywhere(text) }) };
      return search(Object.keys(sought).toSorted())({ ...sought, limit });
    },
    events: ({ afterSeq, limit }) => page({ afterSeq, limit }),
  };
}
