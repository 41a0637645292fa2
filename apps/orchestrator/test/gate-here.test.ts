/** A gate in a clone as a person has it at hand: with another name of main, changes that are not committed, no baseline. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { gitIn } from './ci-clones.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';

function commit(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  gitIn(dir, 'add', '-A');
  gitIn(dir, '-c', 'user.name=A', '-c', 'user.email=a@b.invalid', 'commit', '--quiet', '-m', 'x');
}

function started(main: string, files: Readonly<Record<string, string>> = { a: 'x\n' }): string {
  const dir = scratchFolder();
  gitIn(dir, 'init', '--quiet', `--initial-branch=${main}`);
  commit(dir, files);
  return dir;
}

test('main is found under the name master, here and at the remote, and as what the remote calls its own', async () => {
  const dir = started('master');
  gitIn(dir, 'checkout', '--quiet', '-b', 'topic');
  commit(dir, { b: 'y\n' });
  const base = async (repo: string) => {
    const said = onlyJson(await cli(['gate', 'security', '--json'], repo)) as { subject: { base: object } };
    return said.subject.base;
  };
  expect(await base(dir)).toMatchObject({ name: 'master', from: 'default' });
  gitIn(dir, 'update-ref', 'refs/heads/trunk', 'master');
  gitIn(dir, 'branch', '--quiet', '-D', 'master');
  gitIn(dir, 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
  const clone = join(scratchFolder(), 'clone');
  gitIn('/', 'clone', '--quiet', `file://${dir}`, clone);
  gitIn(clone, 'checkout', '--quiet', '--detach', 'origin/topic');
  gitIn(clone, 'branch', '--quiet', '-D', 'trunk');
  expect(await base(clone)).toMatchObject({ name: 'origin/HEAD', from: 'default' });
});

test('a commit that this clone lacks is never looked for as a branch of that name', async () => {
  const dir = started('main');
  gitIn(dir, 'remote', 'add', 'origin', 'https://git.example/x.git');
  const gone = '1'.repeat(40);
  const said = await cli(['gate', 'security', '--branch', 'main', '--base', gone], dir);
  expect(said.err).toContain(`git fetch --no-tags origin ${gone}`);
  expect(said.err).not.toContain('refs/heads/1111');
});

test('what is not committed is said where HEAD is judged, and nowhere else', async () => {
  const dir = started('main');
  writeFileSync(join(dir, 'a'), 'changed\n');
  writeFileSync(join(dir, 'new'), 'x\n');
  const gate = async (...words: string[]) => (await cli(['gate', 'security', ...words], dir)).err;
  expect(await gate()).toContain('2 files are not committed and not looked at: a, new\n');
  gitIn(dir, 'branch', 'other');
  commit(dir, {});
  expect(await gate()).not.toContain('not committed');
  writeFileSync(join(dir, 'a'), 'again\n');
  expect(await gate('--branch', 'other')).not.toContain('not committed');
});

test('coverage that nothing remembers is said to be compared with nothing, with the two ways out', async () => {
  const report = 'SF:a\nDA:1,1\nDA:2,0\nend_of_record\n';
  const coverage = `coverage:\n  command: cp lcov.src lcov.info\n  report: lcov.info\n`;
  const files = { a: 'x\ny\n', 'lcov.src': report, 'gatehouse.yaml': `version: 1\n${coverage}` };
  const dir = started('main', files);
  gitIn(dir, 'checkout', '--quiet', '-b', 'topic');
  commit(dir, { b: 'y\n' });
  const gate = async (...words: string[]) => {
    const said = onlyJson(await cli(['gate', 'coverage', '--json', ...words], dir)) as { warnings: string[] };
    return said.warnings.filter((warning) => warning.startsWith('coverage_not_compared'));
  };
  expect(await gate()).toEqual([expect.stringMatching(/--baseline FOLDER.*coverage\.patch: .*policy: block/)]);
  expect(await gate('--baseline', join(dir, '../marks'))).toEqual([]);
  expect(existsSync(join(dir, 'lcov.info'))).toBe(false);
});
