/** One pull request is changed while it is tested: what it comes to, and what its people read. */
import { expect } from '@jest/globals';
import { until } from '../live-gatehouse.ts';
import type { Life } from '../lives/life.ts';
import type { FateRow } from './rows.ts';
import type { FateScene } from './scene.ts';

interface Leaving {
  readonly branch: string;
  readonly act: (number: number, life: Life) => Promise<void>;
  readonly words: string | RegExp;
}

/** It is taken out of the queue with that reason, nothing lands, and it stays as its people left it. */
async function leaves({ life, taskOf }: FateScene, { branch, act, words }: Leaving): Promise<number> {
  const number = await life.held(branch);
  const main = life.forge.head('main');
  await act(number, life);
  expect(await life.told(number, 'removed from the queue')).toMatch(words);
  life.goOn(branch);
  await until('its task is over', async () => (await taskOf(branch))?.stage === 'cancelled');
  expect(life.forge.head('main')).toBe(main);
  return number;
}

export const PULL_REQUEST_ROWS: readonly FateRow[] = [
  {
    name: 'made a draft',
    play: async (scene) => {
      const act: Leaving['act'] = (number, { side }) => side.acts.draft(number);
      await leaves(scene, { branch: 'drafted', act, words: 'it is a draft' });
    },
  },
  {
    name: 'titled as work in progress',
    play: async (scene) => {
      const act: Leaving['act'] = (number, { side }) => side.people.retitle(number, 'WIP: not yet');
      await leaves(scene, { branch: 'in-progress', act, words: 'it is a draft' });
    },
  },
  {
    name: 'closed, then reopened',
    play: async (scene) => {
      const { life } = scene;
      const act: Leaving['act'] = (number, { side }) => side.people.close(number);
      const number = await leaves(scene, { branch: 'reopened', act, words: 'the pull request is closed' });
      await life.side.reopen(number);
      await life.landed(number, 'reopened');
    },
  },
  {
    name: 'retargeted',
    play: async (scene) => {
      await scene.life.push('release', { 'release.txt': 'release\n' });
      const act: Leaving['act'] = (number, { side }) => side.retarget(number, 'release');
      await leaves(scene, { branch: 'retargeted', act, words: 'it is to land on release' });
    },
  },
  {
    name: 'force-pushed',
    play: async ({ life }) => {
      const number = await life.held('pushed', { 'pushed.txt': 'the first\n' });
      await life.push('pushed', { 'pushed.txt': 'the second\n' }, 'main');
      expect(await life.landed(number, 'pushed')).toContain('a push replaced the commit that was asked for');
      expect(life.forge.git('show', 'main:pushed.txt')).toBe('the second');
    },
  },
  {
    name: 'given another title',
    play: async ({ life }) => {
      const number = await life.held('retitled');
      await life.side.people.retitle(number, 'Called otherwise');
      life.goOn('retitled');
      expect(await life.landed(number, 'retitled')).not.toContain('removed from the queue');
    },
  },
  {
    name: 'its branch renamed',
    play: async (scene) => {
      const act: Leaving['act'] = (_, { side }) => side.acts.renameBranch('called', 'called-otherwise');
      // Whichever is seen first, and as the forge has it.
      const words = /its branch is (called called-otherwise now|gone)|the pull request is closed/;
      await leaves(scene, { branch: 'called', act, words });
    },
  },
  {
    name: 'its fork deleted',
    play: async ({ life, taskOf }) => {
      const head = life.forge.push({ branch: 'theirs', from: 'main' }, { 'fork.txt': 'fork\n', 'hold-fork': '' });
      life.forge.deleteBranch('theirs');
      const number = await life.side.acts.openFromFork('work', head);
      await life.write(number, 'dev', `/gatehouse queue ${head}`);
      await life.runs('fork');
      life.side.acts.deleteFork(number);
      life.goOn('fork');
      const { landedSha } = await until('its task is done', async () => {
        const task = await taskOf(`refs/pull/${number}/head`);
        return task?.stage === 'done' && task;
      });
      expect(landedSha).not.toBeNull();
      // As it is, or on top of what landed before it.
      expect(life.forge.git('log', '--format=%H', 'main')).toContain(landedSha);
      expect(life.forge.git('show', 'main:fork.txt')).toBe('fork');
      expect(await life.told(number, 'landed on')).not.toContain('removed from the queue');
    },
  },
];
