/**
 * One round of frozen holders: the service is stopped by SIGSTOP while it holds the merge lease, a second one takes over,
 * and the first one goes on. Nothing may land twice, and no end of a job that was taken away may count.
 * The second service can check on this machine that the first one lives, and would refuse to start. So the first one's row is
 * rewritten to what a service in another container on the same disk leaves: another host, silent for longer than a minute.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { auditRun } from './audit.mjs';
import { random } from './random.mjs';
import { converge, enqueueAll, rowsOf } from './scene.mjs';

const MOST_PER_ROUND = 3;
const HELD = 'SELECT holder, token FROM leases WHERE released_at IS NULL';
const TAKEN = "SELECT id, token, kind, step FROM jobs WHERE state = 'leased'";
const ELSEWHERE = "UPDATE workers SET host = 'elsewhere', heartbeat_at = heartbeat_at - 120000";
/** Only ends a round that hangs. */
const LIMIT_MS = 10 * 60_000;

/** What was done and what was found; at most `left` services are frozen. */
export async function frozenRound(scene, { seed, left }) {
  const rng = random(seed);
  const wanted = Math.min(left, 1 + Math.floor(rng() * MOST_PER_ROUND));
  const done = { holders: 0, jobsTakenAway: 0 };
  const found = [];
  let service = scene.service();
  await service.start();
  await enqueueAll(service, scene);
  while (done.holders < wanted) {
    const old = service;
    const taken = await freezeHolder(old, scene, rng);
    if (taken === null) break;
    service = scene.service();
    await service.start();
    await until('the jobs of the frozen service are taken over', () => areTakenOver(scene, taken));
    await pause(rng() * 2_000);
    old.resume();
    await until('the frozen service has ended its jobs', () => taken.every((job) => endOf(old, job) !== null));
    found.push(...taken.flatMap((job) => counted(old, job)), ...(await ended(old, 'service that was frozen')));
    done.holders += 1;
    done.jobsTakenAway += taken.length;
  }
  const stuck = await converge(scene);
  if (stuck !== null) found.push(stuck);
  found.push(...(await ended(service, 'last service')), ...(await auditRun({ ...scene, stops: new Map() })));
  return { done, found };
}

async function ended(service, which) {
  const code = await service.stop();
  return code === 0 ? [] : [`the ${which} ended with ${code}`];
}

/** The jobs that were claimed when the service was frozen with the lease in its hand; null when there is no lease any more. */
async function freezeHolder(service, scene, rng) {
  while (await isHeldSoon(scene)) {
    await pause(rng() * 1_500);
    service.freeze();
    if (rowsOf(scene.dataDir, HELD).length > 0 && markElsewhere(scene)) return rowsOf(scene.dataDir, TAKEN);
    service.resume();
    await pause(20);
  }
  return null;
}

/** False: nothing will hold the lease any more. */
async function isHeldSoon(scene) {
  let isHeld = false;
  await until('the lease is held, or all is over', () => {
    isHeld = rowsOf(scene.dataDir, HELD).length > 0;
    return isHeld || rowsOf(scene.dataDir, TAKEN.replace("= 'leased'", "IN ('ready', 'leased')")).length === 0;
  });
  return isHeld;
}

/** False: the service was frozen in the middle of a write, and nobody can write before it goes on. */
function markElsewhere({ dataDir }) {
  try {
    rowsOf(dataDir, ELSEWHERE, { write: true });
    return true;
  } catch (error) {
    if (String(error.code).startsWith('SQLITE_BUSY')) return false;
    throw error;
  }
}

function areTakenOver({ dataDir }, taken) {
  const live = new Map(rowsOf(dataDir, TAKEN).map(({ id, token }) => [id, token]));
  const ready = new Set(rowsOf(dataDir, "SELECT id FROM jobs WHERE state = 'ready'").map(({ id }) => id));
  return taken.every(({ id, token }) => !ready.has(id) && (live.get(id) ?? token + 1) > token);
}

/** How the service's own run of the job ended, from its log; null while it has not. */
function endOf(service, { id }) {
  for (const line of service.log
    .slice(service.resumedAt)
    .split('\n')
    .filter((text) => text.startsWith('{'))) {
    const { job, message, outcome } = parsed(line);
    if (job === id && message === 'job ended') return outcome ?? 'none';
    if (job === id && message === 'a job failed inside the service') return 'failed';
  }
  return null;
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

function counted(service, job) {
  const end = endOf(service, job);
  return end === 'applied' ? [`job ${job.id} (${job.step}) was taken away, and its first end counted`] : [];
}

async function until(what, holds) {
  const deadline = Date.now() + LIMIT_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await pause(25);
  }
}
