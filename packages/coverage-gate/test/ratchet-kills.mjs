/**
 * One ratchet in a process of its own, which kills itself before the n-th step that touches the disk.
 * Arguments: folder, covered, total, n (0: never). Prints how many steps there were and the answer.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

const [folder, covered, total, killAt] = process.argv.slice(2);
const fs = createRequire(import.meta.url)('node:fs/promises');
let steps = 0;

const step = () => {
  steps++;
  if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
};

function guard(object, name) {
  const original = object[name];
  object[name] = function counted(...args) {
    step();
    return original.apply(this, args);
  };
}

const handle = await fs.open(process.execPath, 'r');
for (const name of ['writeFile', 'sync', 'close']) guard(Object.getPrototypeOf(handle), name);
for (const name of ['mkdir', 'open', 'link', 'rm', 'readdir', 'readFile', 'stat']) guard(fs, name);
syncBuiltinESMExports();

const { fileBaseline, ratchetBaseline } = await import('@gatehouse/coverage-gate');
const { LeaseProof } = await import('@gatehouse/verdict');
const commit = `${covered}-of-${total}`;
const files = { 'src/a.ts': [Number(covered), Number(total)] };
const measured = {
  metric: 'lines',
  format: 'lcov',
  covered: Number(covered),
  total: Number(total),
  files,
  reportSha256: '',
};
const landed = { tree: commit, commit, measured, commandHash: 'h' };
const proof = new LeaseProof('repo', 'task', 1);
const answer = await ratchetBaseline({ store: fileBaseline(folder), proof, landed });
process.stdout.write(JSON.stringify({ steps, answer }));
