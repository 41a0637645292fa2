/**
 * A campaign of random histories: `node --conditions=gatehouse:src soak/interleavings.mjs [WALKS] [STEPS] [FIRST-SEED]`.
 * Prints what happened in all of them and every violated rule with the seed that replays it; exits 1 if there is one.
 */
import { walk } from '../test/faults/walk.ts';

const [walks, steps, first] = [100, 30, 1].map((fallback, at) => Number(process.argv[at + 2] ?? fallback));
const total = {};
let broken = 0;
for (let seed = first; seed < first + walks; seed += 1) {
  const { counts, violations } = await walk(seed, steps);
  for (const [what, count] of Object.entries(counts)) total[what] = (total[what] ?? 0) + count;
  for (const violation of violations) console.log(`seed ${seed}: ${violation}`);
  broken += violations.length;
}
console.log(JSON.stringify({ walks, steps, violations: broken, counts: total }));
process.exitCode = broken === 0 ? 0 : 1;
