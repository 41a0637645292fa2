/**
 * Kills the running service with SIGKILL and stops tasks at random instants, again and again, and demands that every run
 * converges: nothing lost, nothing landed twice, no process left, every stop ends as it was answered. Run after a build:
 * node_modules/.bin/node tools/kill-loop/run.mjs [--kills 50] [--stops 30] [--seed N] [--keep]
 */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openSqliteStore } from '../../apps/orchestrator/dist/store/sqlite/open.js';
import { importHistory, resolveCommit } from '../../packages/git/dist/index.js';
import { historyStream } from '../demo/dist/history.js';
import { auditRun } from './audit.mjs';
import { Service, slowGit } from './killable.mjs';
import { branchesOf, FIRST, POLICY, SECOND } from './project.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    stops: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    keep: { type: 'boolean', default: false },
  },
});
const wanted = { kills: Number(values.kills), stops: Number(values.stops) };
const MOST_PER_RUN = 5;
const CONVERGE_MS = 5 * 60_000;

/** mulberry32: small, seeded, good enough to choose instants. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function prepare(number) {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-kills-'));
  const marker = `gatehouse-kill-${process.pid}-${number}`;
  const branches = branchesOf(marker);
  const forge = join(root, 'forge.git');
  const policy = join(root, 'policy.yaml');
  writeFileSync(policy, POLICY);
  const imported = await importHistory({
    dir: forge,
    main: 'main',
    stream: historyStream([FIRST, SECOND], branches, 1_790_000_000),
  });
  if (imported.kind !== 'imported') throw new Error(`the repository cannot be made: ${JSON.stringify(imported)}`);
  const before = await resolveCommit({ repo: { gitDir: forge }, ref: 'refs/heads/main' });
  return { root, marker, branches, forge, policy, before: before.sha, dataDir: join(root, 'data') };
}

async function mustAsk(service, path, body) {
  const answer = await service.ask(path, body);
  if (answer === null || answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer.body;
}

const isAtRest = ({ stage, status }) => stage === 'done' || stage === 'cancelled' || status === 'blocked';

/** Half of the time any instant; else one while a task is inside the critical window, or soon after. */
async function chooseInstant(dataDir, rng) {
  if (rng() < 0.5) return pause(200 + rng() * 2500);
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline && (await insideWindow(dataDir)) === 0) await pause(25);
  return pause(rng() * 1200);
}

async function disturb(service, scene, { plan, rng }) {
  const moves = [...Array(plan.kills).fill('kill'), ...Array(plan.stops).fill('stop')].sort(() => rng() - 0.5);
  const stops = new Map();
  let inWindow = 0;
  for (const move of moves) {
    await chooseInstant(scene.dataDir, rng);
    if (move === 'kill') {
      await service.kill();
      inWindow += await insideWindow(scene.dataDir);
      await service.start();
      continue;
    }
    const open = scene.branches.filter(({ name }) => !stops.has(name));
    const { name } = open[Math.floor(rng() * open.length)];
    const told = await service.ask(`/tasks/${scene.tasks.get(name)}/stop`, { reason: 'a random instant' });
    if (told !== null && told.status >= 300) throw new Error(`stop of ${name}: ${JSON.stringify(told)}`);
    stops.set(name, told === null ? 'lost' : told.body.outcome);
  }
  return { stops, inWindow };
}

/** How many tasks the killed service was landing: read before the next one starts. */
async function insideWindow(dataDir) {
  const opened = openSqliteStore(join(dataDir, 'gatehouse.db'));
  const tasks = await opened.store.listTasks({ limit: 1000 });
  await opened.store.close();
  return tasks.filter(({ criticalToken }) => criticalToken !== null).length;
}

async function converge(service, scene) {
  const deadline = Date.now() + CONVERGE_MS;
  for (;;) {
    const tasks = await mustAsk(service, '/tasks');
    const stopping = await mustAsk(service, '/queue');
    if (tasks.every(isAtRest) && stopping.jobs.live.length === 0 && (await settled(scene))) return null;
    if (Date.now() > deadline) {
      const open = tasks
        .filter((task) => !isAtRest(task))
        .map(({ branch, stage, status }) => `${branch} ${stage}/${status}`);
      return `did not converge: ${open.join(', ') || 'something is unsettled'}`;
    }
    await pause(200);
  }
}

async function settled({ dataDir }) {
  const opened = openSqliteStore(join(dataDir, 'gatehouse.db'));
  const unsettled = await opened.store.unsettledStops();
  const counts = await opened.store.queueCounts(Date.now());
  await opened.store.close();
  return unsettled.length === 0 && counts.outboxPending === 0;
}

async function oneRun(number, plan, rng) {
  const scene = await prepare(number);
  const service = new Service(scene.dataDir, slowGit(scene.root, 1.2));
  try {
    await service.start();
    await mustAsk(service, '/repos', { id: 'app', path: scene.forge, policy_path: scene.policy });
    scene.tasks = new Map();
    for (const { name, branch } of scene.branches)
      scene.tasks.set(name, (await mustAsk(service, '/tasks', { repo: 'app', branch })).id);
    const { stops, inWindow } = await disturb(service, scene, { plan, rng });
    const stuck = await converge(service, scene);
    const code = await service.stop();
    const breaches = [
      ...(stuck === null ? [] : [stuck]),
      ...(code === 0 ? [] : [`the last service ended with ${code}`]),
      ...(await auditRun({ ...scene, stops })),
    ];
    return { breaches, stops, inWindow, log: service.log, root: scene.root };
  } finally {
    if (service.child !== null && service.child.exitCode === null && service.child.signalCode === null)
      await service.kill();
  }
}

const seed = Number(values.seed);
const done = { runs: 0, kills: 0, stops: 0, inWindow: 0 };
const answers = new Map();
let failed = 0;
while (done.kills < wanted.kills || done.stops < wanted.stops) {
  const rng = random(seed + done.runs);
  const plan = {
    kills: Math.min(wanted.kills - done.kills, 1 + Math.floor(rng() * MOST_PER_RUN)),
    stops: Math.min(wanted.stops - done.stops, Math.floor(rng() * (MOST_PER_RUN - 1))),
  };
  const run = await oneRun(done.runs, plan, rng);
  for (const answer of run.stops.values()) answers.set(answer, (answers.get(answer) ?? 0) + 1);
  done.runs += 1;
  done.kills += plan.kills;
  done.stops += plan.stops;
  done.inWindow += run.inWindow;
  const told = [...run.stops].map(([name, answer]) => `${name} ${answer}`).join(', ');
  console.log(
    `run ${done.runs}: ${plan.kills} kills (${run.inWindow} while landing), ${plan.stops} stops (${told || 'none'}): ${run.breaches.length === 0 ? 'converged' : 'BROKEN'}`,
  );
  for (const breach of run.breaches) console.log(`  ${breach}`);
  if (run.breaches.length > 0) {
    failed += 1;
    writeFileSync(join(run.root, 'service.log'), run.log);
    console.log(`  kept: ${run.root} (seed ${seed})`);
  } else if (!values.keep) rmSync(run.root, { recursive: true, force: true });
}
const words = [...answers].map(([answer, times]) => `${answer} ${times}`).join(', ');
console.log(
  `seed ${seed}: ${done.runs} runs, ${done.kills} kills of which ${done.inWindow} while landing, ${done.stops} stops (${words || 'none'}), ${failed} runs broken`,
);
process.exitCode = failed === 0 ? 0 : 1;
