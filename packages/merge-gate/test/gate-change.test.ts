import { checkBranchMergeable, findChangedCommands, type MergeVerdict, mergeCheckVerdict } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scriptCalls } from '../src/gate-definition/script-calls.ts';
import { simpleCommands } from '../src/gate-definition/shell-words.ts';
import { POLICY, RUN_TESTS, ScratchRepository } from './scratch-repository.ts';

const found = (command: string): readonly string[] =>
  scriptCalls(command, '').map(({ dir, script, everywhere }) => `${dir}:${script}${everywhere ? '*' : ''}`);

describe('the scripts a command runs', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['npm test', [':test']],
    ['npm t', [':test']],
    ['npm -s test -- --ci', [':test']],
    ['CI=1 npm run -s unit', [':unit']],
    ['npm run-script unit --if-present', [':unit']],
    ['npm --prefix app test', ['app:test']],
    ['npm test --prefix=./app/web', ['app/web:test']],
    ['npm --loglevel error test', [':test']],
    ['cd app && npm test; cd web; npm run e2e', ['app:test', 'app/web:e2e']],
    ['npm ci && npm run build && npm test', [':build', ':test']],
    ['npm test --workspaces', [':test*']],
    ['pnpm -r test', [':test*']],
    ['pnpm --filter web run unit', [':unit*']],
    ['pnpm unit', [':unit']],
    ['yarn', []],
    ['yarn unit', [':unit']],
    ['yarn workspaces foreach -A run unit', [':unit*']],
    ['bun run unit', [':unit']],
    ['bun test', []],
    ['node --run unit', [':unit']],
    ['node --test', []],
    ['npx turbo run lint test', [':lint*', ':test*']],
    ['run-s lint unit', [':lint', ':unit']],
    ["sh -c 'npm test'", [':test']],
    ['concurrently "npm run a" "npm run b"', [':a', ':b']],
    ['time timeout 60 npm test', [':test']],
    ['/usr/bin/npm test', [':test']],
    ['(npm test) || (npm run again)', [':test', ':again']],
    ['npm --prefix ../other test', [':test']],
    ['npm ci', []],
    ['python3 -m pytest', []],
    ['', []],
  ];
  test.each(rows)('%s', (command, calls) => {
    expect(found(command)).toEqual(calls);
  });

  test('quotes, escapes and signs are read as a shell reads them', () => {
    expect(simpleCommands(`a 'b c' "d\\"e" f\\ g;h|i&&j\n(k)`)).toEqual([
      ['a', 'b c', 'd"e', 'f g'],
      ['h'],
      ['i'],
      ['j'],
      ['k'],
    ]);
    expect(simpleCommands("'open")).toEqual([['open']]);
  });

  test('any text is read', () => {
    const signs = fc.constantFrom('npm ', 'run ', 'test', "'", '"', '\\', ';', '(', ' -C ', 'x', '\n', '--');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(signs).map((all) => all.join('')),
        ),
        (text) => scriptCalls(text, '').every(({ dir }) => !dir.split('/').includes('..')),
      ),
    );
  });
});

let scratch: ScratchRepository;
const manifest = (scripts: Readonly<Record<string, string>>): string => `${JSON.stringify({ scripts })}\n`;
const SCRIPTS = { test: 'npm run unit && npm run lint', unit: 'sh run.sh', lint: 'true', build: 'tsc' };
beforeEach(async () => {
  scratch = await ScratchRepository.open({ 'package.json': manifest(SCRIPTS), 'run.sh': RUN_TESTS });
});
afterEach(() => scratch.close());

const NPM = { ...POLICY, command: 'npm test', env: ['PATH'] };
/** A gate that is judged without npm being run: what it means is read, what it does is not of interest. */
const MEANT = { ...POLICY, command: `${RUN_TESTS}\nnpm test` };

const ask = async (files: Parameters<ScratchRepository['commit']>[1], more: object = {}): Promise<MergeVerdict> => {
  scratch.commit('task', files);
  return checkBranchMergeable(await scratch.request('task', { policy: MEANT, ...more }), { lease: scratch.lease });
};

describe('a branch that changes what the test command runs', () => {
  const changes: readonly (readonly [string, Parameters<ScratchRepository['commit']>[1], string])[] = [
    ['empties the script', { 'package.json': manifest({ ...SCRIPTS, test: 'exit 0' }) }, 'scripts.test'],
    ['weakens a script the script calls', { 'package.json': manifest({ ...SCRIPTS, unit: 'true' }) }, 'scripts.unit'],
    ['removes the script', { 'package.json': manifest({ unit: 'x', lint: 'true' }) }, 'scripts.test'],
    ['hooks itself before it', { 'package.json': manifest({ ...SCRIPTS, pretest: 'rm -r t' }) }, 'scripts.pretest'],
    ['hooks itself after it', { 'package.json': manifest({ ...SCRIPTS, postunit: 'true' }) }, 'scripts.postunit'],
    ['breaks the manifest', { 'package.json': '{' }, 'scripts.test'],
    ['deletes the manifest', { 'package.json': null }, 'scripts.test'],
    ['lets another shell run it', { '.npmrc': 'color=true\nscript-shell=/bin/true\n' }, 'how scripts are run'],
  ];
  test.each(changes)(
    '%s: it fails before anything runs, and the finding says what to do',
    async (_title, files, name) => {
      const verdict = await ask(files);
      expect(verdict).toMatchObject({ kind: 'gate-changed' });
      const check = mergeCheckVerdict(verdict, { base: '', head: '' });
      expect(check.status).toBe('fail');
      expect(check.reason).toContain(name);
      expect(check.findings[0]?.message).toMatch(/bring it back, or ask an administrator for an override/);
      expect(scratch.story).toEqual([]);
      expect(await scratch.leaseIsFree()).toBe(true);
    },
  );

  test('an administrator’s override lets it be tested, and the change is said', async () => {
    const files = { 'package.json': manifest({ ...SCRIPTS, lint: 'sh run.sh' }) };
    const verdict = await ask(files, {
      allowGateChange: true,
      policy: { ...MEANT, command: `: npm test; ${RUN_TESTS}` },
    });
    expect(verdict).toMatchObject({
      kind: 'mergeable',
      warnings: [expect.stringMatching(/^gate-changed: package.json scripts.lint is now "sh run.sh", by override/)],
    });
  });

  test('a program in the name of an installed one is named, and an override lets it be tested', async () => {
    const files = { 'node_modules/.bin/sh': '#!/bin/sh\n' };
    const check = mergeCheckVerdict(await ask(files), { base: '', head: '' });
    expect([check.status, check.reason]).toEqual([
      'fail',
      'the branch changes what the test command runs: node_modules/.bin/sh is run in place of an installed program',
    ]);
    expect(check.findings).toMatchObject([
      { path: 'node_modules/.bin/sh', message: expect.stringContaining('ask an administrator for an override') },
    ]);
    const policy = { ...MEANT, command: `: npm test; ${RUN_TESTS}` };
    expect(await ask({}, { allowGateChange: true, policy })).toMatchObject({
      kind: 'mergeable',
      warnings: ['gate-changed: node_modules/.bin/sh is run in place of an installed program, by override'],
    });
  });

  test('a policy that blocks stops what else is only told', async () => {
    const files = { 'conftest.py': '', 'package.json': JSON.stringify({ scripts: SCRIPTS, jest: { bail: true } }) };
    const verdict = await ask(files, { policy: { ...MEANT, gateFiles: 'block' } });
    expect(verdict).toMatchObject({
      kind: 'gate-changed',
      changes: [
        { path: 'conftest.py', name: '' },
        { path: 'package.json', name: 'jest' },
      ],
    });
    const { reason, findings } = mergeCheckVerdict(verdict, { base: '', head: '' });
    expect(reason).toBe('the branch changes what the test command runs: conftest.py, package.json jest');
    expect(findings[0]?.message).toContain('conftest.py decides how tests are run, and the branch changes it');
  });

  test('only true is an override', async () => {
    const files = { 'package.json': manifest({ ...SCRIPTS, test: 'exit 0' }) };
    expect(await ask(files, { allowGateChange: 'yes' })).toMatchObject({ kind: 'gate-changed' });
  });

  test('a validated branch is no exception', async () => {
    const files = { 'package.json': manifest({ ...SCRIPTS, test: 'exit 0' }) };
    expect(await ask(files, { validated: true })).toMatchObject({ kind: 'gate-changed' });
  });
});

describe('what is no change of the gate', () => {
  const green = async (verdict: Promise<MergeVerdict>): Promise<readonly string[]> => {
    const answer = await verdict;
    expect(answer).toMatchObject({ kind: 'mergeable' });
    if (answer.kind !== 'mergeable') return [];
    await scratch.lease.release(answer.proof);
    return answer.warnings;
  };
  const noted = { policy: { ...POLICY, command: `: npm test; ${RUN_TESTS}` } };

  test('another script, a dependency, another setting, or a line’s spaces', async () => {
    const text = JSON.stringify({
      scripts: { ...SCRIPTS, test: ` ${SCRIPTS.test} `, build: 'vite build' },
      dependencies: { x: '1' },
    });
    expect(await green(ask({ 'package.json': text, '.npmrc': 'fund=false\n' }, noted))).toEqual([]);
  });

  test('a test script where base had none', async () => {
    scratch.commit('main', { 'package.json': '{}' });
    scratch.run('branch', '--force', 'task', 'main');
    expect(await green(ask({ 'package.json': manifest(SCRIPTS) }, noted))).toEqual([]);
  });

  test('main’s own change of the script is not the branch’s', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    scratch.commit('main', { 'package.json': manifest({ ...SCRIPTS, test: 'npm run unit' }) });
    expect(await green(ask({ 'b.txt': 'b\n' }, noted))).toEqual([]);
  });

  test('a command that runs no script does not care for scripts', async () => {
    const files = { 'package.json': manifest({ test: 'exit 0' }) };
    expect(await green(ask(files, { policy: POLICY }))).toEqual([]);
  });

  test('a gate definition or a runner’s configuration is tested under the base’s and said loudly', async () => {
    const files = { 'gatehouse.yaml': 'version: 1\n', 'web/jest.config.js': '', 'run.sh': `${RUN_TESTS}\n` };
    expect(await green(ask(files, noted))).toEqual([
      'gate-touched: the branch changes what decides how it is tested: gatehouse.yaml, run.sh, web/jest.config.js',
    ]);
  });

  test('a workspace’s own scripts count where the command runs everywhere, a new package does not', async () => {
    const everywhere = { policy: { ...POLICY, command: `: pnpm -r unit; ${RUN_TESTS}` } };
    scratch.commit('main', { 'packages/a/package.json': manifest({ unit: 'jest' }) });
    scratch.run('branch', '--force', 'task', 'main');
    expect(await green(ask({ 'packages/b/package.json': manifest({ unit: 'jest' }) }, everywhere))).toEqual([]);
    const files = { 'packages/a/package.json': manifest({ unit: 'true' }) };
    expect(await ask(files, everywhere)).toMatchObject({
      kind: 'gate-changed',
      changes: [{ path: 'packages/a/package.json', name: 'scripts.unit', before: 'jest', after: 'true' }],
    });
  });
});

test('the real npm runs the real script of a branch that did not touch it', async () => {
  expect(await ask({ 'a.txt': 'a\n' }, { policy: NPM })).toMatchObject({
    kind: 'mergeable',
    evidence: { run: { tests: { total: 2 } } },
  });
});

test('of commands that another gate runs, only what they themselves run is compared', async () => {
  scratch.commit('task', { 'package.json': manifest({ ...SCRIPTS, build: 'true' }), 'run.sh': 'true\n' });
  const { git, base, head: tested } = await scratch.request('task', { policy: MEANT });
  const find = (...commands: string[]) => findChangedCommands({ git, base, tested, commands });
  expect(await find('npm run build')).toMatchObject({
    kind: 'compared',
    changes: [{ path: 'package.json', name: 'scripts.build', before: 'tsc', after: 'true' }],
  });
  expect(await find('npm run lint')).toMatchObject({ kind: 'compared', changes: [] });
  expect(await find('sh run.sh')).toMatchObject({ changes: [], touched: [{ path: 'run.sh' }] });
  expect(await findChangedCommands({ git, base, tested: '0'.repeat(40), commands: [] })).not.toMatchObject({
    kind: 'compared',
  });
});
