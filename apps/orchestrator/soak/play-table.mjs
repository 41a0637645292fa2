// Plays a whole table of faults, of which `npm test` plays a part: the tests themselves, with a variable that asks for all rows.
// Not run by itself: store-faults.mjs and forge-faults.mjs are.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** `--help` prints the comment at the head of `script`; other words choose rows by name. Ends with the status of the tests. */
export function playTable({ script, tests, variable }) {
  const words = process.argv.slice(2);
  if (words.includes('--help')) {
    const head = readFileSync(new URL(script), 'utf8').split('\n');
    const help = head.filter((line) => line.startsWith('//')).map((line) => line.slice(3));
    process.stdout.write(`${help.join('\n')}\n`);
    process.exit(0);
  }
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    at('../../../node_modules/jest/bin/jest.js'),
    ...['-i', '--verbose', tests],
    ...(words.length === 0 ? [] : ['-t', words.join('.*')]),
  ];
  const env = { ...process.env, [variable]: 'all' };
  const run = spawnSync(process.execPath, args, { cwd: at('..'), env, stdio: 'inherit' });
  process.exit(run.status ?? 1);
}
