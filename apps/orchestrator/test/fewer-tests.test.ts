/** A branch that lands with fewer tests than main had: said by its check, its task, its events and the board. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ask, atRest, enqueue, register, serviceOn } from './live-gatehouse.ts';
import { Forge, scratchFolder } from './scratch-forge.ts';

const CHECK = 'n=0; for t in t/*.sh; do n=$((n+1)); sh $t && echo "ok $n - $t"; done; echo "1..$n"\n';
const DEFINITION = JSON.stringify({ version: 1, test: { command: 'sh check.sh' } });

test('a fall of tests is told wherever the task is shown, and stays in its events', async () => {
  const folder = scratchFolder();
  const files = { 'gatehouse.yaml': DEFINITION, 'check.sh': CHECK, 't/one.sh': 'true\n', 't/two.sh': 'true\n' };
  const forge = await Forge.make(files, folder);
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  forge.push({ branch: 'before', from: 'main' }, { 'a.txt': 'a\n' });
  expect((await atRest(service, await enqueue(service, 'before'))).stage).toBe('done');
  forge.push({ branch: 'deletes', from: 'main' }, { 't/two.sh': null });
  const id = await enqueue(service, 'deletes');
  expect((await atRest(service, id)).stage).toBe('done');
  const warning = 'tests-fell: main runs 2 tests, the branch 1';
  expect((await ask(service, `/tasks/${id}`)).json).toMatchObject({ warnings: [warning] });
  expect((await ask(service, `/board/tasks/${id}`)).text).toContain(warning);
  const events = await service.context.store.taskEvents(id);
  const answered = { check: 'check_branch_mergeable', verdict: { status: 'pass', warnings: [warning] } };
  expect(events.map(({ body }) => body)).toContainEqual(
    expect.objectContaining({
      ...answered,
      verdict: expect.objectContaining(answered.verdict),
    }),
  );
});
