import { DEFAULT_CONFIG, decide, type EngineEvent, initialState } from '@gatehouse/stage-engine';
import { expect, test } from '@jest/globals';
import type { Subject } from './store.contract.ts';
import { addTask, answer, ENGINE, mustClaim, PLAIN_GATE, REPO, T0, tokenOf } from './world.ts';

const GATE_RUN = {
  ...PLAIN_GATE,
  check: 'check_security_gate',
  headSha: 'b'.repeat(40),
  findings: [{ rule: 'r', message: 'm' }],
  warnings: ['w'],
};

export function eventContract(subject: Subject): void {
  test('what was decided for one head is ignored once the task has another', async () => {
    const { store } = subject();
    const [first, second] = ['1'.repeat(40), '2'.repeat(40)];
    await addTask(store, 't1', { headSha: first });
    const event = { kind: 'overridden', check: 'check_security_gate', by: 'a', reason: 'r', atMs: T0 } as const;
    const override = { taskId: 't1', event, engine: ENGINE, onlyAtHead: first };
    const moved = { kind: 'head-moved', atMs: T0 } as const;
    await store.applyEvent({ taskId: 't1', event: moved, engine: ENGINE, writes: { task: { headSha: second } } });
    expect(await store.applyEvent(override)).toMatchObject({ kind: 'ignored', task: { state: { overrides: [] } } });
    expect(await store.applyEvent({ ...override, onlyAtHead: second })).toMatchObject({ kind: 'applied' });
  });

  test('what was seen of one version of a task is ignored at the next, with everything it would have written', async () => {
    const { store } = subject();
    const [first, second] = ['1'.repeat(40), '2'.repeat(40)];
    await addTask(store, 't1', { headSha: first });
    const seen = await store.getTask('t1');
    if (seen === null) throw new Error('the task is not there');
    const moved = (headSha: string) =>
      ({
        taskId: 't1',
        event: { kind: 'head-moved', atMs: T0 },
        engine: ENGINE,
        writes: { task: { headSha, testedSha: null } },
        onlyAtVersion: seen.version,
      }) as const;
    expect(await store.applyEvent(moved(second))).toMatchObject({ kind: 'applied' });
    expect(await store.applyEvent(moved(first))).toMatchObject({ kind: 'ignored', task: { headSha: second } });
    expect(await store.getTask('t1')).toMatchObject({ headSha: second, version: seen.version + 1 });
  });

  test('a new task is enqueued and has its first job in the same answer', async () => {
    const { store } = subject();
    const asked = {
      id: 't1',
      repoId: REPO,
      profile: 'full',
      branch: 'b',
      key: 'K',
      title: 't',
      actor: 'a',
      atMs: T0,
    } as const;
    const added = await store.addTask(asked, ENGINE);
    expect(added).toMatchObject({
      kind: 'added',
      task: { stage: 'analysis', generation: 1, version: 2 },
      started: [{ kind: 'agent', stage: 'analysis', state: 'ready' }],
    });
  });

  test('a second live task of the same branch is refused and the live one is shown', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const duplicate = {
      id: 't2',
      repoId: REPO,
      profile: 'full',
      branch: 'feature/t1',
      key: 'K',
      title: 't',
      actor: 'a',
      atMs: T0,
    } as const;
    expect(await store.addTask(duplicate, ENGINE)).toMatchObject({ kind: 'exists', task: { id: 't1' } });
    expect(await store.addTask({ ...duplicate, repoId: 'nowhere' }, ENGINE)).toEqual({ kind: 'unknown-repo' });
    expect(await store.addTask({ ...duplicate, branch: 'other', dependsOn: ['ghost'] }, ENGINE)).toEqual({
      kind: 'unknown-dependency',
      id: 'ghost',
    });
    expect(await store.listTasks()).toHaveLength(1);
  });

  test('a dependency that would close a cycle is refused', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await addTask(store, 't2', { dependsOn: ['t1'] });
    await addTask(store, 't3', { dependsOn: ['t2'] });
    expect(await store.addDependency('t1', 't3')).toEqual({ kind: 'cycle' });
    expect(await store.addDependency('t1', 't1')).toEqual({ kind: 'cycle' });
    expect(await store.addDependency('t3', 't1')).toEqual({ kind: 'added' });
    expect(await store.dependenciesOf('t3')).toMatchObject([{ id: 't1' }, { id: 't2' }]);
  });

  test('an event moves state, version, log, jobs and facts together', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const job = await mustClaim(store);
    const event = {
      kind: 'check-answered',
      check: 'check_security_gate',
      verdict: { status: 'pass', reason: 'clean', findings: [] },
      atMs: T0 + 5,
    } as const;
    const writes = { task: { headSha: 'b'.repeat(40) }, gateRuns: [GATE_RUN] };
    const applied = await store.applyEvent({ taskId: 't1', event, engine: ENGINE, job: tokenOf(job), writes });
    expect(applied).toMatchObject({
      kind: 'applied',
      task: { version: 3, headSha: 'b'.repeat(40), state: { step: 'check_branch_mergeable' } },
      started: [{ step: 'check_branch_mergeable', state: 'ready' }],
      superseded: [],
    });
    expect(await store.getJob(job.id)).toMatchObject({ state: 'done', finishedAt: T0 + 5 });
    expect(await store.gateRuns({ taskId: 't1' })).toMatchObject([
      { jobId: job.id, findings: GATE_RUN.findings },
      { jobId: null, check: 'check_staging_status', status: 'skip', reason: 'profile' },
    ]);
    expect((await store.taskEvents('t1')).map((row) => row.kind)).toEqual(['enqueued', 'check-answered']);
  });

  test('an event of a job that was taken away changes nothing at all', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const job = await mustClaim(store);
    await store.reapExpired({ nowMs: T0 + 60_000, workerId: 'r', leaseMs: 1, maxAttempts: 9, maxRunningMs: 1e9 });
    const before = await store.getTask('t1');
    const writes = { task: { testedSha: 'c'.repeat(40) }, gateRuns: [GATE_RUN] };
    const event = { kind: 'retried', by: 'x', atMs: T0 } as const;
    expect(await store.applyEvent({ taskId: 't1', event, engine: ENGINE, job: tokenOf(job), writes })).toEqual({
      kind: 'fenced',
    });
    expect(await answer(store, job, { status: 'pass' })).toEqual({ kind: 'fenced' });
    expect(await store.getTask('t1')).toEqual(before);
    expect(await store.gateRuns({ taskId: 't1', check: GATE_RUN.check })).toEqual([]);
    expect(await store.taskEvents('t1')).toHaveLength(1);
  });

  test("one task's job token cannot carry another task's event", async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await addTask(store, 't2');
    const job = await mustClaim(store);
    const event = { kind: 'retried', by: 'x', atMs: T0 } as const;
    const other = { taskId: job.taskId === 't1' ? 't2' : 't1', event, engine: ENGINE, job: tokenOf(job) };
    expect(await store.applyEvent(other)).toEqual({ kind: 'fenced' });
    expect(await store.applyEvent({ ...other, taskId: 'ghost' })).toEqual({ kind: 'unknown-task' });
    expect(await store.getJob(job.id)).toMatchObject({ state: 'leased' });
  });

  test('an ignored event ends its job and keeps its facts, but has no version and no row', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const job = await mustClaim(store);
    const event = { kind: 'woken', why: 'lease-free', atMs: T0 } as const;
    const writes = { gateRuns: [GATE_RUN] };
    const ignored = await store.applyEvent({ taskId: 't1', event, engine: ENGINE, job: tokenOf(job), writes });
    expect(ignored).toMatchObject({ kind: 'ignored', task: { version: 2 } });
    expect(await store.getJob(job.id)).toMatchObject({ state: 'done' });
    expect(await store.gateRuns({ taskId: 't1', check: GATE_RUN.check })).toHaveLength(1);
    expect(await store.taskEvents('t1')).toHaveLength(1);
  });

  test('what a run found is read back as it was written, a thousand findings like one, as often as it is asked for', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const findings = (count: number) => Array.from({ length: count }, (_, at) => ({ rule: `r${at}`, message: 'm' }));
    for (const count of [1, 1000]) {
      const event = { kind: 'woken', why: 'lease-free', atMs: T0 } as const;
      const writes = { gateRuns: [{ ...GATE_RUN, findings: findings(count) }] };
      await store.applyEvent({ taskId: 't1', event, engine: ENGINE, writes });
    }
    for (const _ of ['once', 'again']) {
      const found = (await store.gateRuns({ taskId: 't1', check: GATE_RUN.check })).map((run) => run.findings);
      expect(found).toEqual([findings(1000), findings(1)]);
    }
  });

  test('a new head supersedes the running gate: one live job per task, the old worker is fenced', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    const old = await mustClaim(store);
    const event = { kind: 'head-moved', atMs: T0 + 1 } as const;
    const moved = await store.applyEvent({ taskId: 't1', event, engine: ENGINE });
    expect(moved).toMatchObject({ kind: 'applied', superseded: [{ id: old.id }], started: [{ kind: 'gate' }] });
    expect(await store.heartbeat(tokenOf(old), { atMs: T0 + 2, leaseMs: 1 })).toBe('lost');
    expect(await answer(store, old, { status: 'pass' })).toEqual({ kind: 'fenced' });
    expect(await store.listJobs({ taskId: 't1', live: true })).toHaveLength(1);
  });

  test("a task's events replay to the state that is stored", async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await answer(store, await mustClaim(store), { status: 'pass' });
    await answer(store, await mustClaim(store), { status: 'defer', cause: 'infra' }, T0 + 1);
    const rows = await store.taskEvents('t1');
    const replayed = rows.reduce(
      (state, row) => decide(state, row.body as EngineEvent, DEFAULT_CONFIG).state,
      initialState('gates-only'),
    );
    expect(replayed).toEqual((await store.getTask('t1'))?.state);
  });

  test('the stream of all events resumes after any cursor without gap or repeat', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await addTask(store, 't2');
    await store.updateRepo(REPO, { frozenReason: 'main lacks it' }, { actor: 'ops', atMs: T0 });
    const all = await store.events({ afterSeq: 0, limit: 10 });
    expect(all.map((row) => row.kind)).toEqual(['enqueued', 'enqueued', 'repo-changed']);
    expect(await store.events({ afterSeq: all[0]?.seq ?? 0, limit: 1 })).toEqual([all[1]]);
  });

  test('the change number differs after every commit, whoever made it, and after nothing else', async () => {
    const { store, again } = subject();
    const other = await again();
    const numbers = [await store.changeNumber()];
    const next = async (change: () => Promise<unknown>): Promise<void> => {
      await change();
      numbers.push(await store.changeNumber());
    };
    await next(() => store.appendEvent({ repoId: REPO, taskId: null, kind: 'x', body: {}, actor: 'a', at: T0 }));
    await next(() => addTask(store, 't1'));
    await next(() => addTask(other, 't2'));
    await next(() => mustClaim(other));
    expect(new Set(numbers).size).toBe(numbers.length);
    await next(() => store.listTasks());
    await next(() => other.getTask('t1'));
    expect(numbers.slice(-2)).toEqual(Array(2).fill(numbers.at(-3)));
    await other.close();
  });

  test('a listener hears of each commit of its own connection, once what was committed can be read', async () => {
    const { store, again } = subject();
    const other = await again();
    let heard = 0;
    const leave = store.onCommit(() => {
      heard += 1;
    });
    const hears = async (change: () => Promise<unknown>): Promise<boolean> => {
      const before = heard;
      await change();
      return heard > before;
    };
    expect(await hears(() => store.listTasks())).toBe(false);
    expect(await hears(() => addTask(store, 't1'))).toBe(true);
    expect(await hears(() => mustClaim(store))).toBe(true);
    expect(await hears(() => addTask(other, 't2'))).toBe(false);
    const event = { repoId: REPO, taskId: null, kind: 'x', body: {}, actor: 'a', at: T0 };
    expect(await hears(() => store.appendEvent(event))).toBe(true);
    leave();
    expect(await hears(() => store.appendEvent(event))).toBe(false);
    await other.close();
  });

  test('an alert is kept once per key within its scope, a report every time', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await answer(store, await mustClaim(store), { status: 'fail' });
    expect(await store.getTask('t1')).toMatchObject({ status: 'blocked' });
    const mail = await store.claimOutbox({ nowMs: T0, leaseMs: 1000, limit: 50 });
    expect(mail.map((row) => row.kind)).toContain('report');
    expect(new Set(mail.map((row) => row.dedupeKey)).size).toBe(mail.length);
  });

  test('a due timer is listed until its wake-up moved the task', async () => {
    const { store } = subject();
    await store.acquireLease({ repoId: REPO, holder: 'other', attempt: 1, atMs: T0, ttlMs: 1000 });
    await addTask(store, 't1');
    await answer(store, await mustClaim(store), { status: 'pass' });
    await answer(store, await mustClaim(store), { status: 'defer', cause: 'lock-busy' });
    const dueAt = (await store.getTask('t1'))?.timerDueAt ?? 0;
    expect(dueAt).toBeGreaterThan(T0);
    expect(await store.dueTimers(dueAt - 1, 10)).toEqual([]);
    expect(await store.dueTimers(dueAt, 10)).toMatchObject([{ id: 't1' }]);
    await store.applyEvent({ taskId: 't1', event: { kind: 'woken', why: 'timer', atMs: dueAt }, engine: ENGINE });
    expect(await store.dueTimers(dueAt, 10)).toEqual([]);
  });
}
