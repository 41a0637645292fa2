/** `gatehouse doctor --repo`, against a service whose repository is on a double of Gitea. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGitea } from '@gatehouse/doubles';
import { expect, test } from '@jest/globals';
import { doctorCommand } from '../src/cli/doctor-command.ts';
import { fullProfile, GOOD, registerFull } from './full-profile.ts';
import { ownToken, register, serviceOn, settingsFrom, until } from './live-gatehouse.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

interface Told {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly status: string;
    readonly detail: string;
    readonly next: string | null;
  }[];
}

test('says what the forge lacks, with what mends it, and fails where nothing could land', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const gitea = await startGitea({ path: forge.path });
  const token = gitea.token('queue');
  const service = await serviceOn(join(folder, 'data'), { ORCH_GITEA_URL: gitea.url, ORCH_GITEA_TOKEN: token });
  const run = (...words: string[]) => cli([...words, '--url', service.url, '--token', ownToken(service)], folder);
  const added = await run('repo', 'add', gitea.cloneUrl, '--name', 'app');
  expect(added.err).toBe('');
  expect(added.out).toContain('forge gitea, with the credential gitea');

  const said = await run('doctor', '--repo', 'app', '--json');
  const { ok, checks } = onlyJson(said) as Told;
  expect([said.exit, ok]).toEqual([0, true]);
  expect(checks[0]).toEqual({ name: 'main', status: 'ok', detail: 'main is there and can be read', next: null });
  expect(checks.find(({ name }) => name === 'webhook secret')).toEqual({
    name: 'webhook secret',
    status: 'warn',
    detail: expect.stringContaining('no webhook is believed'),
    next: expect.stringContaining('ORCH_GITEA_WEBHOOK_SECRET'),
  });
  for (const { status, next } of checks) if (status !== 'ok') expect(next).toMatch(/\S/);

  await gitea.close();
  const away = await run('doctor', '--repo', 'app');
  expect(away.exit).toBe(3);
  expect(away.out).toMatch(/main +fail/);
  expect(`${said.out}${added.out}${away.out}${away.err}`).not.toContain(token);
  expect((await run('doctor', '--repo', 'none')).err).toContain('gatehouse repo ls');
});

test('a repository that is added where nothing can land is a failed command that says so, and stays registered', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const gitea = await startGitea({ path: forge.path });
  const token = gitea.token('queue', 'read');
  const service = await serviceOn(join(folder, 'data'), { ORCH_GITEA_URL: gitea.url, ORCH_GITEA_TOKEN: token });
  const run = (...words: string[]) => cli([...words, '--url', service.url, '--token', ownToken(service)], folder);
  const added = await run('repo', 'add', gitea.cloneUrl, '--name', 'app');
  expect([added.exit, added.out]).toEqual([3, expect.stringMatching(/^registered app [\s\S]*\nfail /)]);
  expect(added.err).toBe(
    'gatehouse: app is registered, and nothing can land there until what fails above is mended\n  next: gatehouse doctor --repo app\n',
  );
  expect((await run('repo', 'ls')).out).toContain(gitea.cloneUrl);
  expect((await run('doctor', '--repo', 'app')).exit).toBe(3);
  await gitea.close();
});

test('of a bare repository on this machine says that it has branches and nothing else', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  const said = await cli(['doctor', '--repo', 'app', '--json', '--url', service.url, '--token', ownToken(service)]);
  expect(onlyJson(said)).toMatchObject({
    ok: true,
    checks: [{ name: 'main' }, { name: 'advisory feed', status: 'warn' }, { name: 'people', status: 'ok' }],
  });
});

test("a mistake in an operator's file, and in that of main, is found before a job meets it", async () => {
  const folder = scratchFolder();
  const full = await fullProfile(GOOD);
  const service = await serviceOn(join(folder, 'data'));
  await registerFull(service, full);
  const run = (...words: string[]) => cli([...words, '--url', service.url, '--token', ownToken(service)], folder);
  const here = () =>
    doctorCommand(settingsFrom({ ORCH_DATA_DIR: join(folder, 'data') }), { warnings: [], store: false });
  const lineOf = async () => ((await here()).json as Told).checks.find(({ name }) => name === 'policy of app');
  expect((await run('doctor', '--repo', 'app')).out).toMatch(/operator's file +ok/);
  expect(await lineOf()).toMatchObject({ status: 'ok' });
  const text = readFileSync(full.policy, 'utf8');
  writeFileSync(full.policy, text.replace('deploy:', 'deplyo:'));
  const said = await run('doctor', '--repo', 'app');
  expect([said.exit, said.out]).toEqual([3, expect.stringMatching(/operator's file +fail +.*did you mean deploy\?/)]);
  expect(await lineOf()).toMatchObject({ status: 'bad', detail: expect.stringContaining('did you mean deploy?') });
  writeFileSync(full.policy, text);
  full.forge.push({ branch: 'main' }, { 'gatehouse.yaml': 'version: 1\ntets: { command: "true" }\n' });
  await until('main is seen', async () => {
    const { out } = await run('doctor', '--repo', 'app');
    return /gatehouse\.yaml +fail +.*did you mean test\?/.test(out);
  });
});
