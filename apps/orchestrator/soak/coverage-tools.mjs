// Coverage tools of the field, each run by its preset on a small project: our number beside the tool's own.
//   node --conditions=gatehouse:src soak/coverage-tools.mjs [--help] [--js DIR] [--python PATH] [PRESETS...]
//   --js DIR       a folder whose node_modules has jest, vitest, @vitest/coverage-v8, c8 and nyc
//   --python PATH  an interpreter with pytest and pytest-cov
// go, cargo llvm-cov, mvn, phpunit with Xdebug, gcovr with g++ and ruby with SimpleCov are taken from PATH. There is nothing random in it, so it takes no seed. A tool that is not here is a row that says so.
// Ends with 1 when a number differs without a reason that the table states. Half a minute, and some minutes where Maven loads its plugins.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { measureCoverage } from '@gatehouse/coverage-gate';
import { coveragePreset } from '../dist/policy/coverage-presets.js';
import { PROJECTS } from './coverage-tools/projects.mjs';

const words = process.argv.slice(2);
if (words.includes('--help')) {
  console.log('node --conditions=gatehouse:src soak/coverage-tools.mjs [--js DIR] [--python PATH] [PRESETS...]');
  process.exit(0);
}
const option = (name) => {
  const at = words.indexOf(name);
  return at < 0 ? '' : words.splice(at, 2)[1];
};
const js = option('--js');
const python = option('--python');
const asked = words.length > 0 ? words : Object.keys(PROJECTS);

const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const AVAILABLE = {
  js: () => js !== '' && has('ls', join(js, 'node_modules/.bin/jest')),
  node: () => true,
  python: () => python !== '' && has(python, '-c', 'import pytest_cov'),
  go: () => has('go', 'version'),
  'cargo-llvm-cov': () => has('cargo', 'llvm-cov', '--version'),
  mvn: () => has('mvn', '--version'),
  phpunit: () => has('phpunit', '--version') && has('php', '-r', 'exit((int) !extension_loaded("xdebug"));'),
  gcovr: () => has('gcovr', '--version') && has('g++', '--version'),
  simplecov: () => has('ruby', '-e', 'require "simplecov"'),
};
const ENV = [
  'PATH',
  'JAVA_HOME',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'LLVM_COV',
  'LLVM_PROFDATA',
  'LD_LIBRARY_PATH',
  'GOFLAGS',
  'GOPROXY',
  'MAVEN_OPTS',
  'MAVEN_ARGS',
];

async function row(preset) {
  const { needs, files, own, why, command: without, report: left } = PROJECTS[preset];
  if (!AVAILABLE[needs]()) return { preset, ours: '-', own: '-', says: `${needs} is not on this machine` };
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'coverage-tools-')));
  try {
    const work = join(root, 'work');
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true });
      writeFileSync(join(work, path), text);
    }
    const git = (...args) =>
      execFileSync('git', ['-C', work, '-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
        encoding: 'utf8',
      });
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'a project');
    const commit = git('rev-parse', 'HEAD').trim();
    const link = needs === 'js' ? `ln -s '${resolve(js)}/node_modules' node_modules` : 'true';
    const { command, report } =
      without === undefined ? coveragePreset(preset, python) : { command: without, report: left };
    const policy = {
      setup: link,
      command,
      report,
      mode: 'absolute',
      minPpm: null,
      epsilonPpm: 0,
      timeoutMs: 300_000,
      failClosed: true,
      env: ENV,
    };
    const outcome = await measureCoverage({
      git: { gitDir: join(work, '.git') },
      slotDir: join(root, 'slot'),
      commit,
      policy,
    });
    if (outcome.kind !== 'measured')
      return { preset, ours: outcome.kind, own: '', says: `${outcome.reason}`, failed: true };
    const { covered, total } = outcome.measured;
    if (needs === 'js') symlinkSync(join(resolve(js), 'node_modules'), join(work, 'node_modules'));
    if (preset === 'jacoco') spawnSync('sh', ['-c', command], { cwd: work, stdio: 'ignore' });
    const said = spawnSync('sh', ['-c', own], { cwd: work, encoding: 'utf8', env: { ...process.env, PYTHON: python } });
    const ours = `${covered}/${total}`;
    const theirs = said.stdout.trim().split('\n').at(-1) ?? '';
    const differs = ours !== theirs;
    return {
      preset,
      ours,
      own: theirs,
      says: differs ? (why ?? 'DIFFERS') : 'equal',
      failed: differs && why === undefined,
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

let failed = false;
for (const preset of asked) {
  if (!(preset in PROJECTS))
    throw new Error(`there is no preset ${preset}; there are ${Object.keys(PROJECTS).join(', ')}`);
  const { preset: name, ours, own, says, ...more } = await row(preset);
  console.log(`${name.padEnd(16)} ours ${ours.padEnd(8)} its own ${own.padEnd(8)} ${says}`);
  failed ||= more.failed === true;
}
process.exitCode = failed ? 1 : 0;
