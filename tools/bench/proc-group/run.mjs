// npm run proc-group [-- --rounds N] [--repetitions N] [--only leaks,spawn,kill,output,blocked]
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { interleave, median, percentile, printGoals, printTable } from '../ratio-table.mjs';
import { allContenders } from './contenders.mjs';
import { measureCgroupKill, measureKill, measureSpawn } from './costs.mjs';
import { measureLeaks } from './leaks.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    repetitions: { type: 'string', default: '1' },
    only: { type: 'string', default: 'leaks,spawn,kill,output,blocked' },
  },
});
const rounds = Number(values.rounds);
const wanted = values.only.split(',');
const { contenders, absent, usable } = await allContenders();
const goals = [];

const inChild = (...args) =>
  JSON.parse(
    execFileSync(
      process.execPath,
      ['--conditions=gatehouse:src', fileURLToPath(new URL('./in-child.mjs', import.meta.url)), ...args.map(String)],
      {
        encoding: 'utf8',
      },
    ),
  );

const ownCgroup = () => {
  const own = /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'latin1'))?.[1] ?? '/';
  const mount = readFileSync('/proc/self/mountinfo', 'latin1').match(/ (\/\S+) \S+ .*- cgroup2 /)?.[1];
  return `${mount}${own}`;
};

console.log(
  `node ${process.version}, Linux ${release()}, ${availableParallelism()} CPUs, load ${loadavg()[0].toFixed(1)}; not here: ${absent.join(', ') || 'nothing'}`,
);

if (wanted.includes('leaks')) {
  const leaking = await measureLeaks(contenders, Number(values.repetitions));
  const peers = Object.entries(leaking).filter(([name]) => !name.startsWith('gatehouse'));
  const best = Math.min(...peers.map(([, count]) => count));
  for (const [name, ours] of Object.entries(leaking).filter(([each]) => each.startsWith('gatehouse'))) {
    goals.push({
      what: `shapes leaked on, ${name}`,
      ours,
      unit: 'of 10',
      against: `best peer ${best}`,
      atMost: 0,
      blind: 'rare races; the soak repeats each shape a thousand times',
    });
  }
}

if (wanted.includes('spawn')) {
  const samples = await measureSpawn(contenders, rounds, usable.has('kernel') ? ownCgroup() : null);
  const [plain, exec] = [median(samples['plain spawn']), median(samples['one exec, from a shell'])];
  goals.push({
    what: 'extra time of a run, level cookie',
    ours: median(samples['gatehouse cookie']) - plain,
    reference: exec,
    against: 'one dynamic exec',
    unit: 'ms',
    atMost: 3,
    blind: 'includes the private HOME, the guard and the proof, not only the exec',
  });
  if (usable.has('kernel')) {
    goals.push({
      what: 'extra time of level kernel over cookie',
      ours: median(samples['gatehouse kernel']) - median(samples['gatehouse cookie']),
      reference: median(samples['shell, joins a cgroup']) - median(samples['shell, stays']),
      against: 'one cgroup migration',
      unit: 'ms',
      atMost: 1.1,
      blind: 'runs that follow closely pay less for the migration than one after a pause',
    });
  }
}

if (wanted.includes('kill')) {
  const some = Math.max(5, Math.floor(rounds / 2));
  const rows = [];
  for (const level of ['kernel', 'cookie'].filter((each) => usable.has(each))) {
    const containment = level === 'kernel' ? 'best' : 'cookie';
    for (const count of [1, 10, 100]) {
      const { killMs, lateMs, handMs, timerMs } = await measureKill(containment, count, some);
      rows.push([level, count + 1, median(killMs), percentile(killMs, 0.99), median(lateMs), percentile(lateMs, 0.99)]);
      if (count === 1)
        goals.push({
          what: `SIGKILL to proved quiet, 2 processes, ${level}`,
          ours: median(killMs),
          against: `kill(-pid) to the exit event, no proof: ${median(handMs).toFixed(1)}`,
          unit: 'ms',
          atMost: 2,
          blind: 'the proof asks once about every process of the host',
        });
      if (count === 100) {
        if (usable.has('kernel'))
          goals.push({
            what: `the same, 101 processes, ${level}`,
            ours: median(killMs),
            reference: median(await measureCgroupKill(ownCgroup(), count, some)),
            against: 'cgroup.kill alone',
            unit: 'ms',
            atMost: level === 'kernel' ? 3 : 8,
            blind: 'a host with more processes pays more for the proof',
          });
        goals.push({
          what: `answer after deadline + grace, 101 processes, p99, ${level}`,
          ours: percentile(lateMs, 0.99),
          against: `a bare timer is late by ${percentile(timerMs, 0.99).toFixed(1)}`,
          unit: 'ms',
          atMost: 25,
          blind: `p99 of ${some} is the worst; timers of a busy machine are in it`,
        });
      }
    }
  }
  printTable(
    'A tree that ignores SIGTERM, ms',
    ['level', 'processes', 'SIGKILL to quiet', 'p99', 'answer after deadline + grace', 'p99'],
    rows,
  );
}

if (wanted.includes('output')) {
  const readers = ['gatehouse', 'execa', 'spawn, chunks dropped', 'spawn, chunks kept', 'file descriptor'];
  const samples = await interleave(
    3,
    Object.fromEntries(readers.map((name) => [name, async () => inChild('output', name, 1024)])),
    0,
  );
  const rows = readers.map((name) => [
    name,
    median(samples[name].map((each) => each.mibPerSecond)),
    Math.max(...samples[name].map((each) => each.grownMiB)),
  ]);
  printTable('1 GiB of standard output', ['reader', 'MiB/s', 'memory grown, MiB (worst of 3)'], rows);
  const of = (name) => rows.find((row) => row[0] === name);
  goals.push({
    what: 'reading 1 GiB',
    ours: of('gatehouse')[1],
    reference: of('file descriptor')[1],
    against: 'straight to a file',
    unit: 'MiB/s',
    atLeast: 0.6,
    blind: 'a producer that is slower than the reader',
  });
  goals.push({
    what: 'memory for 1 GiB of output',
    ours: of('gatehouse')[2],
    against: `execa ${Math.round(of('execa')[2])}, dropping all ${Math.round(of('spawn, chunks dropped')[2])}`,
    unit: 'MiB',
    atMost: 32,
    blind: 'a listener that keeps the chunks',
  });
}

if (wanted.includes('blocked')) {
  const cases = {
    'spawn, small': ['spawn', 0],
    'spawn, 1 GiB': ['spawn', 1024],
    'execa, 1 GiB': ['execa', 1024],
    'gatehouse, small': ['gatehouse', 0],
    'gatehouse, 1 GiB': ['gatehouse', 1024],
  };
  const samples = await interleave(
    3,
    Object.fromEntries(
      Object.entries(cases).map(([name, [who, mib]]) => [
        name,
        async () => median(inChild('blocked', who, mib).stalls),
      ]),
    ),
    0,
  );
  printTable(
    'Longest stall of the event loop during one run of /bin/true, ms',
    ['who, resident memory', 'median'],
    Object.entries(samples).map(([name, each]) => [name, median(each)]),
  );
  goals.push({
    what: 'event loop blocked by a run at 1 GiB',
    ours: median(samples['gatehouse, 1 GiB']),
    reference: median(samples['spawn, small']),
    against: 'a plain spawn from a small process',
    unit: 'ms',
    atMost: 1.1,
    blind: `the first run, which starts the spawner; plain spawn at 1 GiB: ${median(samples['spawn, 1 GiB']).toFixed(1)} ms`,
  });
}

const missed = printGoals(goals);
console.log(`\n${goals.length - missed} of ${goals.length} goals met`);
process.exit(0);
