/**
 * Proves that the simulation finds bugs: plants one bug at a time in the built code, simulates, and
 * demands the violation. Run after a build: node_modules/.bin/node tools/break-sim.mjs [--only WORD] [--seed N]
 */
import { BUGS } from './bugs.mjs';
import { plantEach, readOptions, runBuilt } from './planting.mjs';

/** Only what hangs: a hundred thousand lifetimes take a slow machine more than an hour. */
const LIMIT_MS = 6 * 3_600_000;
/** With nothing broken; a broken run ends at its first few violations. */
const SOUND = 2_000;
const BROKEN = 100_000;

const { seed = '1', only } = readOptions(
  `Usage: node tools/break-sim.mjs [--only WORD] [--seed N]
Plants each bug in the built code and demands that the simulation reports it. --only: the bugs whose name contains WORD.`,
  ['only', 'seed'],
);

async function tryBug({ reported }) {
  const lifetimes = String(reported === null ? SOUND : BROKEN);
  const { code, answer } = await runBuilt('tools/sim', ['--seed', seed, '--lifetimes', lifetimes], {
    limitMs: LIMIT_MS,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { violations = [], lifetimes: lived = 0, problem } = answer;
  const hit = reported === null ? undefined : violations.find(({ invariant }) => reported.includes(invariant));
  const first = hit ?? violations[0];
  const says =
    first === undefined ? (problem ?? 'no violation') : `world ${first.world}, ${first.invariant}: ${first.text}`;
  return {
    ok: reported === null ? code === 0 : code === 1 && hit !== undefined,
    says: `${says.slice(0, 200)} [${lived} lifetimes]`,
  };
}

await plantEach({ faults: BUGS, tryOne: tryBug, only });
