/** Which isolation holds, who may say so, and that a green main is never turned red by a default. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { doctorCommand } from '../src/cli/doctor-command.ts';
import { composeService } from '../src/compose.ts';
import { silentLog } from '../src/platform/logger.ts';
import { processesNaming } from '../src/platform/processes.ts';
import { chooseIsolation, isolationOf, readUsers, type Work } from '../src/policy/isolation.ts';
import { parsePolicyFile } from '../src/policy/policy-file.ts';
import { resolvePolicy } from '../src/policy/resolve-policy.ts';
import type { RunningService } from '../src/running-service.ts';
import { ask, atRest, enqueue, register, serviceOn, settingsFrom, taskOf, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const opens = spawnSync('bwrap', ['--dev-bind', '/', '/', '--unshare-pid', 'true']).status === 0;
const demanded = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' && spawnSync('bwrap', ['--version']).status !== 0;
const inWorld: typeof test = opens || demanded ? test : (test.skip as typeof test);
const isRoot = process.geteuid?.() === 0;

const settings = (more: Readonly<Record<string, string>> = {}) => {
  const dataDir = scratchFolder();
  for (const part of ['slots', 'mirrors']) mkdirSync(join(dataDir, part));
  return settingsFrom({ ORCH_DATA_DIR: dataDir, ORCH_ISOLATION: '', ...more });
};

describe('the isolation of a service', () => {
  test('is none in a data directory that is older than it, and the words say what to try', async () => {
    expect(await chooseIsolation(settings())).toMatchObject({
      kind: 'chosen',
      choice: { mode: 'none', isDefault: false, why: expect.stringContaining('try ORCH_ISOLATION=auto') },
    });
  });

  inWorld('is the strongest that the machine shows under auto', async () => {
    const chosen = await chooseIsolation(settings({ ORCH_ISOLATION: 'auto' }));
    expect(chosen).toMatchObject({ choice: { mode: 'bwrap', isDefault: true } });
    if (chosen.kind !== 'chosen') throw new Error(chosen.problem);
    const plain = { test: null, agents: null, deploy: null, network: true, variables: [] };
    const kindOf = (work: Work, policy = {}) => isolationOf(chosen.settings, { ...plain, ...policy }, work)?.kind;
    expect(kindOf('test')).toBe('bwrap');
    // An operator's own programs and what they need were not tried under it.
    expect([kindOf('agents'), kindOf('deploy')]).toEqual([undefined, undefined]);
    expect(kindOf('agents', { agents: 'bwrap' })).toBe('bwrap');
    const named = await chooseIsolation(settings({ ORCH_ISOLATION: 'bwrap' }));
    if (named.kind !== 'chosen') throw new Error(named.problem);
    expect(isolationOf(named.settings, plain, 'agents')?.kind).toBe('bwrap');
  });

  test('by uid needs users to be named, and a service of root', async () => {
    expect(await chooseIsolation(settings({ ORCH_ISOLATION: 'uid' }))).toEqual({
      kind: 'refused',
      problem: 'ORCH_ISOLATION=uid: ORCH_RUN_AS names no user',
    });
    expect(await chooseIsolation(settings({ ORCH_ISOLATION: 'uid', ORCH_RUN_AS: 'root' }))).toMatchObject({
      problem: expect.stringContaining('ORCH_RUN_AS: root separates nothing from root'),
    });
    const named = await chooseIsolation(settings({ ORCH_ISOLATION: 'uid', ORCH_RUN_AS: '60771-60772:60770' }));
    expect(named).toMatchObject(
      isRoot ? { choice: { mode: 'uid' } } : { problem: expect.stringContaining('needs a service of root') },
    );
  });

  test('is not that of a new directory where a store was lost', async () => {
    const dataDir = scratchFolder();
    mkdirSync(join(dataDir, 'mirrors/app.git'), { recursive: true });
    const composed = await composeService(settingsFrom({ ORCH_DATA_DIR: dataDir, ORCH_ISOLATION: '' }), silentLog);
    expect(composed).toMatchObject({ kind: 'closed' });
    expect(existsSync(join(dataDir, 'isolation'))).toBe(false);
  });

  inWorld('is marked in a data directory that is made, and found again at the next start', async () => {
    const dataDir = scratchFolder();
    const first = await serviceOn(dataDir, { ORCH_ISOLATION: '' });
    expect(first.context.isolation).toMatchObject({ mode: 'bwrap', isDefault: true });
    await first.stop();
    expect((await serviceOn(dataDir, { ORCH_ISOLATION: '' })).context.isolation).toMatchObject({ mode: 'bwrap' });
  });

  test('is a row of doctor', async () => {
    const told = async (more: Readonly<Record<string, string>>) => {
      const answer = await doctorCommand(settings(more), { warnings: [], store: false });
      return (answer.json as { checks: { name: string; status: string; detail: string }[] }).checks.find(
        ({ name }) => name === 'isolation',
      );
    };
    expect(await told({ ORCH_ISOLATION: 'none' })).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/^none: a test can read and write/),
    });
    expect(await told({ ORCH_ISOLATION: 'uid' })).toMatchObject({ status: 'bad' });
    if (opens) expect(await told({})).toMatchObject({ status: 'ok', detail: expect.stringMatching(/^bwrap: /) });
  });
});

describe('users of commands', () => {
  const accounts = 'root:x:0:0::/root:/bin/sh\nrunner:x:3000:3100::/home/runner:/bin/sh\n';
  test.each([
    ['runner', [3000], 3100],
    ['3000', [3000], 3100],
    ['3000:7', [3000], 7],
    ['4000', [4000], 4000],
    ['4000-4002', [4000, 4001, 4002], 4000],
    ['4000-4001:9', [4000, 4001], 9],
  ])('%s', (text, uids, gid) => {
    expect(readUsers(text, accounts)).toMatchObject({ kind: 'users', users: { kind: 'uid', uids, gid } });
  });

  test.each(['root', '0', '0-5', 'nobody-here', '5-4', '1-2000', 'a b', '5:0', '-'])('%s is refused', (text) => {
    expect(readUsers(text, accounts).kind).toBe('wrong');
  });
});

describe('a policy', () => {
  const policy = (operator: string | null, base = 'version: 1\ntest: { command: make }\n') => {
    const read = (text: string | null) => {
      const parsed = text === null ? null : parsePolicyFile(text, 'x');
      if (parsed !== null && parsed.kind !== 'policy') throw new Error(parsed.problems.join('; '));
      return parsed === null ? null : parsed.policy;
    };
    return resolvePolicy({ operator: read(operator), base: read(base), detected: null }, settings());
  };

  test('of a repository cannot say what separates it from the service', () => {
    for (const part of ['test: { command: make, isolation: none }', 'deploy: { isolation: none }'])
      expect(parsePolicyFile(`version: 1\n${part}\n`, 'x', 'repository')).toMatchObject({
        kind: 'invalid',
        problems: [expect.stringContaining("put it into the operator's file")],
      });
  });

  test('of the operator says it for tests, and for agents and deployments apart', () => {
    expect(policy(null).isolation).toMatchObject({ test: null, agents: null, deploy: null, network: true });
    expect(policy('version: 1\ntest: { isolation: none }\n').isolation).toMatchObject({
      test: 'none',
      agents: 'none',
      deploy: 'none',
    });
    const apart = policy('version: 1\ntest: { isolation: bwrap }\ndeploy: { isolation: none }\n');
    expect(apart.isolation).toMatchObject({ test: 'bwrap', agents: 'bwrap', deploy: 'none' });
    const held = settings({ ORCH_ISOLATION: 'bwrap' });
    expect(isolationOf(held, apart.isolation, 'deploy')).toBeUndefined();
    expect(isolationOf(held, apart.isolation, 'test')).toMatchObject({ kind: 'bwrap', hidden: [held.storage.dataDir] });
  });

  test('takes the network away wherever it says so', () => {
    const none = 'version: 1\ntest: { command: make, network: false }\n';
    for (const one of [policy(none), policy(null, none)])
      expect(isolationOf(settings({ ORCH_ISOLATION: 'bwrap' }), one.isolation, 'test')).toMatchObject({
        network: false,
      });
  });
});

describe('a repository on which isolation holds by default', () => {
  let outside: string;
  let needy: Forge;
  beforeAll(async () => {
    outside = join(scratchFolder(), 'fixture');
    writeFileSync(outside, 'text\n');
    needy = await Forge.make({
      'gatehouse.yaml': `version: 1\ntest: { command: "cat ${outside} && sh check.sh", min_tests: 0 }\n`,
      'check.sh': 'if [ -e broken ]; then exit 1; fi\n',
    });
    needy.push({ branch: 'good', from: 'main' }, { 'a.txt': 'a\n' });
  });
  let service: RunningService;

  const alerts = async (): Promise<readonly string[]> =>
    (await service.context.store.listOutbox({ kind: 'alert', state: 'sent', limit: 50 })).map(({ payload }) =>
      String((payload as { text?: string }).text),
    );

  inWorld(
    'and whose main is green only without keeps landing: the operator’s file says so, and a person is told',
    async () => {
      service = await serviceOn(scratchFolder(), { ORCH_ISOLATION: 'auto' });
      await register(service, needy.path);
      const repo = await until('the file is written', async () => {
        const [found] = await service.context.store.listRepos();
        return found?.policyPath != null && found;
      });
      expect(readFileSync(repo.policyPath ?? '', 'utf8')).toBe('version: 1\ntest:\n  isolation: none\n');
      const told = await until('a person is told', async () => {
        const texts = await alerts();
        return texts.length > 0 && texts;
      });
      expect(told).toEqual([
        expect.stringMatching(
          /^app: main is green only without isolation by bwrap \(test: .+\)\. Its commands can read and write what this service can\./,
        ),
      ]);
      const task = await enqueue(service, 'good');
      expect(await atRest(service, task)).toMatchObject({ stage: 'done' });
    },
  );

  inWorld('keeps what the operator wrote beside it', async () => {
    const file = join(scratchFolder(), 'operator.yaml');
    writeFileSync(file, '# ours\nversion: 1\ntest: { min_tests: 0 } # none are counted\n');
    service = await serviceOn(scratchFolder(), { ORCH_ISOLATION: 'auto' });
    const added = await ask(service, '/repos', { body: { id: 'app', path: needy.path, policy_path: file } });
    expect(added.status).toBe(201);
    await until('the file says it', async () => readFileSync(file, 'utf8').includes('isolation: none'));
    expect(readFileSync(file, 'utf8')).toBe(
      '# ours\nversion: 1\ntest: { min_tests: 0, isolation: none } # none are counted\n',
    );
  });

  inWorld('and whose main is green with it is run so, and not tried again', async () => {
    const forge = await Forge.make({ ...PROJECT, 'check.sh': `if [ -e ${outside} ]; then exit 1; fi\n` });
    forge.push({ branch: 'good', from: 'main' }, { 'a.txt': 'a\n' });
    service = await serviceOn(scratchFolder(), { ORCH_ISOLATION: 'auto' });
    await register(service, forge.path);
    expect(await atRest(service, await enqueue(service, 'good'))).toMatchObject({ stage: 'done' });
    expect(readFileSync(join(service.context.dataDir, 'isolation-trials/app'), 'utf8')).toBe('held bwrap\n');
    expect(existsSync(join(service.context.dataDir, 'policies'))).toBe(false);
    expect(await alerts()).toEqual([]);
  });

  inWorld('and whose main was red with it once, and not again, is run so: a flaky test loosens nothing', async () => {
    const marks = scratchFolder();
    const forge = await Forge.make({
      ...PROJECT,
      'check.sh': `if mkdir ${marks}/first 2> /dev/null; then exit 1; fi\n`,
    });
    forge.push({ branch: 'good', from: 'main' }, { 'a.txt': 'a\n' });
    service = await serviceOn(scratchFolder(), { ORCH_ISOLATION: 'auto', ORCH_ISOLATION_WRITE: marks });
    await register(service, forge.path);
    expect(await atRest(service, await enqueue(service, 'good'))).toMatchObject({ stage: 'done' });
    expect(existsSync(join(marks, 'first'))).toBe(true);
    expect(readFileSync(join(service.context.dataDir, 'isolation-trials/app'), 'utf8')).toBe('held bwrap\n');
    expect(existsSync(join(service.context.dataDir, 'policies'))).toBe(false);
    expect(await alerts()).toEqual([]);
  });

  inWorld('and whose main is red either way runs as before, and says so, until main decides', async () => {
    const forge = await Forge.make({
      'gatehouse.yaml': `version: 1\ntest: { command: "sh check.sh", min_tests: 0 }\n`,
      'check.sh': `test -e ${outside} && test -e healed\n`,
    });
    forge.push({ branch: 'heals', from: 'main' }, { healed: 'x\n' });
    service = await serviceOn(scratchFolder(), { ORCH_ISOLATION: 'auto' });
    await register(service, forge.path);
    const task = await enqueue(service, 'heals');
    const done = await atRest(service, task);
    expect(done).toMatchObject({ stage: 'done' });
    const warnings = (await taskOf(service, task)).checks.flatMap((check) => check.warnings);
    expect(warnings.join()).toMatch(/isolation by bwrap is not used: main is not green with it nor without/);
  });
});

inWorld('a task that is stopped leaves nothing, however its test hides in its world', async () => {
  const mark = `31.${process.pid}`;
  const wild = `trap "" TERM INT HUP; setsid sh -c 'trap "" TERM; sleep ${mark}' & sleep ${mark} & : > begun; while :; do sleep 0.05; done\n`;
  const forge = await Forge.make({ ...PROJECT, 'check.sh': wild });
  forge.push({ branch: 'wild', from: 'main' }, { 'a.txt': 'a\n' });
  const service = await serviceOn(scratchFolder(), { ORCH_ISOLATION: 'bwrap' });
  await register(service, forge.path);
  const id = await enqueue(service, 'wild');
  await until(
    'the test is at work',
    async () => globSync(join(service.context.dataDir, 'slots/app/*/begun')).length > 0,
  );
  expect(await processesNaming(mark)).not.toEqual([]);
  const stopped = await ask(service, `/tasks/${id}/stop`, { body: { reason: 'not wanted' } });
  expect(stopped.status).toBe(202);
  await until('the stop is settled', async () => (await taskOf(service, id)).settled_at !== null);
  expect(await taskOf(service, id)).toMatchObject({ stage: 'cancelled', reason: 'stopped' });
  expect(await processesNaming(mark)).toEqual([]);
  const queue = (await ask(service, '/queue')).json as { readonly stop: object };
  expect(queue.stop).toMatchObject({ settled: 1, unverified: 0, left_behind: 0 });
});

test('a network that is to be taken away where that cannot be is a warning', () => {
  const parsed = parsePolicyFile('version: 1\ntest: { command: make, network: false }\n', 'x');
  if (parsed.kind !== 'policy') throw new Error(parsed.problems.join());
  const warnings = (isolation: string) =>
    resolvePolicy({ operator: parsed.policy, base: null, detected: null }, settings({ ORCH_ISOLATION: isolation }))
      .warnings;
  expect(warnings('none')).toEqual(['test.network: false is not held: only isolation by bwrap takes the network away']);
  expect(warnings('bwrap')).toEqual([]);
});
