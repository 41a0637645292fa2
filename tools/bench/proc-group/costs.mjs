// What a run costs when nothing goes wrong, and how fast it is over when something does.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runInGroup } from '../../../packages/proc-group/src/index.ts';
import { interleave, median, percentile, printTable } from '../ratio-table.mjs';

const SHAPES = fileURLToPath(new URL('../../../packages/proc-group/test/fixtures/shapes.pl', import.meta.url));
const clock = async (body) => {
  const started = performance.now();
  await body();
  return performance.now() - started;
};

/** One fork, exec and wait of a dynamic program from a small process, by a shell that does nothing else. */
function execMs() {
  const script = 'i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done';
  const started = performance.now();
  spawnSync('/bin/sh', ['-c', script]);
  return (performance.now() - started) / 100;
}

const plainSpawn = () =>
  new Promise((resolve) => {
    const child = spawn('/bin/true', [], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    child.stderr.resume();
    child.on('close', resolve);
  });

export async function measureSpawn(contenders, rounds) {
  const limits = { timeoutMs: 20_000, graceMs: 0 };
  const runs = Object.entries(contenders).map(([name, run]) => [name, () => clock(() => run('/bin/true', [], limits))]);
  const group = () => clock(() => runInGroup({ command: '/bin/true', containment: 'group', ...limits }));
  const samples = await interleave(rounds, {
    'plain spawn': () => clock(plainSpawn),
    'one exec, from a shell': () => Promise.resolve(execMs()),
    'gatehouse group': group,
    ...Object.fromEntries(runs),
  });
  const plain = median(samples['plain spawn']);
  printTable(
    'One run of /bin/true, ms',
    ['contender', 'median', 'p95', 'more than a plain spawn'],
    Object.entries(samples).map(([name, values]) => [
      name,
      median(values),
      percentile(values, 0.95),
      median(values) - plain,
    ]),
  );
  return samples;
}

/** SIGKILL to quiet, as the answer tells it, for a leader and `count` children that ignore SIGTERM. */
export async function measureKill(containment, count, rounds) {
  const killMs = [];
  const lateMs = [];
  for (let round = 0; round < rounds; round += 1) {
    const [timeoutMs, graceMs] = [250 + 2 * count, 50];
    const args = [SHAPES, `gh-bench-kill-${process.pid}-${round}`, `n${count}`, '20'];
    const run = await runInGroup({ command: 'perl', args, timeoutMs, graceMs, containment });
    killMs.push(run.timings.killToQuietMs ?? Number.NaN);
    lateMs.push(run.timings.totalMs - timeoutMs - graceMs);
  }
  return { killMs, lateMs };
}

/** The kernel's own speed at the same tree: one write, then until it says that nobody is left. Needs a cgroup of ours. */
export async function measureCgroupKill(parent, count, rounds) {
  const killMs = [];
  for (let round = 0; round < rounds; round += 1) {
    const leaf = `${parent}/gh-bench-${process.pid}-${round}`;
    mkdirSync(leaf);
    const args = [
      '-c',
      'echo 0 > "$0/cgroup.procs"; exec "$@"',
      leaf,
      'perl',
      SHAPES,
      'gh-bench-cgroup',
      `n${count}`,
      '20',
    ];
    const child = spawn('/bin/sh', args, { stdio: 'ignore' });
    const members = () => readFileSync(`${leaf}/cgroup.procs`, 'latin1').split('\n').length - 1;
    while (members() < count + 1) await new Promise((resolve) => setTimeout(resolve, 5));
    const started = performance.now();
    writeFileSync(`${leaf}/cgroup.kill`, '1');
    while (!/^populated 0$/m.test(readFileSync(`${leaf}/cgroup.events`, 'latin1')));
    killMs.push(performance.now() - started);
    await new Promise((resolve) =>
      child.exitCode === null && child.signalCode === null ? child.on('exit', resolve) : resolve(),
    );
    rmdirSync(leaf);
  }
  return killMs;
}

/** The kernel's migration of one process into a leaf: a shell that joins, less the same shell that does not. */
export async function measureJoin(parent, rounds) {
  const leaf = `${parent}/gh-bench-join-${process.pid}`;
  mkdirSync(leaf);
  const shell = (target) => () =>
    clock(
      () =>
        new Promise((resolve) => {
          spawn('/bin/sh', ['-c', 'echo 0 > "$0"; exec /bin/true', target], { stdio: 'ignore' }).on('exit', resolve);
        }),
    );
  const samples = await interleave(rounds, { join: shell(`${leaf}/cgroup.procs`), stay: shell('/dev/null') });
  rmdirSync(leaf);
  return median(samples.join) - median(samples.stay);
}
