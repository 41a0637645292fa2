// Runs each shape of test/process-shapes.ts as root and as another user, at each level and without a keeper, and looks for
// survivors by their command lines. A survivor is bad when the answer says `verified`; a shape is bad when it never had a survivor
// at the levels that hold nothing, for then it shows nothing.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SHAPES } from '../test/process-shapes.ts';

const HELP = `node --conditions=gatehouse:src soak/shapes.mjs [--rounds 1] [--seed 1] [--minutes 55] [--state FILE] [--only TEXT]
  --rounds N    how often each shape is run in each way
  --seed N      the order of the runs, and so what runs after what
  --minutes N   stops then; with --state the next call goes on there
  --state FILE  keeps what was done, one JSON line a run
  --only TEXT   only shapes and ways whose names have it
As root it also runs as another user and hides perl (unshare). Ends with status 1 for a survivor that was not told, or a shape that
never stood.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '55' },
    state: { type: 'string' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const isRoot = process.getuid() === 0;
const has = (program) => spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0;
const runner = fileURLToPath(new URL('shape-runner.mjs', import.meta.url));
const node = [process.execPath, '--conditions=gatehouse:src', runner];
const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', 'env', 'HOME=/tmp', 'TMPDIR=/tmp'];
const bare = [
  'unshare',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  'mount --bind /dev/null "$(command -v perl)" && exec "$@"',
  'sh',
];

/** Who runs, what it cannot see, and how each level is asked for. */
const WHO = [
  ['root', isRoot, [], ['best', 'cookie', 'namespace', 'group', 'plain']],
  ['nobody', isRoot, nobody, ['best', 'cookie', 'namespace', 'group', 'plain']],
  ['root without perl', isRoot, bare, ['best', 'cookie']],
  ['nobody without perl', isRoot, [...bare, ...nobody], ['cookie']],
  ['this user', !isRoot, [], ['best', 'cookie', 'namespace', 'group', 'plain']],
];

function alive(word) {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(word);
    } catch {
      return false;
    }
  });
}

function survivorsOf(word) {
  let most = 0;
  for (let scan = 0; scan < 5; scan += 1) {
    const found = alive(word);
    most = Math.max(most, found.length);
    if (found.length > 0) spawnSync('kill', ['-9', ...found]);
  }
  return most;
}

/** A process of that identity that makes one run after the other. */
function startRunner(prefix) {
  const [file, ...args] = [...prefix, ...node];
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('the runner has ended');
      return JSON.parse(value);
    },
    end: () => child.stdin.end(),
  };
}

/** mulberry32 */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const next = random(Number(values.seed));
const plan = [];
for (let round = 0; round < Number(values.rounds); round += 1)
  for (const [who, able, , levels] of WHO)
    for (const containment of able ? levels : [])
      for (const [shape, needs, script] of SHAPES) {
        const programs = needs.filter((need) => need !== 'root' && need !== 'own group');
        if (needs.includes('own group') && containment === 'plain') continue;
        if (needs.includes('root') && !/root|this user/.test(who)) continue;
        if (who.includes('without perl') && script.includes('perl')) continue;
        if (!programs.every(has) || (needs.includes('root') && !isRoot)) continue;
        const name = `${who}, ${containment}: ${shape} #${round}`;
        if (name.includes(values.only)) plan.push({ name, who, containment, shape, script, order: next() });
      }
plan.sort((a, b) => a.order - b.order);

const kept =
  values.state !== undefined && existsSync(values.state) ? readFileSync(values.state, 'utf8').split('\n') : [];
const done = new Map(kept.filter(Boolean).map((line) => [JSON.parse(line).name, JSON.parse(line)]));
const until = Date.now() + Number(values.minutes) * 60_000;
const runners = new Map();
let count = 0;
for (const { name, who, containment, shape, script } of plan) {
  if (done.has(name)) continue;
  if (Date.now() > until) break;
  if (!runners.has(who)) runners.set(who, startRunner(WHO.find(([one]) => one === who)[2]));
  count += 1;
  const seconds = `21.${String(100_000_000 + Math.floor(next() * 899_999_999))}`;
  const said = await runners.get(who).ask({ script, seconds, containment });
  const survivors = survivorsOf(seconds);
  const entry = { name, who, containment, shape, survivors, ...said };
  done.set(name, entry);
  if (values.state !== undefined) appendFileSync(values.state, `${JSON.stringify(entry)}\n`);
  if (survivors > 0 && said.verified) console.log(`NOT TOLD: ${JSON.stringify(entry)}`);
}
for (const { end } of runners.values()) end();

const entries = plan.map(({ name }) => done.get(name)).filter(Boolean);
for (const way of [...new Set(entries.map((entry) => `${entry.who}, ${entry.containment}`))].sort()) {
  const of = entries.filter((entry) => `${entry.who}, ${entry.containment}` === way);
  const sum = (test) => of.filter(test).length;
  const levels = [...new Set(of.map(({ level }) => level))].join('/');
  console.log(
    `${way} (level ${levels}): ${of.length} runs, ${sum(({ survivors }) => survivors > 0)} with survivors, ` +
      `${sum(({ survivors, verified }) => survivors > 0 && verified)} of them not told, ${sum(({ survivors, verified }) => survivors === 0 && !verified)} clean and not proven`,
  );
}
const untold = entries.filter(({ survivors, verified }) => survivors > 0 && verified);
const loose = entries.filter(({ containment }) => containment === 'group' || containment === 'plain');
const idle = [...new Set(loose.map(({ shape }) => shape))].filter(
  (shape) => !loose.some((entry) => entry.shape === shape && (entry.survivors > 0 || entry.leftovers > 0)),
);
for (const shape of idle) console.log(`never stood: ${shape}`);
console.log(
  `${entries.length} of ${plan.length} runs (${count} now), ${new Set(entries.map(({ shape }) => shape)).size} shapes, ${untold.length} survivors not told`,
);
process.exitCode = untold.length > 0 || idle.length > 0 ? 1 : 0;
