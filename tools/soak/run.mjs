/**
 * Soaks: the service and the simulator under faults for hours, in parts that are cut at will and go on where they were. See
 * HELP; the state file is described in state.mjs.
 */
import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Lifetimes, nextWorlds } from './lifetimes.mjs';
import { firstSeed, keepRound, nextNumber, openState, totalOf } from './state.mjs';
import { GOALS, isReached, summary } from './summary.mjs';

const HELP = `node tools/soak/run.mjs [--lifetimes N] [--kills N] [--stops N] [--holders N] [options]      run it after a build

What is wanted, in all parts together; without any of them ${Object.values(GOALS).join(', ')}:
  --lifetimes N   simulated lifetimes, a hundred thousand a seed, every fault and invariant of tools/sim
  --kills N       SIGKILLs of the real service under load
  --stops N       stops of tasks at random instants; a round of kills has stops, too
  --holders N     services stopped by SIGSTOP while they hold the merge lease, continued after another took over

  --state FILE    keeps every finished round, one JSON line each, and goes on after the last one
  --minutes N     begins no round later than that [60]; a round takes about a minute
  --seed N        of the first round; a state that has rounds goes on with its own
  --at-once N     rounds of the real service side by side [1]
  --threads N     of the simulator [2]
  --worlds N      that each thread lives in a round [50]
  --summary       only says what the state comes to
  --keep          keeps the directories of sound rounds, too

After every round git, store, disk and process table are audited: nothing lost, nothing landed twice, nothing left. A broken round
keeps its directory and its log. SIGINT and SIGTERM cut the rounds that run; they are done again by the next call.
Exit status: 0 all that is wanted is done and nothing was found; 1 something was found; 2 usage; 3 cut: call it again.`;

const names = ['lifetimes', 'kills', 'stops', 'holders'];
const { values } = parseArgs({
  options: {
    ...Object.fromEntries(
      [...names, 'state', 'minutes', 'seed', 'at-once', 'threads', 'worlds'].map((name) => [name, { type: 'string' }]),
    ),
    summary: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const wrong = [...names, 'minutes', 'seed', 'at-once', 'threads', 'worlds'].find(
  (name) => values[name] !== undefined && !/^\d{1,9}$/.test(values[name]),
);
if (wrong !== undefined) {
  console.error(`--${wrong} ${values[wrong]} is not a whole number from 0 to 999999999`);
  process.exit(2);
}
const isAnyGiven = names.some((name) => values[name] !== undefined);
const wanted = Object.fromEntries(names.map((name) => [name, Number(values[name] ?? (isAnyGiven ? 0 : GOALS[name]))]));
const fresh = Number(values.seed ?? randomInt(1_000_000));
const deadline = Date.now() + Number(values.minutes ?? 60) * 60_000;
const rounds = values.state === undefined ? [] : openState(values.state);
const scenes = new Set();
const isTime = () => Date.now() < deadline;

process.on('exit', () => {
  for (const scene of scenes) {
    scene.end();
    rmSync(scene.root, { recursive: true, force: true, maxRetries: 5 });
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

function finish(round) {
  rounds.push(round);
  if (values.state !== undefined) keepRound(values.state, round);
  const done = Object.entries(round.done).map(([name, times]) => `${times} ${name}`);
  console.log(
    `${round.kind} ${round.number} (seed ${round.seed}, ${Math.round(round.tookMs / 1000)} s): ${done.join(', ')}: ${round.found.length === 0 ? 'sound' : 'BROKEN'}`,
  );
  for (const text of round.found) console.log(`  ${text}`);
}

async function soakLifetimes() {
  const lifetimes = new Lifetimes({ threads: Number(values.threads ?? 2), worlds: Number(values.worlds ?? 50) });
  try {
    while (isTime() && (totalOf(rounds, 'lifetimes').done.lifetimes ?? 0) < wanted.lifetimes) {
      const { seed, number, first } = nextWorlds(rounds, fresh);
      const started = Date.now();
      const { done, fired, found } = await lifetimes.round({ seed, first });
      const at = new Date(started).toISOString();
      finish({ kind: 'lifetimes', number, seed, first, at, tookMs: Date.now() - started, done, fired, found });
    }
  } finally {
    await lifetimes.end();
  }
}

/** Rounds of the real service, `--at-once` of them side by side. `plan(seed)` is null when nothing is wanted any more. */
async function soakService(kind, plan) {
  const { playRound } = await import('./service-round.mjs');
  const running = new Set();
  const seed = firstSeed(rounds, kind, fresh);
  const lane = async () => {
    while (isTime()) {
      const number = nextNumber(rounds, kind, running);
      const planned = plan(seed + number);
      if (planned === null) return;
      running.add(number);
      const started = Date.now();
      const { done, found } = await playRound(planned.play, { scenes, keep: values.keep });
      running.delete(number);
      planned.over();
      const at = new Date(started).toISOString();
      finish({ kind, number, seed: seed + number, at, tookMs: Date.now() - started, done, found });
    }
  };
  await Promise.all(Array.from({ length: Number(values['at-once'] ?? 1) }, lane));
}

async function soakKills() {
  const { killedRound, planOf } = await import('./killed.mjs');
  const open = { kills: 0, stops: 0 };
  await soakService('kills', (seed) => {
    const { kills = 0, stops = 0 } = totalOf(rounds, 'kills').done;
    const left = { kills: wanted.kills - kills - open.kills, stops: wanted.stops - stops - open.stops };
    if (left.kills <= 0 && left.stops <= 0) return null;
    const plan = planOf(seed, left);
    open.kills += plan.kills;
    open.stops += plan.stops;
    const over = () => {
      open.kills -= plan.kills;
      open.stops -= plan.stops;
    };
    return { play: (scene) => killedRound(scene, plan), over };
  });
}

async function soakHolders() {
  const { frozenRound } = await import('./frozen.mjs');
  await soakService('holders', (seed) => {
    const left = wanted.holders - (totalOf(rounds, 'holders').done.holders ?? 0);
    return left <= 0 ? null : { play: (scene) => frozenRound(scene, { seed, left }), over: () => {} };
  });
}

/** The real service mostly waits, so the simulator lives its worlds beside it. */
if (!values.summary) await Promise.all([soakLifetimes(), soakKills().then(soakHolders)]);
console.log(summary(rounds, wanted).join('\n'));
const isFound = rounds.some(({ found }) => found.length > 0);
process.exitCode = isFound ? 1 : isReached(rounds, wanted) ? 0 : 3;
