// Runs every hard tree many times at each level and counts who survives; then kills orchestrators in the middle.
//   node --conditions=gatehouse:src soak/leaks.mjs [repetitions = 1000] [kills = 100]
// Prints one line per level and shape, ends with status 1 if anybody survived or a proof was missing. Needs Linux, perl.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { containmentLevel, runInGroup } from '@gatehouse/proc-group';

const repetitions = Number(process.argv[2] ?? 1000);
const kills = Number(process.argv[3] ?? 100);
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const shapes = file('../test/fixtures/shapes.pl');
let bad = 0;

function alive(marker) {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(marker);
    } catch {
      return false;
    }
  }).length;
}

const most = (marker, looks) => Math.max(...Array.from({ length: looks }, () => alive(marker)));
const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? 0;

async function repeat(containment, shape) {
  const seen = { survivors: 0, unproved: 0, late: [] };
  for (let round = 0; round < repetitions; round += 1) {
    const marker = `gh-soak-${randomBytes(6).toString('hex')}`;
    const [timeoutMs, graceMs] = [150, 50];
    const spec = { command: 'perl', args: [shapes, marker, shape], timeoutMs, graceMs, containment };
    const run = await runInGroup(spec);
    if (run.kind === 'crashed') throw run.error;
    seen.survivors += most(marker, 5);
    if (!run.containment.verified) seen.unproved += 1;
    seen.late.push(run.timings.totalMs - timeoutMs - graceMs);
  }
  bad += seen.survivors + seen.unproved;
  const late = `${percentile(seen.late, 0.5).toFixed(0)} / ${percentile(seen.late, 0.99).toFixed(0)} ms`;
  console.log(
    `${containment} ${shape}: ${repetitions} runs, ${seen.survivors} survivors, ${seen.unproved} unproved, answer after deadline + grace p50/p99 ${late}`,
  );
}

async function killOnce() {
  const marker = `gh-soak-${randomBytes(6).toString('hex')}`;
  const args = [
    '--conditions=gatehouse:src',
    file('../test/fixtures/orchestrator.mjs'),
    'best',
    'adef',
    shapes,
    marker,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return most(marker, 3);
}

const machine = await containmentLevel();
console.log(`node ${process.version}, best level ${machine.level}`);
for (const containment of ['best', 'cookie']) {
  for (const shape of 'abcdefghij') await repeat(containment, shape);
}
let survivors = 0;
for (let round = 0; round < kills; round += 1) survivors += await killOnce();
console.log(`${kills} orchestrators killed: ${survivors} survivors a second later`);
process.exitCode = bad + survivors === 0 ? 0 : 1;
