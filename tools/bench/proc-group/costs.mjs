// What a run costs when nothing goes wrong, and how fast it is over when something does.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
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

const exited = (child) => new Promise((resolve) => child.on('exit', resolve));

/** A shell that writes its pid somewhere and becomes the command: into a leaf, or nowhere. Their difference is the migration. */
const shell = (target) =>
  exited(spawn('/bin/sh', ['-c', 'echo 0 > "$0"; exec /bin/true', target], { stdio: 'ignore' }));

/** `parent`: a cgroup in which we may make leaves, or null. */
export async function measureSpawn(contenders, rounds, parent) {
  const leaf = `${parent}/gh-bench-join-${process.pid}`;
  if (parent !== null) mkdirSync(leaf);
  const limits = { timeoutMs: 20_000, graceMs: 0 };
  const runs = Object.entries(contenders).map(([name, run]) => [name, () => clock(() => run('/bin/true', [], limits))]);
  const group = () => clock(() => runInGroup({ command: '/bin/true', containment: 'group', ...limits }));
  const samples = await interleave(rounds, {
    'plain spawn': () => clock(plainSpawn),
    'one exec, from a shell': () => Promise.resolve(execMs()),
    'gatehouse group': group,
    'shell, stays': () => clock(() => shell('/dev/null')),
    ...(parent === null ? {} : { 'shell, joins a cgroup': () => clock(() => shell(`${leaf}/cgroup.procs`)) }),
    ...Object.fromEntries(runs),
  });
  if (parent !== null) rmdirSync(leaf);
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

/**
 * SIGKILL to an empty group, as the answer reports it, for a leader and `count` children that ignore SIGTERM; in turn with
 * the same tree ended by kill(-pid) until Node reports the exit, and with how late a bare timer is.
 */
export async function measureKill(containment, count, rounds) {
  const [timeoutMs, graceMs] = [250 + 2 * count, 50];
  const args = [SHAPES, `gh-bench-kill-${process.pid}`, `n${count}`, '20'];
  const ours = () => runInGroup({ command: 'perl', args, timeoutMs, graceMs, containment });
  const byHand = async () => {
    const child = spawn('perl', args, { stdio: 'ignore', detached: true });
    const lateMs = (await clock(() => delay(timeoutMs + graceMs))) - timeoutMs - graceMs;
    const gone = exited(child);
    return { lateMs, killMs: await clock(() => process.kill(-child.pid, 'SIGKILL') && gone) };
  };
  const samples = await interleave(rounds, { ours, byHand }, 1);
  return {
    killMs: samples.ours.map(({ timings }) => timings.killToQuietMs ?? Number.NaN),
    lateMs: samples.ours.map(({ timings }) => timings.totalMs - timeoutMs - graceMs),
    handMs: samples.byHand.map(({ killMs }) => killMs),
    timerMs: samples.byHand.map(({ lateMs }) => lateMs),
  };
}

/** The kernel's own speed at the same tree: one write, then until it says that no process is left. Needs a cgroup of ours. */
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
    if (child.exitCode === null && child.signalCode === null) await exited(child);
    rmdirSync(leaf);
  }
  return killMs;
}
