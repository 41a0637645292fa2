/**
 * Drives the store's logic on better-sqlite3: a statement is carried out when it is asked for and its answer handed over,
 * so an operation runs as one uninterrupted piece of JavaScript, and nothing of the process comes between the statements
 * of a transaction. Only where another process has the lock is an operation suspended, before a transaction or a lone
 * statement that has changed nothing, and carried on when its turn comes.
 */
import { invariant } from '@gatehouse/verdict';
import { type ConditionRecord, createCondition, refusalOf } from '../condition.ts';
import { StoreError, storeErrorOf } from '../errors.ts';
import type { Driver, Operation, Operations, Query, StatementStep, Values } from '../sql/driver.ts';
import type { RowShape } from '../sql/row-shape.ts';
import type { Connection } from './connection.ts';
import { SQLITE } from './dialect.ts';
import { createLockQueue, isLocked, type LockQueue } from './lock-queue.ts';

export function sqliteDriver({ sqlite, read, write, commits }: Connection): Driver {
  /** Carries a whole transaction or a statement out; outside of a transaction a lock suspends the operation. */
  const carryOut = <Answer, Given>(attempt: (given: Given) => Answer, given: Given): Operation<Answer> => {
    try {
      return new Answered(attempt(given));
    } catch (thrown) {
      if (sqlite.inTransaction || !isLocked(thrown)) throw thrown;
      return suspended(() => attempt(given));
    }
  };
  const answering =
    <Answer>(ask: (values: Values) => Answer): Query<Answer> =>
    (values) =>
      carryOut(ask, values);
  const prepare = (text: string, shape: RowShape<unknown>) => {
    const { text: positional, bind } = placesOf(text, shape);
    return { statement: sqlite.prepare(positional), bind };
  };
  const reading = <Row>(shape: RowShape<Row>, text: string) => {
    const { statement, bind } = prepare(text, shape);
    const answered = statement.columns().map(({ name }) => name);
    invariant(
      answered.join() === shape.columns.map(({ name }) => name).join(),
      `it answers ${answered.join()}: ${text}`,
    );
    return { statement, bind, decode: decoderOf(shape) };
  };
  return {
    dialect: SQLITE,
    row: <Row>(shape: RowShape<Row>, text: string) => {
      const { statement, bind, decode } = reading(shape, text);
      return answering<Row | undefined>((values) => {
        const row = statement.get(bind(values)) as StoredRow | undefined;
        if (!statement.readonly && row !== undefined) commits.changed();
        return row === undefined ? undefined : decode(row);
      });
    },
    rows: <Row>(shape: RowShape<Row>, text: string) => {
      const { statement, bind, decode } = reading(shape, text);
      return answering<Row[]>((values) => {
        const rows = statement.all(bind(values)) as StoredRow[];
        if (!statement.readonly && rows.length > 0) commits.changed();
        return rows.map(decode);
      });
    },
    change: (shape, text) => {
      const { statement, bind } = prepare(text, shape);
      return answering<number>((values) => {
        const { changes } = statement.run(bind(values));
        if (changes > 0) commits.changed();
        return changes;
      });
    },
    insert: (shape, text) => {
      const { statement, bind } = prepare(text, shape);
      return answering<number>((values) => {
        const { lastInsertRowid } = statement.run(bind(values));
        commits.changed();
        return Number(lastInsertRowid);
      });
    },
    read: (body) => carryOut(() => read(() => drive(body())), null),
    write: (body) => carryOut(() => write(() => drive(body())), null),
  };
}

/** What `yield*` takes its answer from without a pause. */
class Answered<Answer> implements Iterable<never, Answer, unknown>, Iterator<never, Answer, unknown> {
  readonly done = true;
  readonly value: Answer;

  constructor(value: Answer) {
    this.value = value;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): this {
    return this;
  }
}

/** A step that the lock queue carries out. */
function* suspended<Answer>(attempt: () => Answer): Generator<StatementStep, Answer, unknown> {
  return (yield { prepared: attempt, values: null }) as Answer;
}

/** Carries out an operation whose steps are all answered at once, as they are within a transaction. */
export function drive<Answer>(operation: Operation<Answer>): Answer {
  if (operation instanceof Answered) return operation.value as Answer;
  const ended = operation[Symbol.iterator]().next();
  invariant(ended.done === true, 'SQLite answers at once');
  return ended.value;
}

/**
 * Turns operations into the port's methods; what goes wrong with the disk rejects as `StoreError`, and is part of the store's
 * condition. A lost store carries nothing out.
 */
export function asyncFacade<Port extends object>(
  { file }: Pick<Connection, 'file'>,
  parts: Operations<Port>,
  condition: ConditionRecord = createCondition(),
): Port {
  const queue: LockQueue = createLockQueue();
  const methods = Object.entries(parts).map(([name, begin]) => [
    name,
    async (...args: unknown[]) => {
      const refusal = refusalOf(condition.current());
      if (refusal !== null) throw refusal;
      try {
        const operation = (begin as (...args: unknown[]) => Operation<unknown>)(...args);
        if (operation instanceof Answered) return operation.value;
        const steps = operation[Symbol.iterator]();
        let step = steps.next();
        if (step.done === true) return step.value;
        const from = performance.now();
        try {
          while (step.done !== true) step = steps.next(await queue(step.value.prepared as () => unknown));
        } finally {
          condition.waited(performance.now() - from);
        }
        return step.value;
      } catch (thrown) {
        const error = storeErrorOf(thrown, file);
        if (error instanceof StoreError) condition.met(error);
        throw error;
      }
    },
  ]);
  return Object.fromEntries(methods) as Port;
}

type StoredRow = Record<string, unknown>;
type Encode = (value: unknown) => unknown;
const PLACE = /:([a-zA-Z]\w*)/g;

/** The driver binds by position; a place may stand in a statement several times. */
function placesOf(text: string, { columns }: RowShape<unknown>): { text: string; bind: (values: Values) => unknown[] } {
  const names = Array.from(text.matchAll(PLACE), ([, name = '']) => name);
  const encoders = names.map((name) => encoderOf(columns, name));
  const encoding = encoders.flatMap((encode, at) => (encode === null ? [] : [{ at, encode }]));
  // Loops: this runs for every statement.
  const plain = (values: Values): unknown[] => {
    const bound: unknown[] = [];
    for (const name of names) bound.push(values[name]);
    return bound;
  };
  const encoded = (values: Values): unknown[] => {
    const bound = plain(values);
    for (const { at, encode } of encoding) bound[at] = encode(bound[at]);
    return bound;
  };
  return { text: text.replace(PLACE, '?'), bind: encoding.length === 0 ? plain : encoded };
}

function encoderOf(columns: RowShape<unknown>['columns'], place: string): Encode | null {
  const column = columns.find(({ name }) => name === place);
  if (column === undefined || column.kind === null) return null;
  const { encode } = SQLITE.cells[column.kind];
  return column.isNullable ? (value) => (value === null ? null : encode(value)) : encode;
}

/** Decodes a row that the engine has just built, in place. Which columns need it is settled once. */
function decoderOf<Row>({ columns }: RowShape<Row>): (stored: StoredRow) => Row {
  const decoders = columns.flatMap(({ name, kind }) =>
    kind === null ? [] : [{ name, decode: SQLITE.cells[kind].decode }],
  );
  return (row) => {
    for (const { name, decode } of decoders) if (row[name] !== null) row[name] = decode(row[name]);
    return row as Row;
  };
}
