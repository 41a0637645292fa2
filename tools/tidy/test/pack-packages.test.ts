/** How an importer gets the packages while they are on no registry. `importer.test.ts` installs what the command makes. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { PACKING } from '../src/guards/published.ts';
import { NAMES } from '../src/importer/project.ts';

const ROOT = join(import.meta.dirname, '../../..');

function run(program: string, args: readonly string[], cwd: string) {
  // A script of pnpm runs the tests: its name goes on in the user agent, and its path does not.
  const { npm_execpath: _pnpm, ...given } = process.env;
  const env = { ...given, npm_config_user_agent: 'pnpm/12.0.0 npm/? node/v26.0.0 linux x64' };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env, timeout: 60_000 });
  return { status, stdout, stderr };
}

/** A workspace of two packages of which `a` needs `b`, with the real scripts. */
function workspace(): string {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-npm-pack-'));
  mkdirSync(join(root, 'tools'));
  copyFileSync(join(ROOT, 'tools/npm-pack.mjs'), join(root, 'tools/npm-pack.mjs'));
  const dependencies = { '@gatehouse/b': 'workspace:*', yaml: '2.0.0' };
  for (const [name, more] of Object.entries({ a: { dependencies }, b: {} })) {
    mkdirSync(join(root, 'packages', name), { recursive: true });
    const manifest = { name: `@gatehouse/${name}`, version: '1.2.3', scripts: PACKING, ...more };
    writeFileSync(join(root, 'packages', name, 'package.json'), JSON.stringify(manifest));
  }
  return root;
}

test('npm pack by hand packs the versions, leaves the manifest as it was, and says what installs', () => {
  const root = workspace();
  const [dir, manifest] = [join(root, 'packages/a'), join(root, 'packages/a/package.json')];
  const before = readFileSync(manifest, 'utf8');
  const pack = () => run('npm', ['pack', '--pack-destination', root], dir);
  expect(pack()).toMatchObject({ status: 0, stderr: expect.stringContaining('node tools/pack-packages.mjs a\n') });
  const { stdout: packed } = run('tar', ['-xzOf', join(root, 'gatehouse-a-1.2.3.tgz'), 'package/package.json'], root);
  expect(JSON.parse(packed)).toMatchObject({ dependencies: { '@gatehouse/b': '1.2.3', yaml: '2.0.0' } });
  expect(readFileSync(manifest, 'utf8')).toBe(before);
  // One that was cut short is put back by the next.
  run(process.execPath, ['../../tools/npm-pack.mjs', 'before'], dir);
  expect(readFileSync(manifest, 'utf8')).not.toBe(before);
  expect(pack().status).toBe(0);
  expect(readFileSync(manifest, 'utf8')).toBe(before);
  rmSync(root, { recursive: true });
});

test('--help says the words and the names', () => {
  const { status, stdout, stderr } = run(process.execPath, ['tools/pack-packages.mjs', '--help'], ROOT);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`NAME is one of ${NAMES.join(', ')}\n`);
});

test.each([
  ['no name', [], 'no package is named'],
  ['a name that is none', ['../apps/orchestrator'], 'no package is called ../apps/orchestrator'],
])('%s is refused before anything is built, and the names are told', (_, args, reason) => {
  const ended = run(process.execPath, ['tools/pack-packages.mjs', ...args], ROOT);
  const usage = 'usage: node tools/pack-packages.mjs NAME... [--out FOLDER]';
  expect(ended).toEqual({ status: 2, stdout: '', stderr: `${reason}\n${usage}\nNAME is one of ${NAMES.join(', ')}\n` });
});
