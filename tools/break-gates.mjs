/**
 * Proves that the demo decides nothing itself: breaks one gate at a time in the built code, plays the demo, and demands
 * that its audit says so. Run after a build: node_modules/.bin/node tools/break-gates.mjs [--only WORD]
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BREAKAGES } from './breakages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const LIMIT_MS = 8 * 60_000;

const pristine = new Map();
let child = null;
let stopped = false;

/** Puts every patched file back; called on every way out. */
function restore() {
  for (const [file, text] of pristine) writeFileSync(file, text);
  pristine.clear();
}

function patch({ file, text, by }) {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  if (!pristine.has(path)) pristine.set(path, before);
  writeFileSync(
    path,
    before.replace(text, () => by),
  );
}

/** Why this checkout cannot be broken in a controlled way, one line each: dist is stale, or a text is not there once. */
function obstacles(breakages) {
  const problems = [];
  const out = mkdtempSync(join(tmpdir(), 'gatehouse-build-'));
  const built = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name)),
  );
  for (const workspace of built) {
    const to = join(out, workspace);
    const args = ['-p', join(root, workspace), '--outDir', to, '--tsBuildInfoFile', join(out, 'info', workspace)];
    const tsc = spawnSync(join(bin, 'tsc'), args, { encoding: 'utf8' });
    if (tsc.status !== 0) problems.push(`${workspace} does not build: ${tsc.error?.message ?? tsc.stdout}`);
    const files = tsc.status === 0 ? readdirSync(to, { recursive: true }).filter((name) => name.endsWith('.js')) : [];
    for (const name of files)
      if (textOf(join(to, name)) !== textOf(join(root, workspace, 'dist', name)))
        problems.push(`${workspace}/dist/${name} is not what the build makes; remove that dist and build again`);
  }
  rmSync(out, { recursive: true, force: true });
  for (const { name, patches = [] } of breakages)
    for (const { file, text } of patches) {
      const times = (textOf(join(root, file)) ?? '').split(text).length - 1;
      if (times !== 1) problems.push(`"${name}" does not fire: ${file} holds its text ${times} times`);
    }
  return problems;
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Plays the demo in `dir`; the promise always resolves. */
function playDemo(dir, env) {
  const args = [join(root, 'apps/orchestrator/dist/main.js'), 'demo', '--once', '--json'];
  const bare = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ORCH_')));
  return new Promise((resolve) => {
    let stdout = '';
    child = spawn(join(bin, 'node'), args, {
      cwd: dir,
      env: { ...bare, ...env, ORCH_DATA_DIR: dir },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const timer = setTimeout(() => child?.kill('SIGTERM'), LIMIT_MS);
    child.stdout.on('data', (bytes) => {
      stdout += bytes;
    });
    child.on('error', (error) => resolve({ code: null, breaches: [], problem: error.message }));
    child.on('close', (code) => {
      clearTimeout(timer);
      child = null;
      resolve({ code, ...readAnswer(stdout) });
    });
  });
}

function readAnswer(stdout) {
  try {
    const { breaches, ...rest } = JSON.parse(stdout);
    return Array.isArray(breaches) ? { breaches } : { breaches: [], problem: JSON.stringify(rest).slice(0, 300) };
  } catch (error) {
    return { breaches: [], problem: `stdout is no JSON: ${error.message}` };
  }
}

/** Ends what a broken demo left: processes that carry its marker or stand in its directory. Answers how many. */
function endLeftovers(dir) {
  const git = spawnSync(
    'git',
    ['--git-dir', join(dir, 'demo/forge.git'), 'grep', '-ho', 'gatehouse-demo-[0-9a-f]*', 'feature/L-7-watch'],
    { encoding: 'utf8' },
  );
  const marker = git.stdout?.split('\n')[0] || dir;
  const listed = spawnSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).stdout ?? '';
  const ours = listed.split('\n').flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid !== undefined && (command.includes(marker) || standsIn(pid, dir)) ? [Number(pid)] : [];
  });
  for (const pid of ours) spawnSync('kill', ['-9', String(pid)]);
  return ours.length;
}

function standsIn(pid, dir) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(`${dir}/`);
  } catch {
    return false; // gone meanwhile, somebody else's, or a machine without /proc
  }
}

async function playBroken({ name, patches = [], env = {}, told }) {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-broken-')));
  const started = Date.now();
  for (const one of patches) patch(one);
  const { code, breaches, problem } = await playDemo(dir, env);
  restore();
  const left = endLeftovers(dir);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  const hit = told === null ? breaches.length === 0 : breaches.find((breach) => told.test(breach));
  const ok = told === null ? code === 0 && hit : code !== 0 && code !== null && hit !== undefined;
  const says =
    hit === true || hit === undefined
      ? (problem ?? (breaches.join(' | ').slice(0, 400) || 'no breach'))
      : hit.slice(0, 110);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${ok ? 'ok ' : 'NOT'}  ${name} (exit ${code}, ${seconds} s${left > 0 ? `, ${left} leftovers ended` : ''}): ${says}`,
  );
  return ok;
}

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : '';
const chosen = BREAKAGES.filter(({ name }) => name.includes(only));
const problems = obstacles(chosen);
for (const problem of problems) console.error(problem);
if (chosen.length === 0) console.error(`no breakage is called ${only}`);
if (problems.length > 0 || chosen.length === 0) process.exit(3);
process.on('exit', restore);
// The first signal ends the demo and lets the clean-up run; the second one only restores.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (stopped) process.exit(130);
    stopped = true;
    child?.kill('SIGTERM');
  });
const sound = only !== '' || (await playBroken({ name: 'nothing is broken', told: null }));
let noticed = 0;
for (const breakage of sound ? chosen : []) if (!stopped && (await playBroken(breakage))) noticed += 1;
console.log(`${chosen.length} breakages, ${noticed} noticed`);
process.exitCode = stopped ? 130 : sound && noticed === chosen.length ? 0 : 1;
