/**
 * What a simulated lifetime costs beyond the SQL statements that it makes: each world's statements are recorded, and
 * executed again, bare, on a database of the same schema, in the same run. What counts is the CPU time of the thread:
 * one that waits for its turn on a busy machine spends none.
 * `npm --prefix tools/bench run sim`, with the number of rounds. Needs a build.
 * It does not show: transactions (the bare statements commit one by one), several threads, a store on a disk, what the
 * threads of the engine collect and compile beside.
 */
import { createRequire } from 'node:module';
import { openDatabase } from '../../sim/dist/database.js';
import { worldSeed } from '../../sim/dist/prng.js';
import { liveWorld } from '../../sim/dist/world.js';
import { interleave, median, percentile, printGoals, printTable } from '../ratio-table.mjs';
import { again, recording } from './statements.mjs';

const ROUNDS = Number(process.argv[2] ?? 30);
const WORLDS = 10;
const WARM_UP = 150;
const SEED = 20_261_121;

const fromService = createRequire(new URL('../../../apps/orchestrator/package.json', import.meta.url));
const driver = fromService('better-sqlite3');

async function live(database, first, count) {
  let lifetimes = 0;
  for (let world = first; world < first + count; world += 1) {
    const report = await liveWorld(database, { seed: worldSeed(SEED, world) });
    if (report.violations.length > 0) throw new Error(JSON.stringify(report.violations));
    lifetimes += report.lifetimes;
  }
  return lifetimes;
}

/** CPU time of this thread, in ms. */
async function cost(body) {
  const before = process.threadCpuUsage();
  await body();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

const plain = openDatabase();
const told = recording(driver, openDatabase);
await live(plain, 1_000_000, WARM_UP);

const lifetimes = await live(told.opened, 0, WORLDS);
const statements = told.since();
/** On an empty database each time: what an earlier replay left would be walked through by the next one. */
const alone = () => cost(again(openDatabase().sqlite, statements));
const samples = await interleave(
  ROUNDS,
  {
    'a lifetime': async () => (await cost(() => live(plain, 0, WORLDS))) / lifetimes,
    'its statements alone': async () => (await alone()) / lifetimes,
  },
  5,
);
const rows = Object.entries(samples).map(([name, values]) => [name, median(values), percentile(values, 0.95)]);
printTable(
  `${WORLDS} worlds of seed ${SEED}, ${lifetimes} lifetimes, ${(statements.length / lifetimes).toFixed(0)} statements each, ms of CPU`,
  ['what', 'median', 'p95'],
  rows,
);
const [whole, statementsAlone] = rows.map(([, value]) => value);
const missed = printGoals([
  {
    what: 'a simulated lifetime',
    ours: whole,
    reference: statementsAlone,
    against: 'its own SQL statements, bare',
    unit: 'ms',
    atMost: 3,
    blind: 'transactions; two threads at once; a store on a disk',
  },
]);
process.exitCode = missed === 0 ? 0 : 1;
