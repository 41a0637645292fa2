/**
 * What a claim costs beside jobs that it may not take: from a hundred tasks to a hundred thousand in 500 repositories that
 * are paused, frozen, broken, serial, or whose tasks are blocked, waiting or delayed. In one run, sizes in turns, as ratios to
 * the smallest. `npm --prefix tools/bench run store:growth -- --rounds 200 --seed 1`.
 * It does not show: waiting for the disk, which hides all of this; several processes; how long the first claim after a
 * change takes, which notes down what it finds held.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { interleave, median, printGoals, printTable } from '../ratio-table.mjs';
import { storesOf, T0 } from './contender.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    size: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log('growth.mjs [--rounds 200] [--seed 1]: a claim beside 100 to 100,000 held jobs, as ratios in one run');
  process.exit(0);
}
const SIZES = [
  { tasks: 100, repos: 7 },
  { tasks: 1_000, repos: 70 },
  { tasks: 10_000, repos: 500 },
  { tasks: 100_000, repos: 500 },
];
const CLAIMS = 25;
const HOST = 'host';
const root = mkdtempSync(join(tmpdir(), 'bench-growth-'));
const checkout = await storesOf(new URL('../../..', import.meta.url).pathname);

/** What keeps the tasks of a repository from being claimed. */
const HOLDS = {
  paused: `UPDATE repos SET paused = 1 WHERE id = :repo`,
  frozen: `UPDATE repos SET frozen_reason = 'odd' WHERE id = :repo`,
  broken: `INSERT INTO breakers (repo_id, cause, host, state, since) VALUES (:repo, 'test-disk', '${HOST}', 'open', 1)`,
  serial: `UPDATE tasks SET started_at = 1 WHERE id = (SELECT min(id) FROM tasks WHERE repo_id = :repo)`,
  blocked: `UPDATE tasks SET status = 'blocked' WHERE repo_id = :repo`,
  waiting: `INSERT INTO task_deps SELECT id, 'never-done' FROM tasks WHERE repo_id = :repo`,
  delayed: `UPDATE jobs SET available_at = ${T0 * 2}, sort_key = 0 WHERE repo_id = :repo`,
};

/** Copies of one task and its job that the store itself made. */
function copier(sqlite) {
  const columns = (table, own) =>
    sqlite
      .pragma(`table_info(${table})`)
      .map(({ name }) => name)
      .filter((name) => !own.includes(name))
      .join(', ');
  const [ofTask, ofJob] = [
    columns('tasks', ['id', 'repo_id', 'branch']),
    columns('jobs', ['id', 'repo_id', 'task_id', 'state', 'lease_until']),
  ];
  const task = sqlite.prepare(`INSERT INTO tasks (id, repo_id, branch, ${ofTask})
    SELECT :id, :repo, :id, ${ofTask} FROM tasks WHERE id = 'never-done'`);
  const job = sqlite.prepare(`INSERT INTO jobs (repo_id, task_id, state, ${ofJob})
    SELECT :repo, :id, 'ready', ${ofJob} FROM jobs WHERE task_id = 'never-done'`);
  return (id, repo) => {
    task.run({ id, repo });
    job.run({ id, repo });
  };
}

async function filled({ tasks, repos }, name) {
  const { store, sqlite } = checkout.open(join(root, name));
  sqlite.pragma('synchronous = OFF');
  const add = (id) =>
    store.addRepo({ id, url: `/${id}`, forge: 'local', main: 'main', profile: 'gates-only', atMs: T0 });
  await add('away');
  for (let at = 0; at < CLAIMS; at += 1) await add(`open-${at}`);
  await store.addTask(
    {
      id: 'never-done',
      repoId: 'away',
      profile: 'gates-only',
      branch: 'b',
      key: 'K',
      title: 'T',
      actor: 'b',
      atMs: T0,
    },
    checkout.engine,
  );
  const copy = copier(sqlite);
  for (let at = 0; at < repos; at += 1) await add(`r${at}`);
  const kinds = Object.keys(HOLDS);
  const seed = Number(options.seed);
  sqlite.transaction(() => {
    for (let at = 0; at < tasks; at += 1) copy(`task-${at}`, `r${at % repos}`);
    for (let at = 0; at < repos; at += 1) {
      const kind = kinds[(at + seed) % kinds.length];
      sqlite.prepare(HOLDS[kind]).run({ repo: `r${at}` });
    }
    // The first task of a serial repository is at work.
    sqlite.exec(`UPDATE jobs SET state = 'leased', lease_until = 9e15
      WHERE task_id IN (SELECT id FROM tasks WHERE started_at IS NOT NULL) OR task_id = 'never-done'`);
  })();
  while ((await claim(store)) !== null);
  // Its job goes with it.
  const drop = sqlite.prepare('DELETE FROM tasks WHERE id = ?');
  return { store, copy, drop: (id) => drop.run(id), made: 0 };
}

const claim = (store) =>
  store.claimJob({
    workerId: 'w1',
    kinds: ['gate', 'landing', 'agent', 'probe'],
    nowMs: T0 + 1_000_000,
    leaseMs: 60_000,
    limits: { agents: 1_000_000, gateRuns: 1_000_000, serialPerRepo: true },
    host: HOST,
  });

/** CPU microseconds of a claim that finds a job, and of one that finds none. */
async function measure(world) {
  const jobs = [];
  const made = Array.from({ length: CLAIMS }, () => `free-${world.made++}`);
  for (const [at, id] of made.entries()) world.copy(id, `open-${at}`);
  const found = await timed(async () => jobs.push(await claim(world.store)));
  if (jobs.some((job) => job?.repoId.startsWith('open-') !== true)) throw new Error('the wrong job was claimed');
  const vain = await timed(async () => {
    if ((await claim(world.store)) !== null) throw new Error('a held job was claimed');
  });
  for (const id of made) world.drop(id);
  return { found, vain };
}

async function timed(body) {
  const start = process.cpuUsage();
  for (let at = 0; at < CLAIMS; at += 1) await body();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / CLAIMS;
}

/** MiB of a process of its own that made a thousand claims at this size, and how many of them came with the claims. */
function memoryAt({ tasks }) {
  const run = spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), '--size', String(tasks)], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

if (options.size !== undefined) {
  const size = SIZES.find(({ tasks }) => tasks === Number(options.size));
  const world = await filled(size, 'memory.sqlite');
  const rss = () => {
    globalThis.gc();
    return process.memoryUsage().rss / 2 ** 20;
  };
  await measure(world);
  const before = rss();
  for (let at = 0; at < 1_000 / CLAIMS; at += 1) await measure(world);
  console.log(JSON.stringify({ rss: rss(), grown: rss() - before }));
} else {
  const worlds = [];
  for (const [at, size] of SIZES.entries()) worlds.push(await filled(size, `${at}.sqlite`));
  const nameOf = ({ tasks, repos }) => `${tasks} tasks, ${repos} repositories`;
  const contenders = Object.fromEntries(SIZES.map((size, at) => [nameOf(size), () => measure(worlds[at])]));
  const samples = await interleave(Number(options.rounds), contenders, 20);
  const memory = SIZES.map(memoryAt);
  const all = (size, what) => samples[nameOf(size)].map((sample) => sample[what]);
  // Medians, and not a median of ratios: what differs between two rounds is the machine, not the size.
  const ratio = (size, what) => median(all(size, what)) / median(all(SIZES[0], what));
  printTable(
    `CPU microseconds of a claim, median of ${options.rounds} rounds of ${CLAIMS}`,
    ['beside', 'finds a job', 'of the smallest', 'finds none', 'of the smallest', 'MiB', 'of them by 1,000 claims'],
    SIZES.map((size, at) => [
      nameOf(size),
      median(all(size, 'found')),
      ratio(size, 'found'),
      median(all(size, 'vain')),
      ratio(size, 'vain'),
      memory[at].rss,
      memory[at].grown,
    ]),
  );
  const largest = SIZES.at(-1);
  const goal = { against: 'the same beside 100 tasks', unit: 'times', atMost: 1.2 };
  const missed = printGoals([
    {
      ...goal,
      what: 'a claim that finds a job',
      ours: ratio(largest, 'found'),
      blind: 'the first claim after a change',
    },
    { ...goal, what: 'a claim that finds none', ours: ratio(largest, 'vain'), blind: 'the first claim after a change' },
    { ...goal, what: 'memory', ours: memory.at(-1).rss / memory[0].rss, blind: 'the page cache of the system' },
  ]);
  process.exitCode = missed === 0 ? 0 : 1;
  for (const { store } of worlds) await store.close();
}
rmSync(root, { recursive: true, force: true });
