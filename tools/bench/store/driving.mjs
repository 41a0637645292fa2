/**
 * Ways to write the store's logic once for two engines, by what a transition's statements cost when driven: eight of them,
 * two functions deep, in one BEGIN IMMEDIATE on a database in memory. ADR 10 rests on these numbers.
 * `npm --prefix tools/bench run store:driving`. It does not show: a disk, beside which all of this vanishes.
 */
import { createRequire } from 'node:module';
import { interleave, median, printTable } from '../ratio-table.mjs';

const ROUNDS = Number(process.argv[2] ?? 40);
const COUNT = 2_000;
const STATEMENTS = 8;

const fromService = createRequire(new URL('../../../apps/orchestrator/package.json', import.meta.url));
const SqliteDatabase = fromService('better-sqlite3');

function database() {
  const sqlite = new SqliteDatabase(':memory:');
  sqlite.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT NOT NULL, at INTEGER NOT NULL)');
  for (let id = 1; id <= STATEMENTS; id += 1) sqlite.prepare('INSERT INTO t VALUES (?, ?, 0)').run(id, 'x'.repeat(800));
  const change = sqlite.prepare('UPDATE t SET at = ? WHERE id = ?');
  const read = sqlite.prepare('SELECT id, state, at FROM t WHERE id = ?').raw();
  const transact = sqlite.transaction((body) => body());
  return {
    change: (at, id) => change.run(at, id).changes,
    read: (id) => read.get(id),
    write: (body) => transact.immediate(body),
    begin: sqlite.prepare('BEGIN IMMEDIATE'),
    commit: sqlite.prepare('COMMIT'),
  };
}

/** As a store for one engine is written: a call is an answer. */
function plainFunctions() {
  const { change, read, write } = database();
  const step = (id, at) => (id % 2 === 0 ? read(id)[0] : change(at, id));
  const part = (from, at) => {
    let sum = 0;
    for (let id = from; id < from + STATEMENTS / 2; id += 1) sum += step(id, at);
    return sum;
  };
  return (at) => write(() => part(1, at) + part(1 + STATEMENTS / 2, at));
}

class Query {
  constructor(carryOut, values) {
    this.carryOut = carryOut;
    this.values = values;
    this.asked = false;
  }
  [Symbol.iterator]() {
    return this;
  }
  next(answer) {
    if (this.asked) return { done: true, value: answer };
    this.asked = true;
    return { done: false, value: this };
  }
}

/** Each statement is yielded to the driver; `ask` makes what is yielded. */
function yielding(ask) {
  const { change, read, write } = database();
  const changing = ([at, id]) => change(at, id);
  const reading = ([id]) => read(id);
  function* step(id, at) {
    return id % 2 === 0 ? (yield* ask(reading, [id]))[0] : yield* ask(changing, [at, id]);
  }
  function* part(from, at) {
    let sum = 0;
    for (let id = from; id < from + STATEMENTS / 2; id += 1) sum += yield* step(id, at);
    return sum;
  }
  function* whole(at) {
    return (yield* part(1, at)) + (yield* part(1 + STATEMENTS / 2, at));
  }
  const drive = (operation) => {
    let step = operation.next();
    while (!step.done) step = operation.next(step.value.carryOut(step.value.values));
    return step.value;
  };
  return (at) => write(() => drive(whole(at)));
}

/** A function that yields what it asks for, as a generator of its own. */
function* asGenerator(carryOut, values) {
  return yield { carryOut, values };
}

class Answered {
  constructor(value) {
    this.done = true;
    this.value = value;
  }
  [Symbol.iterator]() {
    return this;
  }
  next() {
    return this;
  }
}

/** The engine answers before anything is yielded: nothing is ever suspended. What the store does. */
const atOnce = (carryOut, values) => new Answered(carryOut(values));

/** Each `await` lets other calls of the process into the open transaction, so the driver's own transactions refuse it. */
function awaiting() {
  const { change, read, begin, commit } = database();
  const step = async (id, at) => (id % 2 === 0 ? (await read(id))[0] : await change(at, id));
  const part = async (from, at) => {
    let sum = 0;
    for (let id = from; id < from + STATEMENTS / 2; id += 1) sum += await step(id, at);
    return sum;
  };
  return async (at) => {
    begin.run();
    const sum = (await part(1, at)) + (await part(1 + STATEMENTS / 2, at));
    commit.run();
    return sum;
  };
}

const ways = {
  'plain functions, one engine': plainFunctions(),
  'generators, a query is its own iterator': yielding((carryOut, values) => new Query(carryOut, values)),
  'generators, a query is a generator': yielding(asGenerator),
  'generators, answered at once': yielding(atOnce),
  'async functions (not safe, see above)': awaiting(),
};
const contenders = Object.fromEntries(
  Object.entries(ways).map(([name, transition]) => [
    name,
    async () => {
      const start = process.cpuUsage().user;
      for (let n = 0; n < COUNT; n += 1) await transition(n);
      return (process.cpuUsage().user - start) / COUNT;
    },
  ]),
);
const samples = await interleave(ROUNDS, contenders, 5);
const [[, plain]] = Object.entries(samples);
printTable(
  `CPU microseconds for ${STATEMENTS} statements in one transaction, median of ${ROUNDS} rounds of ${COUNT}`,
  ['way', 'microseconds', 'more, per statement', 'of plain functions'],
  Object.entries(samples).map(([name, all]) => [
    name,
    median(all),
    median(all.map((value, round) => (value - plain[round]) / STATEMENTS)),
    median(all.map((value, round) => value / plain[round])),
  ]),
);
