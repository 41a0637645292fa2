import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PlantedBranches, type PlantedFiles } from './planted-branches.ts';

const SCRIPTS = { test: 'yarn unit && run-s "check:*"', unit: 'jest', 'check:a': 'x', other: 'true', 'other:b': 'z' };
const MANIFEST = {
  name: 'app',
  version: '1.0.0',
  scripts: SCRIPTS,
  devDependencies: { jest: '^30.0.0', zod: '^4.0.0' },
  jest: { bail: true, roots: ['a'] },
};
const manifest = (more: object): PlantedFiles => ({ 'package.json': JSON.stringify({ ...MANIFEST, ...more }) });
const dev = (more: object) => manifest({ devDependencies: { ...MANIFEST.devDependencies, ...more } });
const scripts = (more: object) => manifest({ scripts: { ...SCRIPTS, ...more } });

const rows: readonly (readonly [string, PlantedFiles, readonly string[], readonly string[]])[] = [
  ['a newer runner', dev({ jest: '^30.1.0' }), [], []],
  ['a new dependency', dev({ ms: '^2.0.0', 'left-pad': 'file:./pad' }), [], []],
  [
    'another version of itself, keys in another order',
    manifest({ version: '2.0.0', jest: { roots: ['a'], bail: true } }),
    [],
    [],
  ],
  ['settings of jest', manifest({ jest: { testMatch: [] } }), [], ['package.json jest']],
  [
    'settings of mocha, ava and nyc',
    manifest({ mocha: {}, ava: {}, nyc: {} }),
    [],
    ['package.json ava', 'package.json mocha', 'package.json nyc'],
  ],
  ['workspaces', manifest({ workspaces: ['p/*'] }), [], ['package.json workspaces']],
  ['another package manager', manifest({ packageManager: 'pnpm@10.0.0' }), [], ['package.json packageManager']],
  ['a runner from a directory', dev({ jest: 'file:./fake' }), ['package.json devDependencies.jest'], []],
  ['a runner from a repository', dev({ jest: 'acme/jest' }), ['package.json devDependencies.jest'], []],
  ['a runner under another name', dev({ jest: 'npm:mine@1' }), ['package.json devDependencies.jest'], []],
  [
    'a runner that is overridden',
    manifest({ overrides: { jest: { expect: 'file:./e' } } }),
    ['package.json overrides'],
    [],
  ],
  [
    'another version of a runner everywhere',
    manifest({ resolutions: { '**/chai': '5.0.0' } }),
    [],
    ['package.json resolutions'],
  ],
  ['another version of a dependency everywhere', manifest({ overrides: { ms: '2.1.0' } }), [], []],
  ['scripts that stand elsewhere', manifest({ wireit: { test: { command: 'true' } } }), ['package.json wireit'], []],
  ['a directory of programs', manifest({ directories: { bin: 'x' } }), ['package.json bin.*'], []],
  ['the name of a runner', manifest({ name: 'jest' }), ['package.json name'], []],
  ['a hook before the test', scripts({ pretest: 'x' }), ['package.json scripts.pretest'], []],
  ['a hook after a script that is called', scripts({ postunit: 'x' }), ['package.json scripts.postunit'], []],
  ['a script among those of a pattern', scripts({ 'check:a': 'true' }), ['package.json scripts.check:a'], []],
  ['a script of another pattern', scripts({ 'other:b': 'true', build: 'x' }), [], []],
  ['a script in the name of a program that yarn runs', scripts({ lint: 'true' }), ['package.json scripts.lint'], []],
  [
    'a script that runs when packages are installed',
    scripts({ postinstall: 'sh x.sh' }),
    [],
    ['package.json scripts.postinstall'],
  ],
  [
    'a link in its place',
    { 'package.json': { link: 'x.json' } },
    ['package.json as a whole, because it cannot be read'],
    [],
  ],
  [
    'bytes that are no text',
    { 'package.json': Buffer.from([0x7b, 0xff, 0x7d]) },
    ['package.json as a whole, because it cannot be read'],
    [],
  ],
  [
    'more than is read',
    manifest({ x: 'x'.repeat(1_100_000) }),
    ['package.json as a whole, because it cannot be read'],
    [],
  ],
];

describe('a branch that changes package.json', () => {
  let planted: PlantedBranches;
  beforeAll(() => {
    planted = new PlantedBranches(manifest({}), new Map(rows.map(([title, files]) => [title, files])));
  });
  afterAll(() => planted.close());

  test.each(rows)('%s', async (title, _files, stops, tells) => {
    expect(await planted.judge(title, 'npm test && yarn lint', 'npm ci')).toEqual({ stops, tells });
  });
});

const BASE: PlantedFiles = {
  'check.sh': '#!/bin/sh\ncd app && npm run unit\n',
  'app/package.json': '{"scripts":{"unit":"sh run.sh","deploy":"x"}}',
  'app/run.sh': 'true\n',
  Makefile: 'test:\n\t@npm --prefix app run deploy\n',
  'linked/package.json': { link: '../meta/package.json' },
  'meta/package.json': '{"scripts":{"test":"x"}}',
  ci: { link: 'steps' },
  'steps/all.sh': 'true\nsh unit.sh\n',
};
const inApp = (unit: string, deploy: string): PlantedFiles => ({
  'app/package.json': JSON.stringify({ scripts: { unit, deploy } }),
});
const reached: readonly (readonly [string, PlantedFiles, string, readonly string[], readonly string[]])[] = [
  [
    'a script that a shell script of base calls',
    inApp('true', 'x'),
    'sh check.sh',
    ['app/package.json scripts.unit'],
    [],
  ],
  ['a file that a shell script of base names', { 'unit.sh': 'true\n' }, 'sh ci/all.sh', [], ['unit.sh']],
  [
    'a script that a makefile calls is told',
    inApp('sh run.sh', 'y'),
    'make test',
    [],
    ['app/package.json scripts.deploy'],
  ],
  [
    'a script behind a link',
    { 'meta/package.json': '{"scripts":{"test":"true"}}' },
    'npm --prefix linked test',
    ['linked/package.json scripts.test'],
    [],
  ],
  [
    'a file that a script names where it runs',
    { 'app/run.sh': 'false\n' },
    'npm --prefix app run unit',
    [],
    ['app/run.sh'],
  ],
  ['a file behind a link of base', { 'steps/all.sh': 'false\n' }, './ci/all.sh', [], ['ci/all.sh']],
  ['a link of base that leads elsewhere', { ci: { link: 'mine' }, 'mine/all.sh': '' }, './ci/all.sh', [], ['ci']],
  ['a file named by a flag', { 'my.config.js': '' }, 'jest --config=my.config.js', [], ['my.config.js']],
];

describe('what base’s command reaches', () => {
  let planted: PlantedBranches;
  beforeAll(() => {
    planted = new PlantedBranches(BASE, new Map(reached.map(([title, files]) => [title, files])));
  });
  afterAll(() => planted.close());

  test.each(reached)('%s', async (title, _files, command, stops, tells) => {
    expect(await planted.judge(title, command)).toEqual({ stops, tells });
  });
});
