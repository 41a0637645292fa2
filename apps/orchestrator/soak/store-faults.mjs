// Plays the whole table of what can happen to the store's file, at every moment of a service's life: fault x moment.
//   node soak/store-faults.mjs [--help] [WORDS OF A ROW...]      for example: node soak/store-faults.mjs landing damaged
// Needs Linux; rows that need the right to mount or a loop device say so when they are left out. Twelve minutes on two busy cores.
// There is nothing random in it, so it takes no seed. Ends with the status of the test run: each row proves that its fault
// struck, that people were told within a minute, that nothing acknowledged is missing unnamed, and that the task ends once.
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
const rows = words.length === 0 ? [] : ['-t', words.join('.*')];
const run = spawnSync(process.execPath, [...args, '-i', '--verbose', 'test/store-faults.test.ts', ...rows], {
  cwd: at('..'),
  env: { ...process.env, STORE_FAULTS: 'all' },
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
