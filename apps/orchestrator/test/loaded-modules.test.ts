/** What a command loads: modules of the built command, as Node's loader was asked for them. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { GATES } from '../src/checks/registry.ts';
import { GATE_NAMES } from '../src/policy/switched-off.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = scratchFolder();
const listing = join(folder, 'list-modules.mjs');
const LIST = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const loaded = new Set();
registerHooks({ load: (url, context, next) => { if (!url.startsWith('node:')) loaded.add(url); return next(url, context); } });
process.on('exit', () => writeFileSync(process.env.LOADED, [...loaded].join('\\n')));
`;

/** Addresses of the modules, from the first that is ours. */
function loadedBy(words: readonly string[]): readonly string[] {
  const list = join(folder, 'loaded');
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, LOADED: list };
  spawnSync(process.execPath, ['--import', listing, MAIN, ...words], { cwd: folder, env });
  return readFileSync(list, 'utf8').split('\n');
}

const SERVICE = ['better-sqlite3', 'drizzle-orm', 'hono', '@hono/', 'prom-client', 'html-to-text', 'zod-to-openapi'];
/** Folders of the service that no command of a shell needs. */
const FOLDERS = ['store', 'schema', 'http', 'worker', 'agents', 'breakers', 'cancellation', 'trackers', 'notifiers'];
const READERS = ['zod', 'yaml', 'semver', '@secretlint/'];

beforeAll(() => writeFileSync(listing, LIST));

const forbidden = (url: string, more: readonly string[]): boolean =>
  [...SERVICE, ...more].some((name) => new RegExp(`/node_modules/${name}`).test(url)) ||
  FOLDERS.some((name) => url.includes(`/apps/orchestrator/dist/${name}/`));

test.each([
  ['--help', 60, [...READERS, '@gatehouse/'], '/packages/'],
  ['task add --help', 60, [...READERS, '@gatehouse/'], '/packages/'],
  ['run -- true', 90, [...READERS, 'commander'], '/packages/(merge|coverage|security)-gate|/packages/git/'],
  ['coverage read lcov.info', 110, READERS, '/packages/((merge|security)-gate|git|gate-run|proc-group)/'],
  ['gate security --repo nowhere --branch good', 110, READERS, '/packages/'],
  ['gate security --repo forge.git --branch good', 730, [], '(?!)'],
])('%s loads at most %i modules, and nothing of the service', async (words, most, libraries, packages) => {
  writeFileSync(join(folder, 'lcov.info'), 'SF:a.js\nDA:1,1\nend_of_record\n');
  if (words.includes('forge.git'))
    (await Forge.make(PROJECT, folder)).push({ branch: 'good', from: 'main' }, { 'a.txt': 'a' });
  const loaded = loadedBy(words.split(' '));
  expect(loaded.filter((url) => forbidden(url, libraries) || new RegExp(packages).test(url))).toEqual([]);
  expect(loaded).toContainEqual(expect.stringContaining('/apps/orchestrator/dist/main.js'));
  expect(loaded.length).toBeLessThanOrEqual(most);
});

test('the gates that help names are those that there are, in their order', () => {
  expect(Object.keys(GATES)).toEqual([...GATE_NAMES, 'all']);
});
