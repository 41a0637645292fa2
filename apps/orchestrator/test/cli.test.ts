import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { envExample } from '../src/cli/env-example.ts';
import { processesNaming } from '../src/platform/processes.ts';
import { atRest, ownToken, type ShownTask, serviceOn, until } from './live-gatehouse.ts';
import { cli, onlyJson, Room } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const COMMANDS = [
  'serve',
  'demo',
  'doctor',
  'repo add',
  'repo ls',
  'repo thaw',
  'repo set',
  'task add',
  'task ls',
  'task show',
  'task retry',
  'task stop',
  'task override',
  'queue',
  'flaky',
  'pause',
  'resume',
  'leases',
  'logs',
  'baseline show',
  'baseline set',
  'gate',
  'init',
  'coverage read',
  'run',
  'simulate',
];

describe('--help', () => {
  test.each(['', ...COMMANDS])(
    'of gatehouse %s says what it is for and how it is called, and exits 0',
    async (command) => {
      const said = await cli([...command.split(' ').filter((word) => word !== ''), '--help']);
      expect(said).toMatchObject({ exit: 0, err: '' });
      expect(said.out).toContain(`Usage: ${`gatehouse ${command}`.trim()}`);
      expect(said.out.split('\n').filter((line) => line !== '').length).toBeGreaterThan(3);
    },
  );

  test('names every command at the top, and the exit statuses where they matter', async () => {
    const top = (await cli(['--help'])).out;
    for (const command of COMMANDS) expect(top).toContain(`\n  ${command.split(' ')[0]}`);
    for (const command of [[], ['gate']]) expect((await cli([...command, '--help'])).out).toContain('75 defer');
    expect((await cli(['run', '--help'])).out).toContain('124 deadline');
  });

  test('without any word the whole help is shown on stderr, as a mistake', async () => {
    const said = await cli([]);
    expect([said.exit, said.out]).toEqual([2, '']);
    expect(said.err).toContain('Usage: gatehouse');
  });
});

test.each([
  [['--seed', 'x'], '--seed x'],
  [['--lifetimes', '0'], '--lifetimes 0'],
  [['--trace'], '--world'],
])('simulate %j is a mistake that is named before anything is lived', async (words, named) => {
  const said = await cli(['simulate', ...words]);
  expect(said).toMatchObject({ exit: 2, out: '' });
  expect(said.err).toContain(named);
});

describe('gate --json', () => {
  let forge: Forge;
  const heads: Record<string, string> = {};
  beforeAll(async () => {
    forge = await Forge.make(PROJECT);
    const from = forge.head('main');
    const token = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
    heads['good'] = forge.push({ branch: 'good', from }, { 'a.txt': 'a' });
    heads['red'] = forge.push({ branch: 'red', from }, { broken: '' });
    heads['leak'] = forge.push({ branch: 'leak', from }, { key: `${token}\n` });
    heads['infra'] = forge.push({ branch: 'infra', from }, { 'check.sh': 'exit 127\n' });
    forge.push({ branch: 'bare', from }, { 'gatehouse.yaml': null });
  });
  const gate = (name: string, branch: string, ...more: string[]) =>
    cli(['gate', name, '--repo', forge.path, '--branch', branch, '--json', ...more]);

  test.each([
    ['security', 'good', 0, { check: 'check_security_gate', status: 'pass' }],
    ['security', 'leak', 1, { check: 'check_security_gate', status: 'fail', findings: [{ path: 'key' }] }],
    ['merge', 'good', 0, { check: 'check_branch_mergeable', status: 'pass' }],
    ['merge', 'red', 1, { check: 'check_branch_mergeable', status: 'fail', findings: [{ rule: 'red-run' }] }],
    ['merge', 'infra', 75, { check: 'check_branch_mergeable', status: 'defer', cause: 'infra' }],
    ['coverage', 'good', 0, { check: 'check_coverage_gate', status: 'pass' }],
  ])('%s on the branch %s is one object and exits %i', async (name, branch, exit, verdict) => {
    const before = forge.git('for-each-ref');
    const said = await gate(name, branch);
    expect(said.exit).toBe(exit);
    expect(onlyJson(said)).toMatchObject({
      ...verdict,
      reason: expect.any(String),
      base_sha: forge.head('main'),
      head_sha: heads[branch],
      findings: expect.any(Array),
      warnings: expect.any(Array),
      duration_ms: expect.any(Number),
    });
    expect(forge.git('for-each-ref')).toBe(before);
  });

  test('a repository that does not say how it is tested is an error with the next step, exit 3', async () => {
    const said = await gate('merge', 'good', '--base', 'bare');
    expect(said.exit).toBe(3);
    expect(onlyJson(said)).toMatchObject({
      status: 'error',
      cause: 'tool-failed',
      reason: expect.stringContaining('test.command'),
    });
  });

  test('all runs the sub-gates in order and stops at the first that does not open', async () => {
    const good = await gate('all', 'good');
    expect([good.exit, onlyJson(good)]).toMatchObject([
      0,
      {
        status: 'pass',
        checks: [
          { check: 'check_security_gate', status: 'pass' },
          { check: 'check_branch_mergeable', status: 'pass', tested_sha: heads['good'] },
          { check: 'check_coverage_gate', status: 'pass', tested_sha: heads['good'] },
          { check: 'check_image_freshness', status: 'skip' },
        ],
        not_asked: [],
      },
    ]);
    const leak = await gate('all', 'leak');
    expect([leak.exit, onlyJson(leak)]).toMatchObject([
      1,
      {
        status: 'fail',
        checks: [{ check: 'check_security_gate' }],
        not_asked: ['check_branch_mergeable', 'check_coverage_gate', 'check_image_freshness'],
      },
    ]);
  });

  test('a branch that changes nothing is a skip with a code and words, exit 0, and no further gate is asked', async () => {
    const branch = '機能/(same]';
    forge.git('update-ref', `refs/heads/${branch}`, forge.head('main'));
    const nothing = { status: 'skip', code: 'nothing-to-land' };
    const one = await gate('merge', branch);
    expect([one.exit, onlyJson(one)]).toMatchObject([
      0,
      { ...nothing, check: 'check_branch_mergeable', reason: 'nothing to land: the branch is equal to its base' },
    ]);
    const all = await gate('all', branch);
    expect([all.exit, onlyJson(all)]).toMatchObject([
      0,
      { ...nothing, checks: [{ check: 'check_security_gate', status: 'pass' }, nothing] },
    ]);
    forge.deleteBranch(branch);
  });

  test('a name that reads as an option is a mistake with words', async () => {
    const said = await cli(['gate', 'merge', '--repo', forge.path, '--branch=-x']);
    expect(said).toMatchObject({ exit: 2, err: expect.stringContaining('reads as an option') });
  });

  test("an operator's file wins over the base's own, and reports are kept where they are asked for", async () => {
    const room = new Room(scratchFolder());
    writeFileSync(join(room.cwd, 'mine.yaml'), 'version: 1\ntest: { command: exit 1 }\n');
    const words = ['gate', 'all', '--repo', forge.path, '--branch', 'good', '--json'];
    const said = await cli([...words, '--config', 'mine.yaml', '--reports', 'kept'], room.cwd);
    expect(onlyJson(said)).toMatchObject({
      status: 'defer',
      checks: [{ artefact: '17-security-report.md' }, { cause: 'main-broken' }],
    });
    expect(room.listing()).toContain(join(room.cwd, 'kept', '17-security-report.md'));
  });

  test('a mistake is one object too', async () => {
    const said = await gate('merge', 'goood');
    expect([said.exit, onlyJson(said)]).toEqual([2, { error: expect.stringContaining('did you mean good?') }]);
  });

  test('a process of its own leaves neither a file nor a process', async () => {
    const folder = scratchFolder();
    const room = new Room(folder);
    const before = room.listing();
    const said = await room.run(['gate', 'all', '--repo', forge.path, '--branch', 'good', '--json']);
    expect([said.exit, onlyJson(said)]).toMatchObject([0, { status: 'pass' }]);
    expect(room.listing()).toEqual(before);
    expect(await processesNaming(folder)).toEqual([]);
  });
});

describe('coverage read', () => {
  test('counts what the records say, whatever the summary claims', async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'lcov.info'), 'SF:a.js\nDA:1,1\nDA:2,0\nDA:3,4\nLF:3\nLH:3\nend_of_record\n');
    const said = await cli(['coverage', 'read', 'lcov.info', '--json'], folder);
    expect([said.exit, onlyJson(said)]).toMatchObject([
      0,
      {
        format: 'lcov',
        files: 1,
        covered: 2,
        total: 3,
        ppm: 666_666,
        rejected_records: 0,
        diagnostics: expect.any(Array),
      },
    ]);
    expect((await cli(['coverage', 'read', 'lcov.info'], folder)).out).toContain('2 of 3 lines in 1 files (66.66 %)');
  });

  test('a report that measures nothing is an error, and says so', async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'lcov.info'), 'SF:a.js\nend_of_record\n');
    const said = await cli(['coverage', 'read', 'lcov.info', '--json'], folder);
    expect(said).toMatchObject({ exit: 3, err: expect.stringContaining('measures no line') });
    onlyJson(said);
  });
});

describe('doctor', () => {
  test('is one object that says which gate is off and which audit is missing', async () => {
    const room = new Room(scratchFolder());
    const env = { ORCH_DATA_DIR: room.temp, ORCH_COVERAGE_ENABLED: 'false', ORCH_MERGE_GATE_ENABLE: 'x' };
    const said = await room.run(['doctor', '--json'], env);
    const answer = onlyJson(said) as { ok: boolean; checks: { name: string; status: string; detail: string }[] };
    const status = (name: string) => answer.checks.find((check) => check.name === name)?.status;
    expect([
      said.exit,
      answer.ok,
      status('git'),
      status('coverage gate'),
      status('advisory feed'),
      status('settings'),
    ]).toEqual([0, true, 'ok', 'warn', 'warn', 'warn']);
  });

  test('prints every setting as .env.example has it', async () => {
    expect((await cli(['doctor', '--print-env'])).out).toBe(envExample());
  });
});

test('a repository is registered, a branch enqueued, watched and retried from the shell', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  forge.push({ branch: 'feature/Z-1-red', from: 'main' }, { broken: '' });
  const service = await serviceOn(join(folder, 'data'));
  const remote = (...words: string[]) => cli([...words, '--url', service.url, '--token', ownToken(service)], folder);
  expect((await remote('repo', 'ls')).out).toContain('gatehouse repo add');
  expect(await remote('repo', 'add', 'app', '--path', 'forge.git')).toMatchObject({ exit: 0, err: '' });
  expect((await remote('repo', 'ls')).out).toContain(forge.path);
  expect((await remote('task', 'ls')).out).toContain('gatehouse task add');
  const added = await remote(
    'task',
    'add',
    '--repo',
    'app',
    '--branch',
    'feature/Z-1-red',
    '--title',
    'a title',
    '--json',
  );
  const { id } = onlyJson(added) as ShownTask;
  await atRest(service, id);
  expect((await remote('task', 'ls')).out).toContain(`${id}  feature/Z-1-red  gates  blocked`);
  expect((await remote('task', 'show', id)).out).toMatch(/check_branch_mergeable +fail[\s\S]*\n- red-run: /);
  const actors = (await service.context.store.taskEvents(id)).map(({ actor }) => actor).join('\n');
  const job = / job (\d+)$/.exec(actors)?.[1] ?? 'none is named';
  const shown = (await remote('task', 'show', id)).out;
  expect(shown).toMatch(new RegExp(`check_branch_mergeable +fail +${job} `));
  expect(shown).toContain(`\nwhat job ${job} printed: gatehouse logs ${job}\n`);
  expect((await remote('logs', job)).out).toMatch(/^==> /);
  expect((await remote('queue')).out).toContain('0 leases held');
  expect(onlyJson(await remote('queue', '--json'))).toMatchObject({ tasks: [{ id }] });
  expect(onlyJson(await remote('task', 'ls', '--json'))).toMatchObject({ tasks: [{ id }] });
  expect(onlyJson(await remote('repo', 'ls', '--json'))).toMatchObject({ repos: [{ id: 'app' }] });
  expect(onlyJson(await remote('leases', '--json'))).toMatchObject({ leases: expect.any(Array) });
  expect((await remote('task', 'retry', id)).out).toContain(`${id} runs again`);
  const stopped = await remote('task', 'stop', id, '--reason', 'not wanted', '--json');
  expect(stopped.exit).toBe(0);
  expect(onlyJson(stopped)).toMatchObject({ task: { id, stop: { reason: 'not wanted' } } });
  const told = `${id} was stopped before\nthe stop was asked for by api-token: not wanted\n`;
  expect(await remote('task', 'stop', id)).toMatchObject({ exit: 0, out: told });
  expect(await remote('task', 'stop', 't-none')).toMatchObject({ exit: 2, out: '' });
  expect((await remote('task', 'ls')).out).toMatch(new RegExp(`^${id} .* cancelled `, 'm'));
});

test('what has landed is not active, and an override is for the head on record', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const head = forge.push({ branch: 'good', from: 'main' }, { 'a.txt': 'a' });
  forge.push({ branch: 'red', from: 'main' }, { broken: '' });
  const service = await serviceOn(join(folder, 'data'));
  const remote = (...words: string[]) => cli([...words, '--url', service.url, '--token', ownToken(service)], folder);
  await remote('repo', 'add', 'app', '--path', 'forge.git');
  const idOf = async (branch: string) =>
    (onlyJson(await remote('task', 'add', '--repo', 'app', '--branch', branch, '--json')) as ShownTask).id;
  const good = await idOf('good');
  const red = await idOf('red');
  expect((await atRest(service, good)).head_sha).toBe(head);
  await atRest(service, red);
  expect((await remote('task', 'ls')).out).toMatch(new RegExp(`^${good} +good +done +landed$`, 'm'));
  expect((await remote('task', 'show', good)).out).toMatch(new RegExp(`^${good} +good +landed`));
  const reason = ['--check', 'check_branch_mergeable', '--reason', 'it was read'];
  const overridden = await remote('task', 'override', red, ...reason);
  expect(overridden).toMatchObject({ exit: 0, out: expect.stringContaining(forge.head('red').slice(0, 12)) });
  expect(await remote('task', 'override', red, ...reason, '--head', '1'.repeat(40))).not.toMatchObject({ exit: 0 });
});

test('a service in a process of its own says where it listens, ends at SIGTERM with 0, and leaves no process', async () => {
  const folder = scratchFolder();
  const room = new Room(folder);
  const served = room.run(['serve'], { ORCH_DATA_DIR: join(folder, 'data'), ORCH_PORT: '0' });
  const pid = await until(
    'the service listens',
    async () => room.pid !== null && /listens on/.test(room.heard) && room.pid,
  );
  // Would open a debugger's port.
  process.kill(pid, 'SIGUSR1');
  process.kill(pid, 'SIGTERM');
  const said = await served;
  expect(said.err).not.toMatch(/Debugger/);
  expect(said).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/listens on http:\/\/127\.0\.0\.1:\d+\nThe API token is in /),
  });
  expect(await processesNaming(folder)).toEqual([]);
});
