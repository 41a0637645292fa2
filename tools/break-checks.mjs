/**
 * Proves that `npm test` notices: breaks a test, a lint rule, a type and more, each in turn in a scratch clone of this
 * checkout, and demands a failing exit and a last line that counts it. What is not committed is not tested.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const IMPORT = "import { expect, test } from '@jest/globals';\n\n";
const inTests = (name, text) => ({ file: `packages/verdict/test/${name}`, text });

/** Each adds one file to a package that every other one builds on. */
const BREAKAGES = [
  {
    name: 'a red test',
    ...inTests('broken.test.ts', `${IMPORT}test('one is two', () => {\n  expect(1).toBe(2);\n});\n`),
  },
  { name: 'a test file that does not load', ...inTests('broken.test.ts', "import './absent.ts';\n") },
  { name: 'a lint rule', ...inTests('broken.ts', 'export const loose = (a: unknown): boolean => a == 1;\n') },
  { name: 'the format', ...inTests('broken.ts', 'export const  wide: number = 1;\n') },
  { name: 'a type in a test', ...inTests('broken.ts', "export const wrong: number = 'one';\n") },
  {
    name: 'a type in the source',
    file: 'packages/verdict/src/broken.ts',
    text: "export const wrong: number = 'one';\n",
  },
];

let running = null;

/** Runs `npm test` in `clone` as a process group, because npm ends on a signal without passing it on. */
function npmTest(clone) {
  return new Promise((resolve) => {
    let output = '';
    running = spawn('npm', ['test'], { cwd: clone, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [running.stdout, running.stderr])
      stream.on('data', (bytes) => {
        output = (output + bytes).slice(-4_000_000);
      });
    running.on('error', (error) => resolve({ code: null, last: error.message, output }));
    running.on('close', (code) => {
      running = null;
      resolve({ code, last: output.trimEnd().split('\n').at(-1) ?? '', output });
    });
  });
}

/** The lines that name what failed, of tests, types and lint. */
const causesIn = (output) =>
  output
    .split('\n')
    .filter((line) => /●|error TS|lint\/|format ━|ERROR/.test(line))
    .slice(0, 40)
    .join('\n');

const failedIn = (last) => Number(/^\d+ passed, (\d+) failed$/.exec(last)?.[1] ?? Number.NaN);

async function main(scratch) {
  const clone = join(scratch, 'clone');
  const cloned = spawnSync('git', ['clone', '--quiet', '--no-local', root, clone], { encoding: 'utf8' });
  if (cloned.status !== 0) return stop(`the scratch clone cannot be made: ${cloned.stderr}`);
  const control = await npmTest(clone);
  console.log(`nothing is broken: exit ${control.code}, "${control.last}"`);
  if (control.code !== 0 || failedIn(control.last) !== 0)
    return stop(`the unbroken checkout is red, so nothing can be shown:\n${causesIn(control.output)}`);
  let noticed = 0;
  for (const { name, file, text } of BREAKAGES) {
    const path = join(clone, file);
    writeFileSync(path, text, { flag: 'wx' });
    // Guards read what git tracks.
    spawnSync('git', ['add', '--', file], { cwd: clone });
    const { code, last, output } = await npmTest(clone);
    spawnSync('git', ['rm', '--quiet', '--force', '--', file], { cwd: clone });
    const ok = code !== 0 && code !== null && failedIn(last) > 0 && output.includes(file.split('/').at(-1));
    if (ok) noticed += 1;
    console.log(`${ok ? 'ok ' : 'NOT'}  ${name}: exit ${code}, "${last}"`);
  }
  const after = await npmTest(clone);
  const mended = after.code === 0 && failedIn(after.last) === 0;
  console.log(`${mended ? 'ok ' : 'NOT'}  everything is mended: exit ${after.code}, "${after.last}"`);
  console.log(`${BREAKAGES.length} breakages, ${noticed} noticed`);
  return mended && noticed === BREAKAGES.length ? 0 : 1;
}

function stop(problem) {
  console.error(problem);
  return 3;
}

const scratch = mkdtempSync(join(tmpdir(), 'gatehouse-checks-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (running?.pid !== undefined) process.kill(-running.pid, 'SIGKILL');
    process.exit(130);
  });
process.exitCode = await main(scratch);
