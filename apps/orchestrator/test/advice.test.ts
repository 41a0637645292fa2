/** Whatever the service advises about a task, on its page or in a refusal, can be typed, and does what it promises. */

import { recoverKey } from '@gatehouse/cancel';
import { isTaskState } from '@gatehouse/stage-engine';
import { beforeAll, expect, test } from '@jest/globals';
import { LIVES, live, type Scene, sceneOf, settle, wordsOf } from './advice-scene.ts';
import { onlyJson } from './recording-terminal.ts';
import { testWhole } from './tool-tests.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await sceneOf();
});

const NAMES = Object.keys(LIVES);
const lifeOf = (name: string) => LIVES[name] as (typeof LIVES)[string];
const taskOf = async (id: string) => {
  const task = await scene.context.store.getTask(id);
  if (task === null) throw new Error(`${id} is there`);
  return task;
};

interface Step {
  readonly text: string;
  readonly command: string | null;
}
const stepsOf = async (id: string): Promise<readonly Step[]> =>
  (onlyJson(await scene.type(['task', 'show', id, '--json'])) as { next_steps: Step[] }).next_steps;

/** What a command promises, by its first words. Anything else that is advised has no row, and fails. */
const PROMISES: Readonly<Record<string, (id: string, words: readonly string[]) => Promise<void>>> = {
  'task show': async () => {},
  logs: async () => {},
  'task approve': async (id) => expect((await taskOf(id)).state.waiting).toBeNull(),
  'task retry': async (id) => {
    const task = await taskOf(id);
    if (task.stage === 'cancelled') await expectSuccessor(id);
    else expect(['active', 'waiting']).toContain(task.status);
  },
  'task stop': async (id) => expect(['cancelled', 'stopping']).toContain(onceStopped(await taskOf(id))),
  'task add': expectSuccessor,
  'task budget': async (id) => {
    const steps = await stepsOf(id);
    expect(steps.some(({ command }) => command?.includes('task budget') === true)).toBe(false);
  },
  'task override': async (id, words) => {
    const task = await taskOf(id);
    expect(task.state.overrides.map(({ check }) => check)).toEqual([words[words.indexOf('--check') + 1]]);
    expect(task.status).not.toBe('blocked');
  },
  resume: async (id) => expect((await scene.context.store.getRepo((await taskOf(id)).repoId))?.paused).toBe(false),
  'repo thaw': async (id) =>
    expect((await scene.context.store.getRepo((await taskOf(id)).repoId))?.frozenReason).toBeNull(),
  git: async () => {},
};

const onceStopped = ({ stage, status }: { stage: string; status: string }) => (stage === 'cancelled' ? stage : status);

/** The next generation of the task's branch is queued. */
async function expectSuccessor(id: string): Promise<void> {
  const before = await taskOf(id);
  const branch = recoverKey(before.branch);
  const next = await scene.context.store.listTasks({ repoId: before.repoId, branch, live: true });
  expect(next.map(({ generation }) => generation)).toEqual([before.generation + 1]);
}

/** Types it and sees that it did what it promises. */
async function carryOut(line: string, id: string): Promise<void> {
  const words = line.startsWith('git ') ? ['git'] : wordsOf(line);
  const promise = PROMISES[words.slice(0, 2).join(' ')] ?? PROMISES[words[0] ?? ''];
  if (promise === undefined) throw new Error(`nobody knows what this promises: ${line}`);
  if (!line.startsWith('git ')) {
    const said = await scene.type(words);
    expect([line, said.exit, said.err]).toEqual([line, 0, '']);
  }
  await promise(id, words);
}

test.each(NAMES)('%s: what its page advises can be typed and does what it says', async (name) => {
  const first = await live(scene, lifeOf(name));
  expect(isTaskState((await taskOf(first)).state)).toBe(true);
  const steps = await stepsOf(first);
  expect(steps.length).toBeGreaterThan(0);
  const commands = steps.flatMap(({ command }) => (command === null ? [] : [command]));
  for (const [at, command] of commands.entries()) {
    // Each is a way of its own: it is typed where nothing else was.
    const id = at === 0 ? first : await live(scene, lifeOf(name));
    const own = (await stepsOf(id)).flatMap(({ command: one }) => (one === null ? [] : [one]))[at] ?? '';
    expect(own.replaceAll(/[rt]-?\d+/g, '')).toBe(command.replaceAll(/[rt]-?\d+/g, ''));
    const isOurs = own.startsWith('gatehouse ') || own.startsWith('git ');
    for (const line of isOurs ? own.split('\n') : []) await carryOut(line, id);
  }
});

/** What a person may type at any task. */
const TYPED: readonly ((id: string) => Promise<readonly string[]>)[] = [
  async (id) => ['task', 'approve', id],
  async (id) => ['task', 'retry', id],
  async (id) => ['task', 'override', id, '--check', 'check_branch_mergeable', '--reason', 'it was read'],
  async (id) => ['task', 'budget', id, 'attempts=9'],
  async (id) => ['task', 'depend', id, '--on', id],
  async (id) => ['task', 'stop', id],
  async (id) => {
    const { repoId, branch, key, profile } = await taskOf(id);
    return profile === 'full'
      ? ['task', 'add', '--repo', repoId, '--key', recoverKey(key), '--title', 'Do it']
      : ['task', 'add', '--repo', repoId, '--branch', recoverKey(branch)];
  },
];

/** The commands that an error tells to type. */
const advisedIn = (text: string): readonly string[] => {
  const found = text.matchAll(
    /gatehouse (?:task (?:show|retry|approve|stop|override) [\w-]+|(?:task|repo) ls|queue\b)/g,
  );
  return [...new Set([...found].map(([command]) => command))];
};

for (const name of NAMES)
  testWhole(`${name}: what is refused there names a way that there is`, async () => {
    let id = await live(scene, lifeOf(name));
    for (const words of TYPED) {
      const typed = await words(id);
      const said = await scene.type(typed);
      if (said.err !== '') await followRefusal(id, { typed, err: said.err });
      // What was refused changed nothing.
      else if (said.exit === 0) id = await live(scene, lifeOf(name));
    }
  });

async function followRefusal(
  id: string,
  { typed, err }: { readonly typed: readonly string[]; readonly err: string },
): Promise<void> {
  const advised = advisedIn(err);
  expect([typed, err, advised.length > 0]).toEqual([typed, err, true]);
  for (const command of advised) {
    const next = await scene.type(wordsOf(command));
    expect([err, command, next.exit, next.err]).toEqual([err, command, 0, '']);
  }
  if (!err.includes('ask again')) return;
  expect(err).toContain('says that it is cleaned up');
  await settle(scene, id);
  expect((await scene.type(['task', 'show', id])).out).toContain('cleaned up at');
  expect([typed, (await scene.type(typed)).err]).toEqual([typed, '']);
}

test('what the API advises is a request that it answers', async () => {
  let followed = 0;
  for (const name of NAMES) {
    let id = await live(scene, lifeOf(name));
    for (const verb of ['approve', 'retry', 'override', 'stop']) {
      const answer = await scene.ask('POST', `/tasks/${id}/${verb}`);
      if (answer.ok) id = await live(scene, lifeOf(name));
      if (answer.ok) continue;
      const { detail, next = '' } = (await answer.json()) as { detail: string; next?: string };
      for (const [, method = '', path = ''] of `${detail} ${next}`.matchAll(/\b(GET|POST) (\/[\w/-]+)/g)) {
        const there = await scene.ask(method, path);
        expect([name, `${detail}; ${next}`, method, path, there.status]).toEqual([
          name,
          `${detail}; ${next}`,
          method,
          path,
          200,
        ]);
        followed += 1;
      }
    }
  }
  expect(followed).toBeGreaterThan(NAMES.length);
});

test('a task that ended without a stop is not called stopped', async () => {
  const id = await live(scene, lifeOf('nothing to land'));
  const said = await scene.type(['task', 'stop', id]);
  expect(said.out).toBe(`${id} is over already (nothing-to-land: main has it); there is nothing to stop\n`);
});
