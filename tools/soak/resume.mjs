/** How soon a service that was killed goes on with what it was at, once it is started again. See HELP. */
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { converge, enqueueAll, prepareScene, rowsOf } from './scene.mjs';

const HELP = `node tools/soak/resume.mjs [--kills N]      run it after a build, on a machine that does nothing else

Kills the real service with SIGKILL while a job runs and starts it again at once, N times [20], and prints per kind of job how long it
takes until the job is claimed again: after the start of the process, and after it has said that it listens. The goal is 2 s after the start.
Exit status: 0 every job went on within it; 1 one did not, or a round did not come to rest; 2 usage.`;

const GOAL_MS = 2_000;
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '20' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
if (!/^[1-9]\d{0,3}$/.test(values.kills)) {
  console.error(`--kills ${values.kills} is not a whole number from 1 to 9999`);
  process.exit(2);
}

const leased = (dataDir) => rowsOf(dataDir, "SELECT id, kind, stage, token FROM jobs WHERE state = 'leased'");
const samples = new Map();
let problem = null;
for (let left = Number(values.kills); left > 0 && problem === null; ) {
  const scene = await prepareScene();
  const service = scene.service();
  try {
    await service.start();
    await enqueueAll(service, scene);
    for (; left > 0; left -= 1) {
      // Later in the run each time, so that every kind of job is met.
      const held = await somethingLeased(scene, Math.random() * 3_000);
      if (held === null) break;
      await service.kill();
      const job = leased(scene.dataDir)[0];
      const begun = performance.now();
      const wait = job === undefined ? null : claimedAgain(scene, job);
      await service.start();
      const listens = performance.now();
      if (wait === null) continue;
      const at = await wait;
      keep(`${job.stage} ${job.kind}`, { afterStart: at - begun, afterListen: Math.max(0, at - listens) });
    }
    problem = await converge(scene);
    await service.stop();
  } finally {
    scene.end();
    rmSync(scene.root, { recursive: true, force: true });
  }
}

/** Null when every task is over. */
async function somethingLeased({ dataDir }, afterMs) {
  await pause(afterMs);
  for (;;) {
    const jobs = leased(dataDir);
    if (jobs.length > 0) return jobs;
    if (rowsOf(dataDir, "SELECT 1 FROM jobs WHERE state = 'ready'").length === 0) return null;
    await pause(5);
  }
}

/** When the job has another token than the dead service's, or is over. */
async function claimedAgain({ dataDir }, { id, token }) {
  for (;;) {
    const [job] = rowsOf(dataDir, 'SELECT state, token FROM jobs WHERE id = ?', { values: [id] });
    if (job === undefined || job.token !== token || !['leased', 'ready'].includes(job.state)) return performance.now();
    await pause(5);
  }
}

function keep(kind, sample) {
  samples.set(kind, [...(samples.get(kind) ?? []), sample]);
}

const sorted = (list, name) => list.map((sample) => sample[name]).sort((one, other) => one - other);
const words = (list) => [list[0], list[list.length >> 1], list.at(-1)].map((ms) => `${Math.round(ms)}`).join(' / ');
console.log('| job | kills | after the start: least / median / most, ms | after it listens |');
console.log('|---|---|---|---|');
for (const [kind, list] of samples)
  console.log(
    `| ${kind} | ${list.length} | ${words(sorted(list, 'afterStart'))} | ${words(sorted(list, 'afterListen'))} |`,
  );
const late = [...samples.values()].flat().filter(({ afterStart }) => afterStart > GOAL_MS).length;
console.log(problem ?? `${late} of ${[...samples.values()].flat().length} later than ${GOAL_MS} ms after the start`);
process.exit(problem !== null || late > 0 ? 1 : 0);
