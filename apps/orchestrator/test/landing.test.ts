import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { processesNaming } from '../src/platform/processes.ts';
import { engineConfig } from '../src/policy/engine-config.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import {
  ask,
  atRest,
  enqueue,
  register,
  type ShownTask,
  serviceOn,
  settingsFrom,
  stopService,
  taskOf,
  until,
} from './live-gatehouse.ts';
import { type Change, Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

/** What a worker that is killed right after `enterCritical` leaves: its claim has run out, the task is inside. */
const crashInsideTheWindow = (dataDir: string, taskId: string): Promise<void> => crashAtLanding(dataDir, taskId, true);
/** The same, killed as soon as it had claimed the landing. */
const crashBeforeTheWindow = (dataDir: string, taskId: string): Promise<void> => crashAtLanding(dataDir, taskId, false);

async function crashAtLanding(dataDir: string, taskId: string, inside: boolean): Promise<void> {
  const opened = openSqliteStore(join(dataDir, 'gatehouse.db'));
  if (opened.kind !== 'opened') throw opened.trouble;
  const { store } = opened;
  const engine = engineConfig(settingsFrom({}));
  const limits = { agents: 1, gateRuns: 1 };
  for (;;) {
    const atMs = Date.now();
    const job = await store.claimJob({
      workerId: 'killed',
      kinds: ['gate', 'landing'],
      nowMs: atMs,
      leaseMs: 1,
      limits,
    });
    if (job === null) throw new Error('nothing to claim');
    const token = { jobId: job.id, token: job.token };
    if (job.kind === 'landing' && !inside) return store.close();
    if (job.kind === 'landing') {
      const { version } = (await store.getTask(taskId)) ?? { version: 0 };
      const leaseToken = (await store.leaseOf('app', taskId))?.token ?? 0;
      const entered = await store.enterCritical({ taskId, version, job: token, leaseToken, atMs });
      if (entered.kind !== 'entered') throw new Error(entered.kind);
      return store.close();
    }
    const verdict = { status: 'pass', reason: 'as before', findings: [] } as const;
    const check = job.step as 'check_coverage_gate';
    await store.applyEvent({ taskId, event: { kind: 'check-answered', check, verdict, atMs }, engine, job: token });
  }
}

/** Oldest first, without the checks that a merge queue for people never asks. */
const checksOf = (task: ShownTask): string[] =>
  [...task.checks]
    .reverse()
    .filter((run) => run.reason !== 'profile')
    .map((run) => `${run.check} ${run.status}`);
const GREEN = [
  'check_security_gate pass',
  'check_branch_mergeable pass',
  'check_coverage_gate pass',
  'check_image_freshness skip',
];

/** A script command that reports its start, with a word to find its process by, and goes on once `go` exists. */
const holdUntil = (folder: string, name: string): string =>
  `echo begun >> "${folder}/${name}.begun"; sh -c 'while [ ! -e "${folder}/${name}.go" ]; do sleep 0.05; done' ${name}\n`;
const begun = (folder: string, name: string): number => {
  const path = join(folder, `${name}.begun`);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
};
const letGo = (folder: string, name: string): void => writeFileSync(join(folder, `${name}.go`), '');
const withLine = (file: string, line: string): Change => ({ ...PROJECT, [file]: `${line}${PROJECT[file]}` });

test('a good branch lands as the very commit that was tested, main moves forward once, and a baseline is kept', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const before = forge.head('main');
  const head = forge.push({ branch: 'feature/A-1-good', from: 'main' }, { 'a.txt': 'a\n' });
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  const task = await atRest(service, await enqueue(service, 'feature/A-1-good'));
  expect(task).toMatchObject({ stage: 'done', head_sha: head, tested_sha: head, landed_sha: head });
  expect(checksOf(task)).toEqual(GREEN);
  expect(forge.mainMoves()).toEqual([before, head]);
  const { store } = service.context;
  expect(await store.currentLease('app')).toBeNull();
  expect(await store.listJobs({ live: true })).toEqual([]);
  const [kept] = await store.listBaselines('app');
  expect(kept?.record.last.commit).toBe(head);
});

test('branches that are red, conflicting, leaking or losing coverage are kept out with findings, and main stays', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const first = forge.head('main');
  const good = forge.push({ branch: 'feature/B-1-good', from: first }, { 'README.md': 'ours\n' });
  forge.push({ branch: 'feature/B-2-red', from: first }, { broken: '' });
  forge.push({ branch: 'feature/B-3-clash', from: first }, { 'README.md': 'theirs\n' });
  const token = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
  forge.push({ branch: 'feature/B-4-leak', from: first }, { 'key.txt': `${token}\n` });
  forge.push({ branch: 'feature/B-4-leak' }, { 'key.txt': null });
  forge.push({ branch: 'feature/B-5-untested', from: first }, { untested: '' });
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  expect(await atRest(service, await enqueue(service, 'feature/B-1-good'))).toMatchObject({ stage: 'done' });
  const ends: readonly (readonly [string, string, string])[] = [
    ['feature/B-2-red', 'check_branch_mergeable fail', 'red-run'],
    ['feature/B-3-clash', 'check_branch_mergeable fail', 'conflict'],
    ['feature/B-4-leak', 'check_security_gate fail', 'secret'],
    ['feature/B-5-untested', 'check_coverage_gate fail', 'coverage/baseline'],
  ];
  for (const [branch, verdict, rule] of ends) {
    const task = await atRest(service, await enqueue(service, branch));
    expect([branch, task.status, checksOf(task).at(-1)]).toEqual([branch, 'blocked', verdict]);
    expect(task.checks[0]?.findings.map((finding) => finding.rule).join()).toContain(rule);
    expect(task.landed_sha).toBeNull();
    expect(JSON.stringify(task)).not.toContain(token);
  }
  expect(forge.mainMoves()).toEqual([first, good]);
  expect(await service.context.store.currentLease('app')).toBeNull();
});

describe('a service that was stopped in the middle', () => {
  test('leaves no process, and the next one on the same data lands the task once', async () => {
    const folder = scratchFolder();
    const forge = await Forge.make(withLine('check.sh', holdUntil(folder, 'hold')), folder);
    const before = forge.head('main');
    const head = forge.push({ branch: 'feature/C-1-good', from: 'main' }, { 'a.txt': 'a\n' });
    const first = await serviceOn(join(folder, 'data'));
    await register(first, forge.path);
    const id = await enqueue(first, 'feature/C-1-good');
    await until('the test begins', async () => begun(folder, 'hold') === 1);
    await stopService(first);
    expect(await processesNaming(`${folder}/hold.go`)).toEqual([]);

    letGo(folder, 'hold');
    const second = await serviceOn(join(folder, 'data'));
    const task = await atRest(second, id);
    expect(task).toMatchObject({ stage: 'done', landed_sha: head });
    expect(begun(folder, 'hold')).toBe(2);
    // What was cut off said nothing about the change: no verdict, no attempt is on record for it.
    expect(checksOf(task).filter((run) => run.startsWith('check_branch_mergeable'))).toEqual([
      'check_branch_mergeable pass',
    ]);
    expect((await second.context.store.getTask(id))?.state.counts).toEqual({});
    expect(forge.mainMoves()).toEqual([before, head]);
    expect(await second.context.store.listJobs({ live: true })).toEqual([]);
  });

  test.each([
    ['deleted', 'cancelled'],
    ['replaced by a red one', 'blocked'],
  ] as const)('does not land a branch that was %s while it was down', async (_what, end) => {
    const folder = scratchFolder();
    const forge = await Forge.make(withLine('cover.sh', holdUntil(folder, 'hold')), folder);
    const before = forge.head('main');
    forge.push({ branch: 'feature/M-1-good', from: 'main' }, { 'a.txt': 'a\n' });
    const first = await serviceOn(join(folder, 'data'));
    await register(first, forge.path);
    const id = await enqueue(first, 'feature/M-1-good');
    await until('coverage is being measured', async () => begun(folder, 'hold') === 1);
    await stopService(first);
    letGo(folder, 'hold');
    await crashBeforeTheWindow(join(folder, 'data'), id);
    if (end === 'cancelled') forge.deleteBranch('feature/M-1-good');
    else forge.push({ branch: 'feature/M-1-good' }, { broken: '' });

    const second = await serviceOn(join(folder, 'data'));
    const task = await atRest(second, id);
    expect([task.stage, task.status]).toContain(end);
    expect(task.landed_sha).toBeNull();
    expect(forge.mainMoves()).toEqual([before]);
    expect(await second.context.store.currentLease('app')).toBeNull();
  });

  test.each([
    ['before main moved', 'untouched'],
    ['after main moved', 'landed'],
    ['and another person moved main', 'foreign'],
  ] as const)('a crash inside the critical window, %s, is settled by asking main', async (_when, main) => {
    const folder = scratchFolder();
    const forge = await Forge.make(withLine('cover.sh', holdUntil(folder, 'hold')), folder);
    const before = forge.head('main');
    const head = forge.push({ branch: 'feature/D-1-good', from: 'main' }, { 'a.txt': 'a\n' });
    const first = await serviceOn(join(folder, 'data'));
    await register(first, forge.path);
    const id = await enqueue(first, 'feature/D-1-good');
    await until('coverage is being measured', async () => begun(folder, 'hold') === 1);
    await stopService(first);
    letGo(folder, 'hold');
    await crashInsideTheWindow(join(folder, 'data'), id);
    if (main === 'landed') forge.git('update-ref', 'refs/heads/main', head, before);
    const other = main === 'foreign' ? [forge.push({ branch: 'main' }, { 'b.txt': 'b\n' })] : [];

    const second = await serviceOn(join(folder, 'data'));
    const task = await atRest(second, id);
    expect(task.stage).toBe('done');
    expect(forge.mainMoves()).toEqual([before, ...other, task.landed_sha]);
    expect(task.landed_sha === head).toBe(main !== 'foreign');
    expect(await second.context.store.currentLease('app')).toBeNull();
    expect((await second.context.store.getTask(id))?.criticalToken).toBeNull();
  });
});

describe('while a task is on its way', () => {
  test('a main that another person moved between test and landing sends it back to the first gate, and it lands later', async () => {
    const folder = scratchFolder();
    const forge = await Forge.make(withLine('cover.sh', holdUntil(folder, 'hold')), folder);
    const before = forge.head('main');
    const head = forge.push({ branch: 'feature/E-1-good', from: 'main' }, { 'a.txt': 'a\n' });
    const service = await serviceOn(join(folder, 'data'));
    await register(service, forge.path);
    const id = await enqueue(service, 'feature/E-1-good');
    await until('coverage is being measured', async () => begun(folder, 'hold') === 1);
    const other = forge.push({ branch: 'main' }, { 'b.txt': 'b\n' });
    letGo(folder, 'hold');
    const task = await atRest(service, id);
    expect(task).toMatchObject({ stage: 'done', head_sha: head });
    expect(task.landed_sha).not.toBe(head);
    expect(checksOf(task).filter((run) => run === 'check_branch_mergeable pass')).toHaveLength(2);
    expect(forge.mainMoves()).toEqual([before, other, task.landed_sha]);
    expect(forge.git('ls-tree', '--name-only', 'main').split('\n')).toEqual(expect.arrayContaining(['a.txt', 'b.txt']));
  });

  test('a branch that is deleted cancels its task, and a new head lets a blocked one run again', async () => {
    const folder = scratchFolder();
    const forge = await Forge.make(PROJECT, folder);
    forge.push({ branch: 'feature/F-1-gone', from: 'main' }, { broken: '' });
    forge.push({ branch: 'feature/F-2-mended', from: 'main' }, { broken: '' });
    const service = await serviceOn(join(folder, 'data'));
    await register(service, forge.path);
    const gone = await enqueue(service, 'feature/F-1-gone');
    const mended = await enqueue(service, 'feature/F-2-mended');
    for (const id of [gone, mended]) expect(await atRest(service, id)).toMatchObject({ status: 'blocked' });
    forge.deleteBranch('feature/F-1-gone');
    const head = forge.push({ branch: 'feature/F-2-mended' }, { broken: null, 'mended.txt': 'm\n' });
    await until('the task is cancelled', async () => (await taskOf(service, gone)).stage === 'cancelled');
    const task = await until('the task is done', async () => {
      const now = await taskOf(service, mended);
      return now.stage === 'done' && now;
    });
    expect(task).toMatchObject({ head_sha: head, landed_sha: head });
    expect(forge.head('main')).toBe(head);
  });

  test('a retry of a task that is not blocked is refused, and one of a blocked task runs it again', async () => {
    const folder = scratchFolder();
    const forge = await Forge.make(withLine('check.sh', `[ -e "${folder}/mended" ] || exit 1\n`), folder);
    writeFileSync(join(folder, 'mended'), '');
    forge.push({ branch: 'feature/G-1-good', from: 'main' }, { 'a.txt': 'a\n', broken: '' });
    const service = await serviceOn(join(folder, 'data'));
    await register(service, forge.path);
    const id = await enqueue(service, 'feature/G-1-good');
    const blocked = await atRest(service, id);
    expect(blocked.status).toBe('blocked');
    expect((await ask(service, `/tasks/${id}/retry`, { body: {} })).status).toBe(200);
    await until('it was judged again', async () => {
      const now = await taskOf(service, id);
      return now.status === 'blocked' && now.checks.length > blocked.checks.length;
    });
    forge.deleteBranch('feature/G-1-good');
    await until('the task is cancelled', async () => (await taskOf(service, id)).stage === 'cancelled');
    expect((await ask(service, `/tasks/${id}/retry`, { body: {} })).status).toBe(409);
  });
});

test("tasks of one repository that are tested at the same time never see each other's files", async () => {
  const folder = scratchFolder();
  const script = [
    'export who=$(cat who)',
    holdUntil(folder, '$who'),
    `[ "$(cat who)" = "$who" ] || echo "$who became $(cat who)" >> "${folder}/mixed"`,
    '[ ! -e broken ]',
  ].join('\n');
  const forge = await Forge.make({ ...PROJECT, who: 'main', 'check.sh': `${script}\n` }, folder);
  forge.push({ branch: 'feature/L-1-red', from: 'main' }, { who: 'red', broken: '' });
  const head = forge.push({ branch: 'feature/L-2-good', from: 'main' }, { who: 'good' });
  const service = await serviceOn(join(folder, 'data'), { ORCH_MAX_GATE_RUNS: '2' });
  await register(service, forge.path);
  const red = await enqueue(service, 'feature/L-1-red');
  await until('the red branch is tested', async () => begun(folder, 'red') === 1);
  const good = await enqueue(service, 'feature/L-2-good');
  letGo(folder, 'red');
  // The red branch's base is tested after the lease went to the good one: two commands at work in one repository.
  await until('both are tested', async () => begun(folder, 'main') === 1 && begun(folder, 'good') === 1);
  letGo(folder, 'main');
  expect((await atRest(service, red)).checks[0]?.status).toBe('fail');
  letGo(folder, 'good');
  expect(await atRest(service, good)).toMatchObject({ stage: 'done', landed_sha: head });
  expect(existsSync(join(folder, 'mixed')) ? readFileSync(join(folder, 'mixed'), 'utf8') : 'kept apart').toBe(
    'kept apart',
  );
  expect(readdirSync(join(folder, 'data/slots/app'))).toEqual([]);
});

test('a secret that a test printed is shown nowhere', async () => {
  const folder = scratchFolder();
  const half = ['Ab3dEf6hIj9kLm2nOp5q', 'Rs8tUv1wXy4zAb7d'] as const;
  const token = ['gh', 'p_', ...half].join('');
  const forge = await Forge.make(withLine('check.sh', `echo "gh""p_${half[0]}""${half[1]}"\n`), folder);
  forge.push({ branch: 'feature/N-1-red', from: 'main' }, { broken: '' });
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  const task = await atRest(service, await enqueue(service, 'feature/N-1-red'));
  expect(task.checks[0]?.findings[0]?.message).toContain('the file broken is there');
  const events = await ask(service, `/tasks/${task.id}/events`);
  for (const shown of [JSON.stringify(task), events.text, (await ask(service, '/')).text])
    expect(shown).not.toContain(token);
});

describe('an override', () => {
  const overrule = (service: Awaited<ReturnType<typeof serviceOn>>, id: string, check: string, head: string) =>
    ask(service, `/tasks/${id}/override`, { body: { check, head_sha: head, reason: 'the owner looked at it' } });

  test('lets one check pass for one head, and a new head needs a new one', async () => {
    const folder = scratchFolder();
    const forge = await Forge.make(PROJECT, folder);
    forge.push({ branch: 'feature/H-1-first', from: 'main' }, { 'a.txt': 'a\n' });
    const service = await serviceOn(join(folder, 'data'));
    await register(service, forge.path);
    await atRest(service, await enqueue(service, 'feature/H-1-first'));
    const head = forge.push({ branch: 'feature/H-2-untested', from: 'main' }, { untested: '' });
    const id = await enqueue(service, 'feature/H-2-untested');
    expect(checksOf(await atRest(service, id)).at(-1)).toBe('check_coverage_gate fail');
    expect((await overrule(service, id, 'check_coverage_gate', 'f'.repeat(40))).status).toBe(409);
    expect((await overrule(service, id, 'check_nothing', head)).status).toBe(404);
    expect((await overrule(service, id, 'check_coverage_gate', head)).status).toBe(200);
    const task = await until('it is done', async () => {
      const now = await taskOf(service, id);
      return now.stage === 'done' && now;
    });
    expect(task.landed_sha).toBe(forge.head('main'));
    const events = (await ask(service, `/tasks/${id}/events`)).json as { kind: string; body: unknown }[];
    expect(JSON.stringify(events.find((event) => event.kind === 'overridden'))).toContain('the owner looked at it');
  });

  test('of the security gate holds at the landing too', async () => {
    const folder = scratchFolder();
    const forge = await Forge.make(PROJECT, folder);
    const token = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
    const head = forge.push({ branch: 'feature/I-1-leak', from: 'main' }, { 'key.txt': `${token}\n` });
    const service = await serviceOn(join(folder, 'data'));
    await register(service, forge.path);
    const id = await enqueue(service, 'feature/I-1-leak');
    expect(checksOf(await atRest(service, id))).toEqual(['check_security_gate fail']);
    expect((await overrule(service, id, 'check_security_gate', head)).status).toBe(200);
    await until('it is at rest again', async () => {
      const now = await taskOf(service, id);
      return now.stage === 'done' || (now.status === 'blocked' && now.checks.length > 1);
    });
    expect(await taskOf(service, id)).toMatchObject({ stage: 'done', landed_sha: head });
  });

  testWhole(
    'of the merge check opens nothing for a red branch, because nothing but a test can say that it is green',
    async () => {
      const folder = scratchFolder();
      const forge = await Forge.make(PROJECT, folder);
      const head = forge.push({ branch: 'feature/J-1-red', from: 'main' }, { broken: '' });
      const service = await serviceOn(join(folder, 'data'));
      await register(service, forge.path);
      const id = await enqueue(service, 'feature/J-1-red');
      await atRest(service, id);
      expect((await overrule(service, id, 'check_branch_mergeable', head)).status).toBe(200);
      const again = await until('it was judged again', async () => {
        const now = await taskOf(service, id);
        const judged = checksOf(now).filter((run) => run === 'check_branch_mergeable fail').length === 2;
        return judged && now.status === 'blocked' && now;
      });
      expect(again.landed_sha).toBeNull();
    },
  );
});

testWhole('a repository out of the security gate is not scanned at its landing either', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const token = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
  const head = forge.push({ branch: 'feature/K-1-sample', from: 'main' }, { 'sample.txt': `${token}\n` });
  const service = await serviceOn(join(folder, 'data'), { ORCH_SECURITY_GATE_REPOS: 'another' });
  await register(service, forge.path);
  const task = await atRest(service, await enqueue(service, 'feature/K-1-sample'));
  expect(checksOf(task)[0]).toBe('check_security_gate skip');
  expect(task).toMatchObject({ stage: 'done', landed_sha: head });
});
