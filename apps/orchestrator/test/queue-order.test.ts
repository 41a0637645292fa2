import { beforeAll, expect, test } from '@jest/globals';
import { LIVES, live, type Scene, sceneOf } from './advice-scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await sceneOf();
});

const liveAs = (name: string, more: object = {}): Promise<string> => {
  const life = LIVES[name];
  if (life === undefined) throw new Error(`no state is called ${name}`);
  return live(scene, { ...life, ...more });
};

test('the queue of a shell is in queue order: the holder, by ticket, by age; and behind them who stands in none', async () => {
  const ids: string[] = [];
  for (const name of [
    'removed for red tests',
    'ready to be claimed',
    'ready to be claimed',
    'waits for its turn',
    'waits for its turn',
  ])
    ids.push(await liveAs(name));
  const [blocked, old, holder, second, first] = ids;
  const repoId = (await scene.context.store.getTask(old ?? ''))?.repoId;
  for (const [at, id] of ids.entries())
    scene.run(`UPDATE tasks SET repo_id = :repoId, branch = :id, created_at = :at WHERE id = :id`, { repoId, id, at });
  scene.run('UPDATE jobs SET repo_id = :repoId', { repoId });
  scene.run(`UPDATE tasks SET timer_due_at = 9e12 WHERE status = 'waiting'`);
  scene.run('INSERT INTO leases VALUES (:repoId, :holder, 1, 1, 1, 1, NULL)', { repoId, holder });
  for (const task of [first, second])
    scene.run('INSERT INTO tickets (repo_id, task_id, taken_at) VALUES (:repoId, :task, 1)', { repoId, task });
  const { out } = await scene.type(['queue']);
  const rows = out.split('\n').flatMap((line) => /^(t-\d+) +(\S+)/.exec(line)?.slice(1).join(' ') ?? []);
  expect(rows).toEqual([`${holder} 1`, `${first} 2`, `${second} 3`, `${old} 4`, `${blocked} -`]);
  const page = await scene.look(`/?repo=${repoId}`);
  const shown = [...page.matchAll(/<li(?: class="now")? data-key="(t-\d+)"><span class="pos">/g)].map(([, id]) => id);
  expect(shown).toEqual([holder, first, second, old]);
});
