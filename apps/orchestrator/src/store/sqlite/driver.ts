/**
 * Drives the store's logic on better-sqlite3: a statement answers at once, so an operation runs as one uninterrupted
 * piece of JavaScript, and nothing of the process comes between the statements of a transaction.
 */

import { storeErrorOf } from '../errors.ts';
import type { Driver, Operation, Operations, Query, Step, Values } from '../sql/driver.ts';
import type { RowShape } from '../sql/row-shape.ts';
import type { Connection } from './connection.ts';
import { SQLITE } from './dialect.ts';

type CarryOut = (values: never) => unknown;

export function sqliteDriver({ sqlite, read, write }: Connection): Driver {
  const prepare = (text: string, shape: RowShape<unknown>) => {
    const { text: positional, bind } = placesOf(text, shape);
    return { statement: sqlite.prepare(positional), bind };
  };
  const around = (transaction: Connection['write']): Driver['write'] => {
    const carryOut = (body: () => Operation<unknown>): unknown => transaction(() => drive(body()));
    return function* inTransaction<Answer>(body: () => Operation<Answer>): Operation<Answer> {
      return (yield { prepared: carryOut, values: body }) as Answer;
    };
  };
  return {
    dialect: SQLITE,
    row: <Row>(shape: RowShape<Row>, text: string) => {
      const { statement, bind } = prepare(text, shape);
      const decode = decoderOf(shape);
      statement.raw();
      return queryOf<Row | undefined>((values) => {
        const cells = statement.get(bind(values));
        return cells === undefined ? undefined : decode(cells as unknown[]);
      });
    },
    rows: <Row>(shape: RowShape<Row>, text: string) => {
      const { statement, bind } = prepare(text, shape);
      const decode = decoderOf(shape);
      statement.raw();
      return queryOf<Row[]>((values) => statement.all(bind(values)).map((cells) => decode(cells as unknown[])));
    },
    change: (shape, text) => {
      const { statement, bind } = prepare(text, shape);
      return queryOf<number>((values) => statement.run(bind(values)).changes);
    },
    insert: (shape, text) => {
      const { statement, bind } = prepare(text, shape);
      return queryOf<number>((values) => Number(statement.run(bind(values)).lastInsertRowid));
    },
    read: around(read),
    write: around(write),
  };
}

function queryOf<Answer>(carryOut: (values: Values) => Answer): Query<Answer> {
  return function* query(values) {
    return (yield { prepared: carryOut, values } satisfies Step) as Answer;
  };
}

/** Carries out an operation to its end. What a statement throws leaves the operation where it stands, for good. */
export function drive<Answer>(operation: Operation<Answer>): Answer {
  let step = operation.next();
  while (step.done !== true) {
    const { prepared, values } = step.value;
    step = operation.next((prepared as CarryOut)(values as never));
  }
  return step.value;
}

/** Turns operations into the port's methods; what goes wrong with the disk rejects as `StoreError`. */
export function asyncFacade<Port extends object>({ file }: Pick<Connection, 'file'>, parts: Operations<Port>): Port {
  const methods = Object.entries(parts).map(([name, begin]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return drive((begin as (...args: unknown[]) => Operation<unknown>)(...args));
      } catch (thrown) {
        throw storeErrorOf(thrown, file);
      }
    },
  ]);
  return Object.fromEntries(methods) as Port;
}

type Cells = readonly unknown[];
type Encode = (value: unknown) => unknown;
const PLACE = /:([a-zA-Z]\w*)/g;

/** The driver binds by position; a place may stand in a statement several times. */
function placesOf(text: string, { columns }: RowShape<unknown>): { text: string; bind: (values: Values) => unknown[] } {
  const places = Array.from(text.matchAll(PLACE), ([, name = '']) => ({ name, encode: encoderOf(columns, name) }));
  return {
    text: text.replace(PLACE, '?'),
    bind: (values) => {
      const bound = new Array<unknown>(places.length);
      for (let at = 0; at < places.length; at += 1) {
        const { name, encode } = places[at] as (typeof places)[number];
        const value = values[name];
        bound[at] = encode === null ? value : encode(value);
      }
      return bound;
    },
  };
}

function encoderOf(columns: RowShape<unknown>['columns'], place: string): Encode | null {
  const column = columns.find(({ name }) => name === place);
  if (column === undefined || column.kind === null) return null;
  const { encode } = SQLITE.cells[column.kind];
  return column.isNullable ? (value) => (value === null ? null : encode(value)) : encode;
}

/** Makes a row of the cells that a statement in raw mode answers. Which need decoding is settled once. */
function decoderOf<Row>({ columns }: RowShape<Row>): (cells: Cells) => Row {
  const decoders = columns.map(({ name, kind }) => ({
    name,
    decode: kind === null ? null : SQLITE.cells[kind].decode,
  }));
  return (cells) => {
    const row: Record<string, unknown> = {};
    for (let at = 0; at < decoders.length; at += 1) {
      const { name, decode } = decoders[at] as (typeof decoders)[number];
      const cell = cells[at];
      row[name] = cell === null || decode === null ? cell : decode(cell);
    }
    return row as Row;
  };
}
