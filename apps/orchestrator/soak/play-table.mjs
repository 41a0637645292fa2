// Plays a whole table of faults, of which `npm test` plays a part: the tests themselves, with variables that ask for all rows.
// Not run by itself: the scripts beside it are, each for its table.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** `--help` prints the comment at the head of `script`; other words choose rows by name. Ends with the status of the tests. */
export function playTable({ script, tests, variable }) {
  const words = process.argv.slice(2);
  if (words.includes('--help')) showHead(script);
  playTests({ tests, words, variables: { [variable]: 'all' } });
}

/** `--forge gitea` or `github`, and `--only WORDS`; `--help` prints the comment at the head of `script`. */
export function forgeAsked(script) {
  const options = {
    help: { type: 'boolean', default: false },
    forge: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
  };
  const { values } = parseArgs({ options });
  if (values.help) showHead(script);
  if (!['gitea', 'github'].includes(values.forge)) {
    process.stderr.write('name a forge: --forge gitea, or --forge github\n');
    process.exit(2);
  }
  return values;
}

/** Runs the tests whose path holds `tests`, those with `words` in their names, and ends with their status. */
export function playTests({ tests, variables, words = [] }) {
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    at('../../../node_modules/jest/bin/jest.js'),
    ...['-i', '--verbose', '--ci', tests],
    ...(words.length === 0 ? [] : ['-t', words.join('.*')]),
  ];
  const env = { ...process.env, ...variables };
  const run = spawnSync(process.execPath, args, { cwd: at('..'), env, stdio: 'inherit' });
  process.exit(run.status ?? 1);
}

function showHead(script) {
  const head = readFileSync(new URL(script), 'utf8').split('\n');
  const help = head.filter((line) => line.startsWith('//')).map((line) => line.slice(3));
  process.stdout.write(`${help.join('\n')}\n`);
  process.exit(0);
}
