/** `gatehouse audit` on repositories as people have them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { gitIn } from './ci-clones.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';

const TOKEN = ['gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('');

function commit(dir: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  gitIn(dir, 'add', '-A');
  gitIn(dir, '-c', 'user.name=A', '-c', 'user.email=a@b.invalid', 'commit', '--quiet', '-m', 'x');
  return gitIn(dir, 'rev-parse', 'HEAD').trim();
}

function started(files: Readonly<Record<string, string>>, main = 'main'): string {
  const dir = scratchFolder();
  gitIn(dir, 'init', '--quiet', `--initial-branch=${main}`);
  commit(dir, files);
  return dir;
}

test('a main without anything wrong is 0; what is not committed or stands on another branch is nobody’s main', async () => {
  const dir = started({ a: 'x\n' }, 'master');
  gitIn(dir, 'checkout', '--quiet', '-b', 'topic');
  commit(dir, { b: `token = ${TOKEN}\n` });
  writeFileSync(join(dir, 'c'), `token = ${TOKEN}\n`);
  const said = await cli(['audit'], dir);
  expect(said).toMatchObject({ exit: 0, out: expect.stringMatching(/^PASS +audit_repository: no secret/) });
  expect(said.err).toContain('gatehouse: master at ');
  expect((await cli(['audit', '--base', 'topic'], dir)).exit).toBe(1);
  const bare = join(scratchFolder(), 'bare.git');
  gitIn('/', 'clone', '--quiet', '--bare', `file://${dir}`, bare);
  gitIn(bare, 'symbolic-ref', 'HEAD', 'refs/heads/nothing');
  expect((await cli(['audit', '--repo', bare], '/')).exit).toBe(0);
});

test('a secret on main is 1, in every format at its place, and is shown in none', async () => {
  const dir = started({ 'app.ini': `a = 1\ntoken = ${TOKEN}\n` });
  const sarif = join(dir, 'audit.sarif');
  const page = join(dir, 'audit.md');
  const said = await cli(['audit', '--json', '--format', `sarif=${sarif}`, '--format', `markdown=${page}`], dir);
  expect(said.exit).toBe(1);
  const head = gitIn(dir, 'rev-parse', 'HEAD').trim();
  expect(onlyJson(said)).toMatchObject({
    check: 'audit_repository',
    status: 'fail',
    head_sha: head,
    findings: [{ rule: 'secret/github', path: 'app.ini', line: 2, commit: head }],
  });
  const [run] = JSON.parse(readFileSync(sarif, 'utf8')).runs;
  expect(run.automationDetails.id).toBe('gatehouse/audit/');
  expect(run.results[0].locations[0].physicalLocation).toMatchObject({
    artifactLocation: { uri: 'app.ini' },
    region: { startLine: 2 },
  });
  expect(readFileSync(page, 'utf8')).toContain('fail, something stands there');
  expect(said.out + said.err + readFileSync(sarif, 'utf8') + readFileSync(page, 'utf8')).not.toContain(TOKEN);
});

test('a secret that was taken out is found with --history, and is accepted by an entry of the gate definition', async () => {
  const dir = started({ a: `token = ${TOKEN}\n` });
  const gone = gitIn(dir, 'rev-parse', 'HEAD').trim();
  commit(dir, { a: 'token = read from the environment\n' });
  expect((await cli(['audit'], dir)).exit).toBe(0);
  const found = onlyJson(await cli(['audit', '--history', '--json'], dir)) as {
    findings: readonly { commit: string; message: string }[];
  };
  expect(found.findings).toMatchObject([{ commit: gone }]);
  const print = /Fingerprint (\S+)\./.exec(found.findings[0]?.message ?? '')?.[1] ?? '';
  const allow = `[{ fingerprint: "${print}", path: a, reason: a sample, expires: "2099-01-01" }]`;
  commit(dir, { 'gatehouse.yaml': `version: 1\nsecurity: { allow: ${allow} }\n` });
  expect(await cli(['audit', '--history'], dir)).toMatchObject({
    exit: 0,
    out: expect.stringContaining("allowed by base's policy"),
  });
});

test('what cannot be audited is usage, with the way on', async () => {
  const dir = started({ a: 'x\n' });
  expect(await cli(['audit', '--base', 'nobody'], dir)).toMatchObject({ exit: 2 });
  expect(await cli(['audit', '--repo', './none'], dir)).toMatchObject({ exit: 2 });
  expect(await cli(['audit', '--format', 'sarf'], dir)).toMatchObject({
    exit: 2,
    err: expect.stringContaining('did you mean sarif'),
  });
  expect(await cli(['audit', '--config', 'none.yaml'], dir)).toMatchObject({ exit: 2 });
});
