/** How an importer gets the packages while they are on no registry. `importer.test.ts` installs what the command makes. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { NAMES } from '../src/importer/project.ts';

const ROOT = join(import.meta.dirname, '../../..');

function run(program: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 60_000 });
  return { status, stdout, stderr };
}

test('npm pack by hand is refused, with the command to type', () => {
  const ended = run('npm', ['pack', '--dry-run'], join(ROOT, 'packages/merge-gate'));
  expect(ended.status).not.toBe(0);
  expect(ended.stderr).toContain('In the root of the repository: node tools/pack-packages.mjs merge-gate\n');
});

test.each([
  ['no name', [], 'no package is named'],
  ['a name that is none', ['../apps/orchestrator'], 'no package is called ../apps/orchestrator'],
])('%s is refused before anything is built, and the names are told', (_, args, reason) => {
  const ended = run(process.execPath, ['tools/pack-packages.mjs', ...args], ROOT);
  const usage = 'usage: node tools/pack-packages.mjs NAME... [--out FOLDER]';
  expect(ended).toEqual({ status: 2, stdout: '', stderr: `${reason}\n${usage}\nNAME is one of ${NAMES.join(', ')}\n` });
});
