/**
 * What the packed command costs before it does anything, in CPU beyond `node -e 0`: user and system time of the process and of those
 * it waited for, as the shell's `time` counts them.
 *
 *   npm --prefix tools/bench run command [-- --rounds N] [--seed N]     N = 20
 *
 * Contenders take turns. `npx --help`, timeout(1) and gitleaks are measured beside it where they are installed. Packs the command anew.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packCommand } from '../../pack-command.mjs';
import { interleave, median, printGoals, printTable, seedOrder } from '../ratio-table.mjs';

const LIMIT_MS = 60;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) {
  console.log(
    readFileSync(fileURLToPath(import.meta.url), 'utf8')
      .split(' */')[0]
      .replace(/^\/\*\*\n|^ \* ?/gm, ''),
  );
  process.exit(0);
}
if (values.seed !== undefined) seedOrder(Number(values.seed));

const work = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const { folder } = await packCommand(join(work, 'package'));
symlinkSync(join(ROOT, 'apps/orchestrator/node_modules'), join(folder, 'node_modules'));
writeFileSync(join(work, 'lcov.info'), 'SF:a.js\nDA:1,1\nend_of_record\n');
const gatehouse = (...words) => [process.execPath, join(folder, 'dist/main.js'), ...words];

const OURS = {
  'gatehouse --help': gatehouse('--help'),
  'gatehouse run -- true': gatehouse('run', '--', 'true'),
  'gatehouse gate, refused': gatehouse('gate', 'security', '--repo', 'nowhere', '--branch', 'x'),
  'gatehouse coverage read': gatehouse('coverage', 'read', 'lcov.info'),
};
const PEERS = {
  'node -e 0': [process.execPath, '-e', '0'],
  'npx --help': ['npx', '--help'],
  'timeout 900 true': ['timeout', '900', 'true'],
  'gitleaks --help': ['gitleaks', '--help'],
};
const isThere = ([program]) => spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0;

/** CPU milliseconds of one run. */
function cpuMs(command) {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>&1';
  const { stderr } = spawnSync('bash', ['-c', script, '_', ...command], { cwd: work, encoding: 'utf8' });
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(' ').map(Number);
  return (user + system) * 1000;
}

const contenders = Object.entries({ ...PEERS, ...OURS }).filter(([, command]) => isThere(command));
const absent = Object.keys(PEERS).filter((name) => !contenders.some(([one]) => one === name));
const samples = await interleave(
  Number(values.rounds),
  Object.fromEntries(contenders.map(([name, command]) => [name, () => cpuMs(command)])),
);
const bare = samples['node -e 0'];
const beyond = (name) => median(samples[name].map((ms, round) => ms - bare[round]));
printTable(
  `CPU of one start, median of ${values.rounds} rounds`,
  ['command', 'ms', 'ms beyond node -e 0', 'times node -e 0'],
  contenders.map(([name]) => [name, median(samples[name]), beyond(name), median(samples[name]) / median(bare)]),
);
if (absent.length > 0) console.log(`\nnot installed here: ${absent.join(', ')}`);
const missed = printGoals(
  Object.keys(OURS).map((what) => ({
    what,
    ours: beyond(what),
    unit: 'ms beyond node -e 0',
    atMost: LIMIT_MS,
    blind: what.includes('gate,') ? 'git, and the scan itself' : 'the file cache cold',
  })),
);
process.exitCode = missed === 0 ? 0 : 1;
