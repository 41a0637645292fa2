// Plays the whole table of what can happen to a landing at a forge: every call x every fault, for each forge that has a double.
//   node soak/forge-faults.mjs [--help] [WORDS OF A NAME...]      for example: node soak/forge-faults.mjs gitea
// There is nothing random in it, so it takes no seed. About five minutes a forge on two busy cores. Ends with the status of the
// test run: each row proves that its fault struck, that nothing was called landed that main lacks, and that asking again ends it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const words = process.argv.slice(2);
if (words.includes('--help')) {
  const head = readFileSync(new URL(import.meta.url), 'utf8').split('\n');
  const help = head.filter((line) => line.startsWith('//')).map((line) => line.slice(3));
  process.stdout.write(`${help.join('\n')}\n`);
  process.exit(0);
}
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const args = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  at('../../../node_modules/jest/bin/jest.js'),
];
const names = words.length === 0 ? [] : ['-t', words.join('.*')];
const run = spawnSync(process.execPath, [...args, '-i', '--verbose', 'test/forge.*.faults', ...names], {
  cwd: at('..'),
  env: { ...process.env, FORGE_FAULTS: 'all' },
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
