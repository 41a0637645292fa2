/** Our reader of a run's request beside one written in valibot: start time, time per call, what they say of mistakes. */
import { spawnSync } from 'node:child_process';
import { readSpec as ours } from '../../../packages/proc-group/dist/spec.js';
import { readSpec as theirs } from './spec-in-valibot.mjs';

/** The service's own. */
const ZOD_MINI = '../../../apps/orchestrator/node_modules/zod/mini/index.js';
const STARTS = 15;
const CALLS = 100_000;
const good = { command: 'sh', args: ['-c', 'true'], timeoutMs: 1000, env: { allow: ['A'], set: { B: '1' } } };
const MISTAKES = [
  null,
  {},
  { ...good, command: '' },
  { ...good, timeoutMs: Number.NaN },
  { ...good, timeoutMs: undefined },
  { ...good, args: [1] },
  { ...good, env: 5 },
  { ...good, env: { set: { A: 1 } } },
  { ...good, limits: { cpuSeconds: 0.5 } },
  { ...good, runAs: { uid: 1 } },
  { ...good, runAs: { uid: -1, gid: 0 } },
  { ...good, graceMs: -1 },
];

const median = (numbers) => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)];

/** CPU milliseconds of a process that imports the module and ends. */
function startMs(statement) {
  const script = `${statement}; const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)`;
  const run = () =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, encoding: 'utf8' });
  return median(Array.from({ length: STARTS }, () => Number(run().stdout)));
}

function callUs(read) {
  for (let call = 0; call < CALLS; call += 1) read(good);
  const before = process.cpuUsage();
  for (let call = 0; call < CALLS; call += 1) read(good);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

const bare = startMs('0');
for (const what of ['../../../packages/proc-group/dist/spec.js', './spec-in-valibot.mjs', 'valibot', ZOD_MINI])
  console.log(
    `start of ${what}: ${(startMs(`await import('${what}')`) - bare).toFixed(1)} ms more than an empty module`,
  );
console.log(`one call: ours ${callUs(ours).toFixed(2)} µs, valibot ${callUs(theirs).toFixed(2)} µs`);
for (const mistake of MISTAKES) {
  const [one, other] = [ours(mistake).reason, theirs(mistake).reason];
  if (one !== other) console.log(`said differently: '${one}' | '${other}'`);
}
