/** A landing that lands nothing is not a landing: what the queue says of it, and that no record makes another commit land. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { engineConfig } from '../src/policy/engine-config.ts';
import { ask, atRest, enqueue, register, type ShownTask, serviceOn, settingsFrom, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const FEATURE = { 'feature.txt': 'new\n' };
const NAMES = ['機能/🚂', 'brackets](){}"\'&;', 'bidi/\u202egnp'] as const;

test('a feature that main took back lands; what changes nothing ends cancelled with words; any name is taken', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const start = forge.head('main');
  const [again, named, hidden] = NAMES;
  forge.push({ branch: again, from: start }, FEATURE);
  forge.push({ branch: named, from: start }, { 'named.txt': 'n\n' });
  forge.push({ branch: hidden, from: start }, {});
  const old = forge.push({ branch: 'main' }, { 'more.txt': 'm\n' });
  forge.push({ branch: 'main' }, FEATURE);
  const before = forge.push({ branch: 'main' }, { 'feature.txt': null });
  forge.git('update-ref', 'refs/heads/same', before);
  forge.git('update-ref', 'refs/heads/old', old);
  const alone = forge.git('-c', 'user.name=A', '-c', 'user.email=a@b', 'commit-tree', '-m', 'alone', `${start}^{tree}`);
  forge.git('update-ref', 'refs/heads/alone', alone);
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  const landed: (string | null)[] = [];
  for (const branch of [again, named]) {
    const task = await atRest(service, await enqueue(service, branch));
    expect(task).toMatchObject({ branch, stage: 'done' });
    landed.push(task.landed_sha);
  }
  expect(forge.git('show', 'main:feature.txt')).toBe('new');
  const nothing: [string, string][] = [
    [hidden, 'its commit changes nothing against its base'],
    ['same', 'its base contains the branch already'],
    ['old', 'its base contains the branch already'],
  ];
  for (const [branch, words] of nothing) {
    const task = await atRest(service, await enqueue(service, branch));
    expect(task).toMatchObject({ stage: 'cancelled', reason: `nothing-to-land: ${words}`, landed_sha: null });
    expect(task.checks[0]).toMatchObject({ status: 'skip', reason: `nothing to land: ${words}` });
  }
  const unrelated = await atRest(service, await enqueue(service, 'alone'));
  expect(unrelated).toMatchObject({ status: 'blocked', reason: expect.stringContaining('removed') });
  expect(unrelated.checks[0]).toMatchObject({ status: 'fail', findings: [{ rule: 'unrelated-history' }] });
  expect(forge.mainMoves().slice(-3)).toEqual([before, ...landed]);
  const board = (await ask(service, '/', { headers: { accept: 'text/html' } })).text;
  expect(board).not.toContain('\u202e');
  expect(await service.context.store.currentLease('app')).toBeNull();
});

test('a record that names another commit lands nothing: the branch is judged again and lands itself', async () => {
  const folder = scratchFolder();
  const go = join(folder, 'go');
  const begun = join(folder, 'begun');
  const hold = `: > "${begun}"; while [ ! -e "${go}" ]; do sleep 0.05; done\n`;
  const forge = await Forge.make({ ...PROJECT, 'cover.sh': `${hold}${PROJECT['cover.sh']}` }, folder);
  const before = forge.head('main');
  const forged = forge.push({ branch: 'other', from: before }, { 'other.txt': 'o\n' });
  const head = forge.push({ branch: 'side', from: before }, FEATURE);
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  const id = await enqueue(service, 'side');
  await until('coverage is being measured', async () => existsSync(begun));
  const { store } = service.context;
  const changed = await store.applyEvent({
    taskId: id,
    event: { kind: 'woken', why: 'timer', atMs: Date.now() },
    engine: engineConfig(settingsFrom({})),
    writes: { task: { testedSha: forged } },
  });
  expect(changed.kind).toBe('ignored');
  expect((await store.getTask(id))?.testedSha).toBe(forged);
  writeFileSync(go, '');
  const task: ShownTask = await atRest(service, id);
  expect(task).toMatchObject({ stage: 'done', landed_sha: head });
  const answers = (await store.taskEvents(id)).filter(({ kind }) => kind === 'landing-answered');
  expect(answers.map(({ body }) => (body as { answer: { kind: string } }).answer.kind)).toEqual([
    'base-moved',
    'landed',
  ]);
  expect(forge.mainMoves()).toEqual([before, head]);
});
