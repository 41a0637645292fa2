// Outlives the launcher that started it, and ends what the launcher had started if that is gone without a word: a process
// that SIGKILL ends can do nothing itself. Plain JavaScript for any Node >= 18. Standard input: `+ PID` when a child runs,
// `- PID` when it is over. At the end of the input every child that is not over gets SIGTERM, then its whole tree SIGKILL; the
// folder that the argument names is removed after them.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** As long as a service may take to end its runs. */
const GRACE_MS = 8000;
/** As long as whatever still starts others is hunted. */
const KILL_MS = 30_000;
const POLL_MS = 100;

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));

/** One process: pid, parent, and a start that makes the pid its own where the system tells one. */
function listProcesses() {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(statOf)
      .filter((stat) => stat !== null);
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,lstart='], { encoding: 'utf8' }).trim().split('\n');
  return rows.map((row) => {
    const [pid, parent, ...start] = row.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), start: start.join(' ') };
  });
}

/** Null for one that has ended. */
function statOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1).split(' ');
    return /^[ZX]/.test(fields[0]) ? null : { pid: Number(pid), parent: Number(fields[1]), start: fields[19] };
  } catch {
    return null;
  }
}

const keyOf = ({ pid, start }) => `${pid} ${start}`;

/** Adds to `family` whoever is below one of it by now; answers who of it still is there. */
function living(family) {
  const all = listProcesses();
  const members = new Set(all.filter((one) => family.has(keyOf(one))).map(({ pid }) => pid));
  for (let grown = true; grown; ) {
    const found = all.filter(({ pid, parent }) => members.has(parent) && !members.has(pid));
    for (const one of found) {
      members.add(one.pid);
      family.add(keyOf(one));
    }
    grown = found.length > 0;
  }
  return all.filter(({ pid }) => members.has(pid));
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended, or is not ours to end.
  }
}

/** Children by pid, with the start that was read when we heard of them. */
const open = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const [sign, pid] = line.split(' ');
  if (sign === '-') open.delete(Number(pid));
  const child = sign === '+' ? listProcesses().find((one) => one.pid === Number(pid)) : undefined;
  if (child !== undefined) open.set(child.pid, child);
}

const family = new Set([...open.values()].map(keyOf));
const until = Date.now() + GRACE_MS;
const children = living(family).filter(({ pid }) => open.has(pid));
for (const { pid } of children) signal(pid, 'SIGTERM');
while (living(family).length > 0 && Date.now() < until) await pause();
// A process that is frozen, or inside the kernel, has the signal waiting for it: asking longer ends it no sooner.
const last = Date.now() + KILL_MS;
for (let rest = living(family); rest.length > 0 && Date.now() < last; rest = living(family)) {
  for (const { pid } of rest) signal(pid, 'SIGKILL');
  await pause();
}

const [scratch] = process.argv.slice(2);
if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
