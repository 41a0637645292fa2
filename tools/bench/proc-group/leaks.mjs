// Ten trees that are hard to end, every contender, one after the other: what is still alive, how long until the group is
// empty, and whether the promise settled at all.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { median, printTable, show } from '../ratio-table.mjs';

const SHAPES = fileURLToPath(new URL('../../../packages/proc-group/test/fixtures/shapes.pl', import.meta.url));
const LIMITS = { timeoutMs: 300, graceMs: 200 };
/** Past deadline and grace: a contender that has not settled by then counts as hanging, a process that is alive as leaked. */
const CAP_MS = 1200;
/** So many scans of the observer in a row must find no process. */
const EMPTY_SCANS = 25;

function sweep(marker) {
  for (let round = 0; round < 20; round += 1) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        if (readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(marker)) process.kill(Number(pid), 'SIGKILL');
      } catch {
        // Gone.
      }
    }
  }
}

async function trial(run, shape, { observer, seen }) {
  const marker = `gh-bench-${randomBytes(6).toString('hex')}`;
  observer.postMessage(marker);
  await delay(20);
  const deadline = Date.now() + LIMITS.timeoutMs;
  let settled = false;
  const pending = run('perl', [SHAPES, marker, shape], LIMITS).then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await Promise.race([pending, delay(LIMITS.timeoutMs + LIMITS.graceMs + CAP_MS)]);
  const hung = !settled;
  const giveUp = Math.max(Date.now(), deadline + LIMITS.graceMs) + 900;
  seen[0] = 0;
  while (seen[2] < EMPTY_SCANS && Date.now() < giveUp) await delay(2);
  const leaked = seen[2] < EMPTY_SCANS ? Math.max(1, seen[0]) : 0;
  const quietMs = leaked > 0 ? Number.NaN : seen[1] - deadline;
  sweep(marker);
  await Promise.race([pending, delay(500)]);
  return { leaked, quietMs, hung };
}

/** Returns how many shapes each contender leaked on. */
export async function measureLeaks(contenders, repetitions) {
  const seen = new Float64Array(new SharedArrayBuffer(32));
  const observer = new Worker(new URL('./observer.mjs', import.meta.url), { workerData: seen.buffer });
  const shapes = [...'abcdefghij'];
  const results = {};
  for (const shape of shapes) {
    for (const [name, run] of Object.entries(contenders)) {
      const trials = [];
      for (let round = 0; round < repetitions; round += 1) trials.push(await trial(run, shape, { observer, seen }));
      results[name] ??= {};
      results[name][shape] = {
        leaked: Math.max(...trials.map((each) => each.leaked)),
        quietMs: median(trials.map((each) => each.quietMs)),
        hung: trials.some((each) => each.hung),
      };
    }
  }
  await observer.terminate();
  const cell = ({ leaked, quietMs, hung }) =>
    `${leaked > 0 ? `**${leaked} leaked**` : show(quietMs)}${hung ? ', hangs' : ''}`;
  printTable(
    `Left alive after a deadline of ${LIMITS.timeoutMs} ms and a grace of ${LIMITS.graceMs} ms (worst of ${repetitions}), else ms from the deadline to quiet`,
    ['contender', ...shapes, 'leaking shapes', 'hanging shapes'],
    Object.entries(results).map(([name, byShape]) => [
      name,
      ...shapes.map((shape) => cell(byShape[shape])),
      String(shapes.filter((shape) => byShape[shape].leaked > 0).length),
      String(shapes.filter((shape) => byShape[shape].hung).length),
    ]),
  );
  return Object.fromEntries(
    Object.entries(results).map(([name, byShape]) => [
      name,
      shapes.filter((shape) => byShape[shape].leaked > 0).length,
    ]),
  );
}
