import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningService } from '../src/running-service.ts';
import { approveWhenAsked, askFor, type FullProfile, fullProfile, GOOD, registerFull } from './full-profile.ts';
import { ask, serviceOn, stopService, taskOf, until } from './live-gatehouse.ts';
import { testWhole } from './tool-tests.ts';

let service: RunningService;
let full: FullProfile;
beforeEach(async () => {
  full = await fullProfile({ ...GOOD, reviewer: { hang: true } });
  service = await serviceOn(full.folder, { ORCH_STOP_GRACE_S: '0.2' });
  await registerFull(service, full);
});
afterEach(() => stopService(service));

async function underReview(): Promise<{ id: string; branch: string; head: string }> {
  const id = await askFor(service);
  await approveWhenAsked(service, id);
  const task = await until('the reviewer is at work', async () => {
    const now = await taskOf(service, id);
    const jobs = await service.context.store.listJobs({ taskId: id, live: true });
    return now.stage === 'review' && jobs.some(({ state }) => state === 'leased') && now;
  });
  return { id, branch: task.branch, head: task.head_sha ?? '' };
}

async function stopped(id: string): Promise<void> {
  expect((await ask(service, `/tasks/${id}/stop`, { body: {} })).status).toBe(202);
  await until('the stop is settled', async () => (await service.context.store.getTask(id))?.cancelledAt !== null);
}

describe('a stopped task of agents', () => {
  test('gives its branch back to the forge, keeps its work in the mirror, and can be asked for again', async () => {
    const { id, branch, head } = await underReview();
    expect(full.forge.head(branch)).toBe(head);
    await stopped(id);
    expect(full.forge.git('for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main');
    const mirror = service.context.mirrors.directory('app');
    const kept = full.forge.git('--git-dir', mirror, 'rev-parse', `refs/gatehouse/stopped/${id}`);
    expect(kept).toBe(head);
    const again = await askFor(service);
    expect((await service.context.store.getTask(again))?.generation).toBe(2);
  });

  testWhole('leaves a branch that another person has pushed since', async () => {
    const { id, branch } = await underReview();
    const theirs = full.forge.push({ branch, from: branch }, { 'theirs.txt': 'kept\n' });
    await stopped(id);
    expect(full.forge.head(branch)).toBe(theirs);
  });
});
