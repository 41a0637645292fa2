/** A gate in a clone as a person has it at hand: with another name of main, changes that are not committed, no baseline. */
import { readFileSync, writeFileSync } from 'node:fs';
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

test('a pass on a branch that is its own base says that nothing was judged', async () => {
  const dir = started('main');
  gitIn(dir, 'checkout', '--quiet', '-b', 'topic');
  commit(dir, { b: 'y\n' });
  const gate = async (base: string) => {
    const said = await cli(['gate', 'security', '--branch', 'topic', '--base', base, '--json'], dir);
    return (onlyJson(said) as { warnings: string[] }).warnings;
  };
  expect(await gate('topic')).toContainEqual(expect.stringMatching(/^nothing_judged: .* --base$/));
  expect(await gate('main')).not.toContainEqual(expect.stringContaining('nothing_judged'));
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
  const report = String.raw`printf 'SF:a.js\nDA:1,1\nDA:2,0\nend_of_record\n' > lcov.info`;
  const coverage = `coverage:\n  command: ${JSON.stringify(report)}\n  report: lcov.info\n`;
  const files = { 'a.js': 'x\ny\n', 'gatehouse.yaml': `version: 1\n${coverage}` };
  const dir = started('main', files);
  gitIn(dir, 'checkout', '--quiet', '-b', 'topic');
  commit(dir, { b: 'y\n' });
  const gate = async (...words: string[]) => {
    const said = onlyJson(await cli(['gate', 'coverage', '--json', ...words], dir)) as { warnings: string[] };
    return said.warnings.filter((warning) => warning.startsWith('coverage_not_compared'));
  };
  expect(await gate()).toEqual([expect.stringMatching(/--baseline FOLDER.*coverage\.patch: .*policy: block/)]);
  expect(await gate('--baseline', join(dir, '../marks'))).toEqual([]);
});

test('a finding that only warns is told once', async () => {
  const report = String.raw`printf 'SF:a.js\nDA:1,1\nDA:2,0\nend_of_record\n' > lcov.info`;
  const coverage = `coverage:\n  command: ${JSON.stringify(report)}\n  report: lcov.info\n  patch: { min: 80, policy: warn }\n`;
  const dir = started('main', { 'a.js': 'x\ny\n', 'gatehouse.yaml': `version: 1\n${coverage}` });
  gitIn(dir, 'checkout', '--quiet', '-b', 'topic');
  commit(dir, { 'b.js': 'new()\n' });
  const { out } = await cli(['gate', 'coverage'], dir);
  expect(out).toContain('  - coverage/unmeasured b.js: ');
  expect(out.match(/coverage\/unmeasured/g)).toHaveLength(1);
});

test('a red test is told at its line: in words, as an annotation and in SARIF', async () => {
  const suite = (one: number) =>
    `const test = require('node:test');\nconst assert = require('node:assert');\n\ntest('one', () => {\n  assert.equal(${one}, 1);\n});\n`;
  const dir = started('main', {
    'a.test.js': suite(1),
    'gatehouse.yaml': 'version: 1\ntest: { command: node --test, timeout: 60s }\n',
  });
  gitIn(dir, 'checkout', '--quiet', '-b', 'topic');
  commit(dir, { 'a.test.js': suite(2) });
  const said = await cli(['gate', 'merge', '--format', 'github', '--format', 'sarif=out.sarif'], dir);
  expect(said.out).toMatch(/^::error file=a\.test\.js,line=[45],title=red-test::failing: one/m);
  expect(said.out).not.toMatch(/^::error title=red-run/m);
  expect(said.out).toMatch(/^ {2}- red-test a\.test\.js:[45]: failing: one/m);
  const { results } = JSON.parse(readFileSync(join(dir, 'out.sarif'), 'utf8')).runs[0];
  expect(results).toMatchObject([
    { ruleId: 'red-test', locations: [{ physicalLocation: { artifactLocation: { uri: 'a.test.js' } } }] },
  ]);
});

test('a changed test command names the option by which a caller answers for it', async () => {
  const manifest = (script: string) => JSON.stringify({ scripts: { test: script } });
  const dir = started('main', {
    'package.json': manifest('true'),
    'gatehouse.yaml': 'version: 1\ntest: { command: npm test, timeout: 60s }\n',
  });
  gitIn(dir, 'checkout', '--quiet', '-b', 'topic');
  commit(dir, { 'package.json': manifest('echo') });
  const said = await cli(['gate', 'merge'], dir);
  expect(said).toMatchObject({ exit: 1, out: expect.stringContaining('--allow-gate-change') });
});
