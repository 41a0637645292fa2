/**
 * Proves that the simulation finds what it is there for: plants one bug at a time in the built code, simulates, and
 * demands the violation. Run after a build: node_modules/.bin/node tools/break-sim.mjs [--only WORD] [--seed N]
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const LIMIT_MS = 20 * 60_000;
/** With nothing broken; a broken run ends at its first few violations. */
const SOUND = 2_000;
const BROKEN = 100_000;

const inService = (file, text, by) => ({ file: `apps/orchestrator/dist/${file}`, text, by });

/** `told`: the invariants of which one has to speak. Each text must stand in its built file exactly once. */
const BUGS = [
  {
    name: 'the critical window is entered without the job token',
    patches: [inService('store/stop.js', 'j.id = :jobId AND j.token = :token AND', 'j.id = :jobId AND')],
    told: ['stale-token'],
  },
  {
    name: 'a lease is released late',
    patches: [inService('store/transition.js', "(rests(task) || said.has('release-lease'))", 'rests(task)')],
    told: ['lease-at-rest'],
  },
  {
    name: 'the reaper forgets that a job is over',
    patches: [
      inService('store/jobs.js', "and(eq(jobs.state, 'leased').inlineParams(), or(sql", 'and(or(sql'),
      inService('store/jobs.js', "WHERE state = 'leased' AND (lease_until", 'WHERE (lease_until'),
    ],
    told: ['ended-jobs-stay-ended', 'one-live-job', 'rest-and-work', 'no-surprise'],
  },
  {
    name: 'a cancelled job is given back and tried again',
    patches: [
      inService(
        'store/jobs.js',
        'givingBack.where(isClaim)',
        "givingBack.where(eq(jobs.id, sql.placeholder('jobId')))",
      ),
    ],
    told: ['stale-token', 'ended-jobs-stay-ended'],
  },
  {
    name: 'a branch is taken up again without a new generation',
    patches: [inService('store/tasks.js', '?.highest ?? 0) + 1', '?.highest ?? 0) * 0 + 1')],
    told: ['generations-grow'],
  },
  {
    name: 'a lease is granted to a job that was taken away',
    patches: [inService('store/leases.js', 'job !== undefined && !jobs.isClaim(job)', 'false')],
    told: ['stale-token', 'lease-at-rest'],
  },
  {
    name: 'who comes back to the serial gate is the first again',
    patches: [inService('store/transition.js', '{ startedAt: null }', '{}')],
    told: ['every-task-ends'],
  },
  {
    name: 'a refusal inside the window of another run is the last word',
    patches: [inService('worker/landing-job.js', ' || mayStillLand', '')],
    told: ['landed-was-passed'],
  },
];

const pristine = new Map();
let child = null;
let stopped = false;

/** Puts every patched file back; called on every way out. */
function restore() {
  for (const [file, text] of pristine) writeFileSync(file, text);
  pristine.clear();
}

function patch({ file, text, by }) {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  if (!pristine.has(path)) pristine.set(path, before);
  writeFileSync(
    path,
    before.replace(text, () => by),
  );
}

function obstacles(bugs) {
  return bugs.flatMap(({ name, patches }) =>
    patches.flatMap(({ file, text }) => {
      const times = readFileSync(join(root, file), 'utf8').split(text).length - 1;
      return times === 1 ? [] : [`"${name}" is not planted: ${file} holds its text ${times} times`];
    }),
  );
}

/** One object on stdout, or why there is none; always resolves. */
function simulate(seed, lifetimes) {
  const args = [join(root, 'apps/orchestrator/dist/main.js'), 'simulate', '--json'];
  return new Promise((resolve) => {
    let stdout = '';
    child = spawn(process.execPath, [...args, '--seed', seed, '--lifetimes', String(lifetimes)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const timer = setTimeout(() => child?.kill('SIGTERM'), LIMIT_MS);
    child.stdout.on('data', (bytes) => {
      stdout += bytes;
    });
    child.on('error', (error) => resolve({ code: null, problem: error.message }));
    child.on('close', (code) => {
      clearTimeout(timer);
      child = null;
      resolve({ code, ...readAnswer(stdout) });
    });
  });
}

function readAnswer(stdout) {
  try {
    return JSON.parse(stdout);
  } catch (error) {
    return { problem: `stdout is no JSON: ${error.message}` };
  }
}

async function tryBug(seed, { name, patches, told }) {
  const started = Date.now();
  for (const one of patches) patch(one);
  const { code, violations = [], lifetimes = 0, problem } = await simulate(seed, told === null ? SOUND : BROKEN);
  restore();
  const hit = told === null ? undefined : violations.find(({ invariant }) => told.includes(invariant));
  const ok = told === null ? code === 0 : code === 1 && hit !== undefined;
  const first = hit ?? violations[0];
  const says =
    first === undefined ? (problem ?? 'no violation') : `world ${first.world}, ${first.invariant}: ${first.text}`;
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${ok ? 'ok ' : 'NOT'}  ${name} (${lifetimes} lifetimes, ${seconds} s): ${says.slice(0, 200)}`);
  return ok;
}

const argument = (name, otherwise) =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : otherwise;
const only = argument('--only', '');
const seed = argument('--seed', '1');
const chosen = BUGS.filter(({ name }) => name.includes(only));
const problems = obstacles(chosen);
for (const problem of problems) console.error(problem);
if (chosen.length === 0) console.error(`no bug is called ${only}`);
if (problems.length > 0 || chosen.length === 0) process.exit(3);
process.on('exit', restore);
// The first signal ends the simulation and lets the files be put back; the second one only puts them back.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (stopped) process.exit(130);
    stopped = true;
    child?.kill('SIGTERM');
  });
let found = 0;
try {
  const sound = only !== '' || (await tryBug(seed, { name: 'nothing is broken', patches: [], told: null }));
  for (const bug of sound ? chosen : []) if (!stopped && (await tryBug(seed, bug))) found += 1;
  console.log(`${chosen.length} bugs planted, ${found} found`);
} finally {
  restore();
}
process.exitCode = stopped ? 130 : found === chosen.length ? 0 : 1;
