/**
 * What the store costs beyond better-sqlite3: claim and complete, and a whole transition (a gate's pass: job, task, event,
 * gate run, next job), against hand-written statements that leave the same rows, at equal durability, in interleaved
 * rounds; claim and complete beside plainjob, too. Other built checkouts take part by their path: `npm --prefix tools/bench run store -- --rounds 40 OTHER…`.
 * It does not show: several processes, a large database, the reducer's own time is in ours only.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { interleave, median, printGoals, printTable } from '../ratio-table.mjs';
import { claim, fill, storesOf, T0, transitionOf } from './contender.mjs';
import { plainjobOn } from './plainjob.mjs';
import { rawOn } from './raw.mjs';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '30' } },
  allowPositionals: true,
});
const ROUNDS = Number(values.rounds);
const COUNT = 100;

const here = new URL('../../..', import.meta.url).pathname;
const names = ['this store', ...positionals];
const checkouts = await Promise.all([here, ...positionals].map(storesOf));
const root = mkdtempSync(join(tmpdir(), 'bench-store-'));
let files = 0;

/** On a disk what counts is how long it takes; in memory nothing waits, and CPU time is the steadier clock of a busy machine. */
const CLOCKS = {
  disk: () => performance.now() * 1000,
  memory: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

async function timed(place, body) {
  const now = CLOCKS[place === 'memory' ? 'memory' : 'disk'];
  const start = now();
  await body();
  return (now() - start) / COUNT;
}

/** `checkpoint`: a commit is on the disk with the next checkpoint only, which is how plainjob is made. */
const SYNCHRONOUS = { disk: 'FULL', checkpoint: 'NORMAL', memory: 'FULL' };
const WHERE = { disk: 'disk, WAL, FULL', checkpoint: 'disk, WAL, NORMAL', memory: 'memory, CPU time' };

function newFile(place) {
  files += 1;
  return place === 'memory' ? ':memory:' : join(root, `${files}.sqlite`);
}

async function onNew({ open, engine }, place, body) {
  const opened = open(newFile(place));
  try {
    await fill(opened, engine, COUNT);
    opened.sqlite.pragma(`synchronous = ${SYNCHRONOUS[place]}`);
    return await body(opened);
  } finally {
    await opened.store.close();
  }
}

const claimAndComplete = (checkout, place) =>
  onNew(checkout, place, ({ store }) =>
    timed(place, async () => {
      for (let n = 0; n < COUNT; n += 1) {
        const { id, token } = await claim(store);
        await store.finishJob({ jobId: id, token }, { state: 'done', atMs: T0 + 2_000_000 });
      }
    }),
  );

const rawClaimAndComplete = (place) =>
  onNew(checkouts[0], place, ({ sqlite }) => {
    const raw = rawOn(sqlite);
    return timed(place, () => {
      for (let n = 0; n < COUNT; n += 1) raw.complete(raw.claim());
    });
  });

const plainjobClaimAndComplete = async (place) => {
  const queue = plainjobOn(newFile(place), { count: COUNT, synchronous: SYNCHRONOUS[place] });
  try {
    return await timed(place, () => {
      for (let n = 0; n < COUNT; n += 1) queue.claimAndComplete();
    });
  } finally {
    queue.close();
  }
};

async function applied(store, request) {
  const answer = await store.applyEvent(request);
  if (answer.kind !== 'applied') throw new Error(answer.kind);
}

const transition = (checkout, place) =>
  onNew(checkout, place, async ({ store }) => {
    const requests = [];
    for (let n = 0; n < COUNT; n += 1) requests.push(transitionOf(await claim(store), checkout.engine));
    return timed(place, async () => {
      for (const request of requests) await applied(store, request);
    });
  });

/** The rows that the store writes for one transition, to be written again by hand. */
const sample = await onNew(checkouts[0], 'memory', async ({ store, sqlite }) => {
  const job = await claim(store);
  await applied(store, transitionOf(job, checkouts[0].engine));
  const last = (table, by) =>
    sqlite.prepare(`SELECT * FROM ${table} WHERE task_id = ? ORDER BY ${by} DESC`).get(job.taskId);
  const task = sqlite.prepare('SELECT * FROM tasks WHERE id = ?').get(job.taskId);
  return { task, gateRun: last('gate_runs', 'id'), event: last('events', 'seq'), job: last('jobs', 'id') };
});

const rawTransition = (place) =>
  onNew(checkouts[0], place, ({ sqlite }) => {
    const raw = rawOn(sqlite);
    const jobs = Array.from({ length: COUNT }, () => raw.claim());
    return timed(place, () => {
      for (const job of jobs) raw.transition(job, sample);
    });
  });

const USES = { 'claim and complete': [claimAndComplete, rawClaimAndComplete], transition: [transition, rawTransition] };
const results = [];
for (const place of ['disk', 'checkpoint', 'memory'])
  for (const [use, [ours, raw]] of Object.entries(USES)) {
    const contenders = { 'raw better-sqlite3': () => raw(place) };
    if (use === 'claim and complete' && place !== 'memory') contenders.plainjob = () => plainjobClaimAndComplete(place);
    checkouts.forEach((checkout, at) => {
      contenders[names[at]] = () => ours(checkout, place);
    });
    results.push({ place, use, samples: await interleave(ROUNDS, contenders) });
  }
rmSync(root, { recursive: true, force: true });

/** Within each round, so that a busy minute weighs on both sides. */
const ratio = (samples, one, other) => median(samples[one].map((value, round) => value / samples[other][round]));
printTable(
  `microseconds each, median of ${ROUNDS} rounds of ${COUNT}; the ratio is the median of the rounds' own`,
  ['what', 'where', 'who', 'microseconds', 'of raw', `of ${names.at(-1)}`],
  results.flatMap(({ place, use, samples }) =>
    Object.entries(samples).map(([who, all]) => [
      use,
      WHERE[place],
      who,
      median(all),
      ratio(samples, who, 'raw better-sqlite3'),
      ratio(samples, who, names.at(-1)),
    ]),
  ),
);
const onDisk = results.filter(({ place }) => place === 'disk');
const [claims] = onDisk;
const missed = printGoals([
  ...onDisk.map(({ use, samples }) => ({
    what: `${use}, disk`,
    ours: 1 / ratio(samples, 'this store', 'raw better-sqlite3'),
    against: 'raw better-sqlite3, FULL',
    unit: 'of its speed',
    atLeast: use === 'transition' ? 0.5 : 0.7,
    blind: 'several processes; a large database',
  })),
  {
    what: 'claim and complete, disk',
    ours: ratio(claims.samples, 'plainjob', 'this store'),
    against: 'plainjob, FULL',
    unit: 'times its speed',
    atLeast: 1.5,
    blind: 'leases, fences and events, which plainjob has not',
  },
]);
process.exitCode = missed === 0 ? 0 : 1;
