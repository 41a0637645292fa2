import { expect, test } from '@jest/globals';
import type { Store } from '../../src/store/port/index.ts';
import type { Subject } from './store.contract.ts';
import {
  addTask,
  answer,
  claim,
  ENGINE,
  mustClaim,
  REPO,
  recordGreen,
  T0,
  TESTED,
  tokenOf,
  toLanding,
} from './world.ts';

const stop = (store: Store, taskId = 't1') =>
  store.requestStop({ taskId, reason: 'a person said so', actor: 'ops', atMs: T0 + 9, engine: ENGINE });

async function atTheDoor(store: Store) {
  await addTask(store, 't1');
  const { job, leaseToken } = await toLanding(store, 't1');
  const version = (await store.getTask('t1'))?.version ?? 0;
  return { job, enter: { taskId: 't1', version, job: tokenOf(job), leaseToken, atMs: T0 } };
}

export function stopContract(subject: Subject): void {
  test('the critical window opens once, for the version, job and lease it was asked with', async () => {
    const { store } = subject();
    const { enter } = await atTheDoor(store);
    const stale = { ...enter.job, token: enter.job.token - 1 };
    expect(await store.enterCritical({ ...enter, version: enter.version - 1 })).toEqual({ kind: 'fenced' });
    expect(await store.enterCritical({ ...enter, job: stale })).toEqual({ kind: 'fenced' });
    expect(await store.enterCritical({ ...enter, taskId: 'ghost' })).toEqual({ kind: 'fenced' });
    expect(await store.enterCritical({ ...enter, leaseToken: 99 })).toEqual({ kind: 'lease-lost' });
    expect(await store.enterCritical(enter)).toEqual({ kind: 'entered', criticalToken: enter.leaseToken });
    expect(await store.enterCritical(enter)).toEqual({ kind: 'already-inside', criticalToken: enter.leaseToken });
    expect(await store.leaveCritical({ taskId: 't1', criticalToken: 99, atMs: T0 })).toBe(false);
    expect(await store.leaveCritical({ taskId: 't1', criticalToken: enter.leaseToken, atMs: T0 })).toBe(true);
  });

  test('the critical window stays shut for a commit of which no run of the tests, and no stand-in, is on record', async () => {
    const { store } = subject();
    const { enter } = await atTheDoor(store);
    const other = 'd'.repeat(40);
    const outcome = async () => (await store.enterCritical(enter)).kind;
    const bad = [
      { gate: { testedSha: other } },
      { gate: { status: 'fail' } },
      { gate: { basisRun: null } },
      { gate: { basisRun: 99 } },
      { run: { outcome: 'red' } },
      { run: { outcome: 'infra' } },
      { run: { commit: other } },
      { gate: { basis: 'earlier-run' }, run: { outcome: 'red', commit: other } },
      { gate: { basis: 'quarantined-run' }, run: { outcome: 'red', commit: other } },
    ] as const;
    for (const record of bad) {
      await recordGreen(store, 't1', record);
      expect({ record, outcome: await outcome() }).toEqual({ record, outcome: 'untested' });
    }
    const good = [
      {},
      { gate: { basis: 'earlier-run' }, run: { commit: other } },
      { gate: { basis: 'quarantined-run' }, run: { outcome: 'red' } },
      { gate: { basis: 'declared-ci', basisRun: null } },
      { gate: { basis: 'path-rule', basisRun: null } },
    ] as const;
    for (const record of good) {
      await recordGreen(store, 't1', record);
      expect({ record, outcome: await outcome() }).toEqual({ record, outcome: 'entered' });
      await store.leaveCritical({ taskId: 't1', criticalToken: enter.leaseToken, atMs: T0 });
      enter.version += 2;
    }
    // What another check answered later says nothing about the tests.
    await recordGreen(store, 't1', { gate: { check: 'check_coverage_gate', basis: null, basisRun: null } });
    expect(await outcome()).toBe('entered');
  });

  test('a task that is cancelled lets those go on that wait for it, and their events say so, once', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await addTask(store, 't2', { dependsOn: ['t1'] });
    await addTask(store, 't3');
    await store.addDependency('t3', 't1');
    expect((await mustClaim(store)).taskId).toBe('t1');
    expect(await claim(store)).toBeNull();
    await stop(store);
    await store.applyEvent({
      taskId: 't1',
      event: { kind: 'stop-settled', verified: true, atMs: T0 + 10 },
      engine: ENGINE,
      actor: 'settler',
    });
    await stop(store);
    const told = { kind: 'dependency-cancelled', body: { depends_on: 't1' }, actor: 'settler', at: T0 + 10 };
    const heard = async (id: string) =>
      (await store.taskEvents(id)).filter(({ kind }) => kind === 'dependency-cancelled');
    expect(await heard('t2')).toEqual([expect.objectContaining(told)]);
    expect(await heard('t3')).toEqual([expect.objectContaining(told)]);
    expect([(await mustClaim(store)).taskId, (await mustClaim(store)).taskId]).toEqual(['t2', 't3']);
    await addTask(store, 't4', { dependsOn: ['t1'] });
    expect((await store.taskEvents('t4')).map(({ kind }) => kind)).toEqual(['enqueued', 'dependency-cancelled']);
  });

  test('a STOP before the window wins: the landing is fenced and may not enter', async () => {
    const { store } = subject();
    const { job, enter } = await atTheDoor(store);
    expect(await stop(store)).toMatchObject({
      kind: 'stopping',
      stopped: [{ id: job.id }],
      task: { status: 'stopping' },
    });
    const version = (await store.getTask('t1'))?.version ?? 0;
    expect(await store.enterCritical({ ...enter, version })).toEqual({ kind: 'stop-requested' });
    expect(await store.heartbeat(enter.job, { atMs: T0, leaseMs: 1 })).toBe('lost');
    expect(await claim(store)).toBeNull();
  });

  test('a STOP inside the window interrupts no job and is settled by the landing', async () => {
    const { store } = subject();
    const { enter } = await atTheDoor(store);
    await store.enterCritical(enter);
    expect(await stop(store)).toMatchObject({ kind: 'deferred', stopped: [] });
    expect(await store.heartbeat(enter.job, { atMs: T0, leaseMs: 60_000 })).toBe('kept');
    const answered = await store.applyEvent({
      taskId: 't1',
      event: { kind: 'landing-answered', answer: { kind: 'landed' }, atMs: T0 + 20 },
      engine: ENGINE,
      job: enter.job,
      writes: { task: { landedSha: 'd'.repeat(40) }, leaveCritical: true },
    });
    expect(answered).toMatchObject({
      kind: 'applied',
      task: { stage: 'cancelled', criticalToken: null, landedSha: 'd'.repeat(40), cancelledAt: null },
    });
    expect(await store.currentLease(REPO)).toBeNull();
  });

  test('an outcome in doubt keeps window and lease, and its job may still be claimed to find out', async () => {
    const { store } = subject();
    const { enter } = await atTheDoor(store);
    await store.enterCritical(enter);
    await stop(store);
    await store.updateRepo(REPO, { paused: true }, { actor: 'ops', atMs: T0 });
    expect(await store.releaseJob(enter.job, { atMs: T0, delayMs: 0 })).toBe('released');
    const probing = await mustClaim(store);
    expect(probing).toMatchObject({ kind: 'landing', taskId: 't1' });
    expect(await store.enterCritical({ ...enter, job: tokenOf(probing) })).toMatchObject({ kind: 'already-inside' });
    expect(await store.currentLease(REPO)).toMatchObject({ holder: 't1', token: enter.leaseToken });
  });

  test('an answer that does not say the window is left keeps the lease', async () => {
    const { store } = subject();
    const { enter } = await atTheDoor(store);
    await store.enterCritical(enter);
    const event = { kind: 'landing-answered', answer: { kind: 'infra', reason: 'no answer' }, atMs: T0 } as const;
    const kept = await store.applyEvent({ taskId: 't1', event, engine: ENGINE, job: enter.job });
    expect(kept).toMatchObject({ kind: 'applied', task: { criticalToken: enter.leaseToken } });
    expect(await store.currentLease(REPO)).toMatchObject({ holder: 't1', token: enter.leaseToken });
  });

  test('a commit that was tested anew inside the window is what the landing goes on with, if it is its own', async () => {
    const { store } = subject();
    const { enter } = await atTheDoor(store);
    await store.enterCritical(enter);
    const commit = 'd'.repeat(40);
    const event = { kind: 'landing-answered', answer: { kind: 'infra', reason: 'no answer' }, atMs: T0 } as const;
    const writes = { task: { testedSha: commit } };
    await store.applyEvent({ taskId: 't1', event, engine: ENGINE, job: enter.job, writes });
    const job = tokenOf(await mustClaim(store, { nowMs: T0 + 600_000 }));
    const { version = 0 } = (await store.getTask('t1')) ?? {};
    const inside = async () => (await store.getTask('t1'))?.criticalCommit;
    for (const other of [{ version: version - 1 }, { version, job: { ...job, token: job.token - 1 } }]) {
      await store.enterCritical({ ...enter, job, ...other });
      expect(await inside()).toBe(TESTED);
    }
    expect(await store.enterCritical({ ...enter, job, version })).toEqual({ kind: 'untested' });
    expect(await inside()).toBe(TESTED);
    await recordGreen(store, 't1', { run: { commit }, gate: { testedSha: commit } });
    expect(await store.enterCritical({ ...enter, job, version })).toMatchObject({ kind: 'already-inside' });
    expect(await inside()).toBe(commit);
  });

  test('a STOP of what does not run cancels at once, a second one is answered with that, a done task is too late', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    expect(await stop(store)).toMatchObject({ kind: 'cancelled', stopped: [], task: { stage: 'cancelled' } });
    expect(await store.getTask('t1')).toMatchObject({ cancelRequestedAt: T0 + 9, cancelReason: 'a person said so' });
    expect(await stop(store)).toMatchObject({ kind: 'already' });
    expect(await stop(store, 'ghost')).toEqual({ kind: 'unknown-task' });
    expect(await store.listJobs({ taskId: 't1', live: true })).toEqual([]);
  });

  test('a stopped branch is free for the next generation only after the clean-up', async () => {
    const { store } = subject();
    await addTask(store, 't1', { planeIssueId: 'issue-7' });
    await mustClaim(store);
    const release = {
      taskId: 't1',
      note: 'clone and slot removed',
      actor: 'cleaner',
      atMs: T0 + 30,
      trackerUpdatedAt: 5,
    };
    await stop(store);
    expect(await store.unsettledStops()).toMatchObject([{ id: 't1', status: 'stopping' }]);
    expect(await store.tombstone(release)).toMatchObject({ kind: 'refused' });
    await store.applyEvent({
      taskId: 't1',
      event: { kind: 'stop-settled', verified: true, atMs: T0 + 20 },
      engine: ENGINE,
    });
    const duplicate = {
      id: 't2',
      repoId: REPO,
      profile: 'gates-only',
      branch: 'feature/t1',
      key: 'T1',
      title: 't',
      actor: 'a',
    } as const;
    expect(await store.addTask({ ...duplicate, atMs: T0 }, ENGINE)).toMatchObject({ kind: 'exists' });
    expect(await store.unsettledStops()).toMatchObject([{ id: 't1', stage: 'cancelled' }]);
    expect(await store.tombstone(release)).toMatchObject({
      kind: 'released',
      task: {
        branch: 'feature/t1~stopped~t1',
        key: 'T1~stopped~t1',
        planeIssueId: 'issue-7~stopped~t1',
        trackerUpdatedAt: 5,
      },
    });
    expect(await store.tombstone(release)).toMatchObject({
      kind: 'released',
      task: { branch: 'feature/t1~stopped~t1' },
    });
    expect(await store.unsettledStops()).toEqual([]);
    expect(await store.addTask({ ...duplicate, atMs: T0 }, ENGINE)).toMatchObject({
      kind: 'added',
      task: { generation: 2 },
    });
  });

  test('settling counts its attempts and names the claims that the stop took away, under their own tokens', async () => {
    const { store, again } = subject();
    await addTask(store, 't1');
    const settling = { taskId: 't1', actor: 'stop', atMs: T0 + 10 };
    expect(await store.beginSettling({ ...settling, taskId: 'ghost' })).toEqual({ kind: 'unknown-task' });
    expect(await store.beginSettling(settling)).toEqual({ kind: 'not-due', reason: 'no stop is on record' });
    const job = await mustClaim(store);
    await stop(store);
    const stopped = [tokenOf(job)];
    expect(await store.beginSettling(settling)).toMatchObject({ kind: 'begun', attempt: 1, stopped });
    // Another process, as after a crash, goes on counting.
    const other = await again();
    expect(await other.beginSettling(settling)).toMatchObject({ kind: 'begun', attempt: 2, stopped });
    await other.close();
    await store.applyEvent({
      taskId: 't1',
      event: { kind: 'stop-settled', verified: true, atMs: T0 + 20 },
      engine: ENGINE,
    });
    expect(await store.beginSettling(settling)).toMatchObject({ attempt: 3, task: { stage: 'cancelled' } });
    const buried = { taskId: 't1', note: 'settled', actor: 'stop', atMs: T0 + 30 };
    expect(await store.tombstone({ ...buried, taskId: 'ghost' })).toMatchObject({ kind: 'refused' });
    await store.tombstone(buried);
    expect(await store.beginSettling(settling)).toEqual({ kind: 'released' });
  });

  test('settling names no job that waited when it was stopped, nor one that ended by itself', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await answer(store, await mustClaim(store), { status: 'pass' });
    await stop(store);
    const begun = await store.beginSettling({ taskId: 't1', actor: 'stop', atMs: T0 + 10 });
    expect(begun).toMatchObject({ kind: 'begun', stopped: [] });
  });

  test('a stop inside the window is not due before the landing has answered', async () => {
    const { store } = subject();
    const { enter } = await atTheDoor(store);
    await store.enterCritical(enter);
    await stop(store);
    const settling = { taskId: 't1', actor: 'stop', atMs: T0 + 10 };
    expect(await store.beginSettling(settling)).toEqual({ kind: 'not-due', reason: 'landing has not answered yet' });
  });

  test('what a clean-up left behind is one alert, however often its keys are released', async () => {
    const { store } = subject();
    await addTask(store, 't1');
    await stop(store);
    const release = { taskId: 't1', note: 'left: the branch', left: ['the branch'], actor: 'stop', atMs: T0 + 30 };
    await store.tombstone(release);
    await store.tombstone(release);
    const mail = await store.claimOutbox({ nowMs: T0 + 99, leaseMs: 1, limit: 99, kinds: ['alert'] });
    expect(mail.map(({ payload }) => payload)).toEqual([
      { kind: 'alert', key: 'left-behind', scope: 'task', text: 'left: the branch' },
    ]);
  });

  test('of a STOP and an entry at the same instant exactly one wins', async () => {
    const { store, again } = subject();
    const other = await again();
    const { enter } = await atTheDoor(store);
    const [entered, stopped] = await Promise.all([other.enterCritical(enter), stop(store)]);
    const pairs = [`${entered.kind}/${stopped.kind}`];
    expect(['entered/deferred', 'stop-requested/stopping']).toEqual(expect.arrayContaining(pairs));
    await other.close();
  });

  test('a landed task that passes its last check is done', async () => {
    const { store } = subject();
    const { enter } = await atTheDoor(store);
    await store.enterCritical(enter);
    await store.applyEvent({
      taskId: 't1',
      event: { kind: 'landing-answered', answer: { kind: 'landed' }, atMs: T0 + 20 },
      engine: ENGINE,
      job: enter.job,
      writes: { leaveCritical: true },
    });
    for (let job = await claim(store, { nowMs: T0 + 99 }); job !== null; job = await claim(store, { nowMs: T0 + 99 }))
      await answer(store, job, { status: 'pass' }, T0 + 99);
    expect(await store.getTask('t1')).toMatchObject({ stage: 'done', criticalToken: null });
    expect(await store.listTasks({ live: true })).toEqual([]);
    expect(await stop(store)).toMatchObject({ kind: 'too_late' });
  });
}
