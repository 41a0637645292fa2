// Runs every hard tree many times at each level and counts who survives; then kills orchestrators in the middle.
//   node --conditions=gatehouse:src soak/leaks.mjs [repetitions = 1000] [kills = 100] [lanes = 4] [ways = best,cookie]
// Prints one line per level and shape, ends with status 1 if a process survived or a proof was missing. Needs Linux, perl.
// SOAK_STATE names a file that keeps what was done, so that an interrupted soak goes on where it was.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { containmentLevel, runInGroup } from '@gatehouse/proc-group';

const [repetitions = 1000, kills = 100, lanes = 4] = process.argv.slice(2, 5).map(Number);
const ways = (process.argv[5] ?? 'best,cookie').split(',');
const state = process.env.SOAK_STATE;
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const shapes = file('../test/fixtures/shapes.pl');
/** Long enough for a tree to stand even on a busy machine. */
const [timeoutMs, graceMs] = [150, 50];

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

const most = (marker, scans) => Math.max(...Array.from({ length: scans }, () => alive(marker)));
const newMarker = () => `gh-soak-${randomBytes(6).toString('hex')}`;
const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? 0;

async function runOnce(containment, shape) {
  const marker = newMarker();
  const run = await runInGroup({ command: 'perl', args: [shapes, marker, shape], timeoutMs, graceMs, containment });
  if (run.kind === 'crashed') throw run.error;
  const survivors = most(marker, 5);
  // Shape h ends by itself; what it leaves behind is ended without waiting for the deadline.
  const lateMs = run.kind === 'timeout' ? run.timings.totalMs - timeoutMs - graceMs : run.timings.totalMs;
  return { survivors, unproved: run.containment.verified ? 0 : 1, lateMs: Math.round(lateMs), kind: run.kind };
}

async function killOnce() {
  const marker = newMarker();
  const script = file('../test/fixtures/orchestrator.mjs');
  const args = ['--conditions=gatehouse:src', script, 'best', 'adef', shapes, marker];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await delay(1000);
  return { survivors: most(marker, 3), unproved: 0, lateMs: 0, kind: 'killed' };
}

/** What an earlier soak with the same state file already did. */
function done(name) {
  if (state === undefined || !existsSync(state)) return [];
  const lines = readFileSync(state, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line)).filter((entry) => entry.name === name);
}

/** Makes up what is missing to `count` rounds, `lanes` at a time. */
async function repeat(name, count, once) {
  const rounds = done(name).slice(0, count);
  let left = count - rounds.length;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const round = { name, ...(await once()) };
      rounds.push(round);
      if (state !== undefined) appendFileSync(state, `${JSON.stringify(round)}\n`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const sum = (field) => rounds.reduce((total, round) => total + round[field], 0);
  return { rounds, survivors: sum('survivors'), unproved: sum('unproved') };
}

let bad = 0;
const machine = await containmentLevel();
console.log(
  `${new Date().toISOString().slice(0, 16)}Z, node ${process.version}, best level ${machine.level}, ${lanes} lanes`,
);
for (const containment of ways) {
  for (const shape of 'abcdefghij') {
    const { rounds, survivors, unproved } = await repeat(`${containment} ${shape}`, repetitions, () =>
      runOnce(containment, shape),
    );
    bad += survivors + unproved;
    const late = rounds.map((round) => round.lateMs);
    const shown = `${percentile(late, 0.5)} / ${percentile(late, 0.99)} ms`;
    console.log(
      `${containment} ${shape}: ${rounds.length} runs, ${survivors} survivors, ${unproved} unproved, answer after deadline + grace p50/p99 ${shown}`,
    );
  }
}
const killed = await repeat('kills', kills, killOnce);
bad += killed.survivors;
console.log(`${kills} orchestrators killed: ${killed.survivors} survivors a second later`);
process.exitCode = bad === 0 ? 0 : 1;
