import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HONOURED, SET } from './npmrc-spellings.ts';
import { PlantedBranches, type PlantedFiles } from './planted-branches.ts';

const stops = ['.npmrc how scripts are run'];
const unread = ['.npmrc as a whole, because it cannot be read'];

describe('a branch whose .npmrc lets another shell run the scripts', () => {
  let planted: PlantedBranches;
  beforeAll(() => {
    const base = { 'package.json': '{"scripts":{"test":"false"}}', '.npmrc': 'fund=false\n' };
    planted = new PlantedBranches(base, new Map(HONOURED));
  });
  afterAll(() => planted.close());

  test.each(HONOURED)('%s', async (title) => {
    const { stops: found } = await planted.judge(title, 'npm test');
    expect([stops, unread]).toContainEqual(found);
  });
});

const PNPM = 'packages:\n  - "packages/*"\ncatalog:\n  zod: ^4.0.0\nshellEmulator: false\n';
const YARN = 'nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-4.9.1.cjs\n';
const BASE: PlantedFiles = {
  'package.json': '{"scripts":{"test":"cd app && npm test"}}',
  'app/package.json': '{"scripts":{"test":"jest"}}',
  'pnpm-workspace.yaml': PNPM,
  '.yarnrc.yml': YARN,
  'rc/npm': 'fund=false\n',
  'linked/.npmrc': 'fund=false\n',
  'web/.npmrc': { link: '../rc/npm' },
};
const HOW = 'how scripts are run';
/** Recorded: pnpm 10.34.9 takes each spelling of `scriptShell` below, and yarn 1.22.22 its `script-shell`, quoted or not. */
const rows: readonly (readonly [string, PlantedFiles, readonly string[], readonly string[]])[] = [
  ['nothing that decides', { '.npmrc': '# ours\nfund=false\nloglevel = error\n\nsave-exact=true' }, [], []],
  [
    'another registry',
    { '.npmrc': `${'registry'}=https://npm.example.org/\n@acme:${'registry'}=x\n` },
    [],
    [`.npmrc ${HOW}`],
  ],
  ['a section', { '.npmrc': '[a]\n' }, [`.npmrc ${HOW}`], []],
  ['a setting nobody knows yet', { '.npmrc': 'script-shell-next=x\n' }, [`.npmrc ${HOW}`], []],
  ['node options', { '.npmrc': 'node-options=--require ./x.js\n' }, [`.npmrc ${HOW}`], []],
  ['settings where a script runs', { 'app/.npmrc': `${SET}\n` }, [`app/.npmrc ${HOW}`], []],
  ['settings where none runs', { 'docs/.npmrc': `${SET}\n` }, [], [`docs/.npmrc ${HOW}`]],
  ['settings in a directory a link leads to', { 'rc/npm': `${SET}\n` }, [`web/.npmrc ${HOW}`], []],
  ['a submodule in the place of settings', { '.npmrc': 'submodule' }, unread, []],
  ['a dependency in pnpm’s catalog', { 'pnpm-workspace.yaml': PNPM.replace('^4.0.0', '^4.1.0') }, [], []],
  [
    'a package in pnpm’s workspace',
    { 'pnpm-workspace.yaml': PNPM.replace('*', '**') },
    [],
    [`pnpm-workspace.yaml ${HOW}`],
  ],
  [
    'a catalog entry of its own',
    { 'pnpm-workspace.yaml': PNPM.replace('^4.0.0', 'file:./zod') },
    [`pnpm-workspace.yaml ${HOW}`],
    [],
  ],
  [
    'a shell for pnpm',
    { 'pnpm-workspace.yaml': `${PNPM}scriptShell: /bin/true\n` },
    [`pnpm-workspace.yaml ${HOW}`],
    [],
  ],
  ['… in quotes', { 'pnpm-workspace.yaml': `${PNPM}"scriptShell": /bin/true\n` }, [`pnpm-workspace.yaml ${HOW}`], []],
  ['… with an escape', { 'pnpm-workspace.yaml': `${PNPM}"script\\x53hell": x\n` }, [`pnpm-workspace.yaml ${HOW}`], []],
  [
    '… as an explicit key',
    { 'pnpm-workspace.yaml': `${PNPM}? scriptShell\n: x\n` },
    [`pnpm-workspace.yaml ${HOW}`],
    [],
  ],
  [
    '… in braces',
    { 'pnpm-workspace.yaml': '{ "packages": ["packages/*"], scriptShell: x }\n' },
    [`pnpm-workspace.yaml ${HOW}`],
    [],
  ],
  [
    '… after a lone CR',
    { 'pnpm-workspace.yaml': `${PNPM}# words\rscriptShell: x\n` },
    [`pnpm-workspace.yaml ${HOW}`],
    [],
  ],
  ['an older yarn', { '.yarnrc.yml': YARN.replace('4.9.1', '4.0.0') }, [`.yarnrc.yml ${HOW}`], []],
  ['a plugin of yarn', { '.yarnrc.yml': `${YARN}plugins:\n  - ./p.cjs\n` }, [`.yarnrc.yml ${HOW}`], []],
  ['how yarn links', { '.yarnrc.yml': YARN.replace('node-modules', 'pnp') }, [], [`.yarnrc.yml ${HOW}`]],
  [
    'yarn itself',
    { '.yarn/releases/yarn-4.9.1.cjs': '' },
    ['.yarn/releases/yarn-4.9.1.cjs is run as the package manager'],
    [],
  ],
  ['hooks of pnpm', { '.pnpmfile.cjs': '' }, ['.pnpmfile.cjs decides what is installed'], []],
  ['a shell for yarn 1', { '.yarnrc': 'script-shell "/bin/true"\n' }, [`.yarnrc ${HOW}`], []],
  ['a preload of bun', { 'bunfig.toml': 'preload = ["./x.ts"]\n' }, [`bunfig.toml ${HOW}`], []],
  ['where bun installs from', { 'bunfig.toml': '[install]\nregistry = "https://a/"\n' }, [], [`bunfig.toml ${HOW}`]],
];

describe('a branch that changes settings of a package manager', () => {
  let planted: PlantedBranches;
  beforeAll(() => {
    planted = new PlantedBranches(BASE, new Map(rows.map(([title, files]) => [title, files])));
  });
  afterAll(() => planted.close());

  test.each(rows)('%s', async (title, _files, stopped, told) => {
    expect(await planted.judge(title, 'npm test', 'cd web && npm ci')).toEqual({ stops: stopped, tells: told });
  });

  test('it is told, and does not stop, where the command runs no package manager', async () => {
    expect(await planted.judge('node options', 'go test ./...')).toEqual({ stops: [], tells: [`.npmrc ${HOW}`] });
    expect(await planted.judge('nothing that decides', 'go test ./...')).toEqual({ stops: [], tells: [] });
  });

  test('a command of which nobody knows what it runs counts as one that runs scripts', async () => {
    expect((await planted.judge('node options', './ci/all.sh')).stops).toEqual([`.npmrc ${HOW}`]);
  });
});
