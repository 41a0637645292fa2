/**
 * Proves that the simulation finds what it is there for: plants one bug at a time in the built code, simulates, and
 * demands the violation. Run after a build: node_modules/.bin/node tools/break-sim.mjs [--only WORD] [--seed N]
 */
import { argument, plantEach, runGatehouse } from './planting.mjs';

const LIMIT_MS = 20 * 60_000;
/** With nothing broken; a broken run ends at its first few violations. */
const SOUND = 2_000;
const BROKEN = 100_000;

const inService = (file, text, by) => ({ file: `apps/orchestrator/dist/${file}`, text, by });

/** `told`: the invariants of which one has to speak. */
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
        'givingBack.where(UNDER_TOKEN)',
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

const seed = argument('--seed', '1');

async function tryBug({ told }) {
  const lifetimes = String(told === null ? SOUND : BROKEN);
  const { code, answer } = await runGatehouse(['simulate', '--seed', seed, '--lifetimes', lifetimes], {
    limitMs: LIMIT_MS,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { violations = [], lifetimes: lived = 0, problem } = answer;
  const hit = told === null ? undefined : violations.find(({ invariant }) => told.includes(invariant));
  const first = hit ?? violations[0];
  const says =
    first === undefined ? (problem ?? 'no violation') : `world ${first.world}, ${first.invariant}: ${first.text}`;
  return {
    ok: told === null ? code === 0 : code === 1 && hit !== undefined,
    says: `${says.slice(0, 200)} [${lived} lifetimes]`,
  };
}

await plantEach({ faults: BUGS, tryOne: tryBug });
