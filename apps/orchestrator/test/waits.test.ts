/** Why a task waits is said in every place where somebody looks for it, in the same words. */
import { beforeAll, expect, test } from '@jest/globals';
import { LIVES, type Life, live, type Scene, sceneOf } from './advice-scene.ts';

interface Wait {
  readonly life: Life;
  /** What holds it, besides its own state. */
  readonly hold?: (scene: Scene, id: string, repoId: string) => Promise<unknown> | unknown;
  readonly says: string;
  /** Where its page says the kind of the state in a sign of its own. */
  readonly onBoard?: string;
}

const lifeOf = (name: string): Life => {
  const life = LIVES[name];
  if (life === undefined) throw new Error(`no state is called ${name}`);
  return life;
};
const ready = lifeOf('ready to be claimed');
const leaseAnother = (kind: string) => async (scene: Scene) => {
  const other = await live(scene, ready);
  scene.run(`UPDATE jobs SET kind = :kind, state = 'leased', lease_until = :until WHERE task_id = :other`, {
    kind,
    other,
    until: Date.now() + 600_000,
  });
};
const update = (columns: string) => (scene: Scene, _: string, repoId: string) =>
  scene.run(`UPDATE repos SET ${columns} WHERE id = :repoId`, { repoId });

const WAITS: Readonly<Record<string, Wait>> = {
  dependency: {
    life: ready,
    hold: async (scene, id) => {
      const on = await live(scene, ready);
      await scene.context.store.addDependency(id, on);
    },
    says: 'to be done or cancelled',
  },
  'serial gate': {
    life: ready,
    hold: async (scene, id, repoId) => {
      const other = await live(scene, ready);
      scene.run(`UPDATE tasks SET repo_id = :repoId, branch = 'other', started_at = 1 WHERE id = :other`, {
        repoId,
        other,
      });
      scene.run(`UPDATE jobs SET repo_id = :repoId, state = 'leased', lease_until = 9e15 WHERE task_id = :other`, {
        repoId,
        other,
      });
      expect(id).not.toBe(other);
    },
    says: 'one task at a time (ORCH_SERIAL_GATE_PER_REPO)',
  },
  approval: { life: lifeOf('waits for a yes, with papers'), says: 'a person has to approve' },
  breaker: {
    life: ready,
    hold: (scene, _, repoId) =>
      scene.run(`INSERT INTO breakers VALUES (:repoId, 'disk', :host, 'open', NULL, 1)`, {
        repoId,
        host: scene.context.host,
      }),
    says: 'waits until main itself runs again: disk on',
  },
  "a gate's place": {
    life: ready,
    hold: leaseAnother('gate'),
    says: 'every place for a gate is taken (1 in all)',
  },
  "an agent's place": {
    life: { profile: 'full', stage: 'development', state: { step: 'developer' } },
    hold: async (scene, id) => {
      scene.run(`UPDATE jobs SET kind = 'agent' WHERE task_id = :id`, { id });
      await leaseAnother('agent')(scene);
    },
    says: 'every place for an agent is taken (1 in all)',
  },
  'its time': {
    life: ready,
    hold: (scene, id) => scene.run('UPDATE jobs SET available_at = 9e12 WHERE task_id = :id', { id }),
    says: 'asked again at 2255',
  },
  stop: { life: lifeOf('stopped while it runs'), says: 'it is being stopped, as ops asked for' },
  'stop at a landing': { life: lifeOf('stopped while it lands'), says: 'it is landing; the stop that ops asked for' },
  budget: {
    life: lifeOf('budget spent'),
    says: 'budget spent: as the last answer says',
    onBoard: 'as the last answer says',
  },
  'a paused repository': { life: ready, hold: update('paused = 1'), says: 'is paused' },
  'a foreign repository': {
    life: ready,
    hold: update(`paused = 1, paused_reason = 'another repository is at its address'`),
    says: 'is paused: another repository is at its address',
  },
  'a frozen repository': {
    life: ready,
    hold: update(`frozen_reason = 'main lacks it'`),
    says: 'is frozen: main lacks it',
  },
  'its turn': { life: lifeOf('waits for its turn'), says: 'it waits for its turn at main' },
  "another's turn": {
    life: lifeOf('waits for its turn'),
    hold: async (scene, _, repoId) => {
      const moves = { repoId, holder: 'one-that-moves', attempt: 1, atMs: Date.now(), ttlMs: 600_000 };
      expect(await scene.context.store.acquireLease(moves)).toMatchObject({ kind: 'acquired' });
    },
    says: 'main is being moved by one-that-moves',
  },
  ...Object.fromEntries(
    (['main', 'ci', 'leave to land', 'a feed', 'a person to merge it'] as const).map((what) => {
      const life = lifeOf(`waits for ${what}`);
      return [what, { life, says: life.state?.waiting?.reason ?? '' }];
    }),
  ),
};

let scene: Scene;
beforeAll(async () => {
  scene = await sceneOf({ ORCH_SERIAL_GATE_PER_REPO: 'true', ORCH_MAX_CONCURRENCY: '1' });
});

const plain = (html: string): string =>
  html
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

test.each(Object.entries(WAITS))('%s', async (_, { life, hold, says, onBoard }) => {
  scene.run(`UPDATE jobs SET state = 'cancelled'`);
  const id = await live(scene, life);
  const repoId = (await scene.context.store.getTask(id))?.repoId ?? '';
  await hold?.(scene, id, repoId);
  const [page, queuePage] = [await scene.look(`/board/tasks/${id}`), await scene.look(`/?repo=${repoId}`)];
  const shown = (await (await scene.ask('GET', `/tasks/${id}`)).json()) as { reason: string };
  const { tasks } = (await (await scene.ask('GET', '/queue?limit=1000')).json()) as {
    tasks: { id: string; reason: string }[];
  };
  expect(shown.reason).toContain(says);
  const places = {
    'task show': (await scene.type(['task', 'show', id])).out,
    queue: (await scene.type(['queue'])).out
      .split('\n')
      .filter((line) => line.startsWith(`${id} `))
      .join(),
    'task ls': (await scene.type(['task', 'ls'])).out
      .split('\n')
      .filter((line) => line.startsWith(`${id} `))
      .join(),
    'GET /queue': tasks.find((task) => task.id === id)?.reason ?? '',
    'page of the task': plain(page),
    'page of the queue': plain(queuePage),
  };
  for (const [place, text] of Object.entries(places))
    expect([place, text]).toEqual([
      place,
      expect.stringContaining(place.startsWith('page') ? (onBoard ?? says) : says),
    ]);
});

test('a task that is over is not active, wherever it is shown', async () => {
  for (const name of ['done', 'stopped, cleaned up']) {
    const id = await live(scene, lifeOf(name));
    expect(await (await scene.ask('GET', `/tasks/${id}`)).json()).toMatchObject({ status: 'ended' });
    const lines = [(await scene.type(['task', 'ls'])).out, (await scene.type(['task', 'show', id])).out].join('\n');
    expect(
      lines
        .split('\n')
        .filter((line) => line.startsWith(`${id} `))
        .join('\n'),
    ).not.toContain('active');
  }
});
