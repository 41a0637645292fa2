/**
 * What the tests of one workspace cost in CPU, file by file, with every process that they start, also those that outlive them.
 * Counted by a control group, so it needs Linux and root; the time by the clock says nothing on a busy machine.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HELP = `Usage: node tools/test-cpu.mjs WORKSPACE [JEST WORDS]
Runs the tests of WORKSPACE (apps/orchestrator, packages/git, …) one file after the other, each in a worker as \`npm test\` has it,
and prints the CPU seconds of each file, the dearest first. JEST WORDS choose files, as jest takes them: test/landing.test.ts
Exit status: that of jest; 2 for a mistake or a machine without control groups.`;

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const USAGE = 'GATEHOUSE_TEST_CPU';

/** Seconds used by a group so far: nanoseconds in version 1, a line of `cpu.stat` in microseconds in version 2. */
function usedBy(group) {
  if (existsSync(join(group, 'cpuacct.usage'))) return Number(readFileSync(join(group, 'cpuacct.usage'), 'utf8')) / 1e9;
  return Number(/^usage_usec (\d+)$/m.exec(readFileSync(join(group, 'cpu.stat'), 'utf8'))?.[1]) / 1e6;
}

/** A group of its own; null where none can be made. */
function makeGroup() {
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  for (const parent of ['/sys/fs/cgroup/cpuacct', join('/sys/fs/cgroup', own)]) {
    const group = join(parent, `gatehouse-test-cpu-${process.pid}`);
    try {
      mkdirSync(group);
      usedBy(group);
      return group;
    } catch {}
  }
  return null;
}

/** Loaded by jest: the files, and what the group used while each ran. */
export default class {
  #files = [];
  #before = usedBy(process.env[USAGE]);

  onTestFileResult({ path }, { numPassingTests, numFailingTests, numPendingTests }) {
    const now = usedBy(process.env[USAGE]);
    const tests = numPassingTests + numFailingTests + numPendingTests;
    this.#files.push({ path: relative(process.cwd(), path), seconds: now - this.#before, tests });
    this.#before = now;
  }

  onRunComplete() {
    const files = this.#files.sort((one, other) => other.seconds - one.seconds);
    for (const { path, seconds, tests } of files)
      process.stdout.write(`${seconds.toFixed(2).padStart(8)} s  ${String(tests).padStart(4)} tests  ${path}\n`);
    const sum = files.reduce((total, { seconds }) => total + seconds, 0);
    process.stdout.write(`${sum.toFixed(2).padStart(8)} s  ${files.length} files\n`);
  }
}

async function main([workspace, ...words]) {
  if (workspace === undefined || workspace === '--help') {
    process.stdout.write(`${HELP}\n`);
    return workspace === undefined ? 2 : 0;
  }
  const cwd = resolve(ROOT, workspace);
  const group = existsSync(join(cwd, 'package.json')) ? makeGroup() : null;
  if (group === null) {
    process.stderr.write(`${workspace}: no such workspace, or no control group can be made here (root is needed)\n`);
    return 2;
  }
  const { scripts } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
  const limit = /--workerIdleMemoryLimit=\S+/.exec(scripts?.test ?? '') ?? [];
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    ...['--ci', '--maxWorkers=1', ...limit],
    ...words,
    ...['--reporters=default', `--reporters=${fileURLToPath(import.meta.url)}`],
  ];
  const enter = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"';
  const child = spawn('sh', ['-c', enter, 'sh', group, process.execPath, ...jest], {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, [USAGE]: group },
  });
  const code = await new Promise((end) => child.once('close', (status) => end(status ?? 1)));
  try {
    rmdirSync(group);
  } catch {
    process.stderr.write(`processes are left in ${group}\n`);
  }
  return code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
