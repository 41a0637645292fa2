// Runs in a process of its own, so that memory and stalls belong to one contender alone. Prints one line of JSON.
//   output CONTENDER MIB      peak memory and speed of reading that much
//   blocked CONTENDER MIB     longest stall of the event loop during a run, at that much ballast
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { runInGroup } from '../../../packages/proc-group/src/index.ts';

const [what, contender, amount] = process.argv.slice(2);
const mib = Number(amount);
const peakMiB = () => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]) / 1024;
const closed = (child) => new Promise((resolve) => child.on('close', resolve));

const readers = {
  gatehouse: (args) =>
    runInGroup({ command: 'head', args, timeoutMs: 300_000, output: { headBytes: 65_536, tailBytes: 65_536 } }),
  execa: (args) => execa('head', args, { encoding: 'buffer', maxBuffer: 2 ** 31, reject: false }),
  'spawn, chunks dropped': (args) => {
    const child = spawn('head', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.resume();
    return closed(child);
  },
  'spawn, chunks kept': (args) => {
    const child = spawn('head', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    return closed(child);
  },
  'file descriptor': async (args) => {
    const fd = openSync('/dev/null', 'w');
    await closed(spawn('cat', ['/dev/zero'], { stdio: ['ignore', fd, 'ignore'], timeout: 50 }));
    closeSync(fd);
    const file = openSync(`/tmp/gh-bench-${process.pid}`, 'w');
    await closed(
      spawn('sh', ['-c', 'head "$@"; rm /tmp/gh-bench-$PPID', 'sh', ...args], { stdio: ['ignore', file, 'ignore'] }),
    );
    closeSync(file);
  },
};

const starters = {
  gatehouse: () => runInGroup({ command: '/bin/true', timeoutMs: 20_000 }),
  execa: () => execa('/bin/true', { reject: false }),
  spawn: () => closed(spawn('/bin/true', { stdio: ['ignore', 'pipe', 'pipe'] })),
};

async function longestStall(body) {
  let worst = 0;
  let going = true;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    worst = Math.max(worst, now - last);
    last = now;
    if (going) setImmediate(tick);
  };
  setImmediate(tick);
  await body();
  going = false;
  return worst;
}

if (what === 'output') {
  await readers[contender](['-c', '1000000', '/dev/zero']);
  const before = peakMiB();
  const started = performance.now();
  await readers[contender](['-c', String(mib * 2 ** 20), '/dev/zero']);
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ grownMiB: peakMiB() - before, mibPerSecond: mib / seconds }));
} else {
  const ballast = Array.from({ length: mib }, () => Buffer.alloc(2 ** 20, 1));
  for (let round = 0; round < 3; round += 1) await starters[contender]();
  const stalls = [];
  for (let round = 0; round < 15; round += 1) stalls.push(await longestStall(starters[contender]));
  console.log(JSON.stringify({ stalls, ballast: ballast.length }));
}
process.exit(0);
