/** The repository itself is changed while a pull request is tested: nothing is taken back, and nothing lands where it should not. */
import { expect } from '@jest/globals';
import { until } from '../live-gatehouse.ts';
import type { FateRow } from './rows.ts';
import type { FateScene } from './scene.ts';

interface Waiting {
  readonly branch: string;
  readonly act: (scene: FateScene) => Promise<void> | void;
  /** What the alert says. */
  readonly words: RegExp;
  /** What ends it, given the alert. */
  readonly mend: (scene: FateScene, alert: string, number: number) => Promise<unknown> | unknown;
}

/** It is paused with one alert, its task waits without a fault, and lands once that was mended. */
async function waits(scene: FateScene, { branch, act, words, mend }: Waiting): Promise<void> {
  const { life, alerts, repository, taskOf, service } = scene;
  const number = await life.held(branch);
  const known = [...alerts];
  await act(scene);
  life.goOn(branch);
  const alert = await scene.alerted(words, known);
  const { paused, pausedReason } = await until('it is paused', async () => {
    const repo = await repository();
    return repo.paused && repo;
  });
  expect([paused, alert]).toEqual([true, expect.stringContaining(`app is paused: ${pausedReason}`)]);
  await until('no work of it runs', async () => {
    const jobs = await service.context.store.listJobs({ repoId: 'app', live: true });
    return jobs.every(({ state }) => state !== 'leased');
  });
  const { stage, status } = (await taskOf(branch)) ?? {};
  expect([stage, status]).not.toContain('cancelled');
  expect(status).not.toBe('blocked');
  expect(await scene.doctor()).toMatch(words);
  await mend(scene, alert, number);
  await until('it goes on', async () => !(await repository()).paused);
  expect(await life.landed(number, branch)).not.toContain('removed from the queue');
  expect(alerts.filter((text) => !known.includes(text) && words.test(text))).toEqual([alert]);
}

async function follows(scene: FateScene, branch: string, fullName: string): Promise<void> {
  const { life, alerts, repository } = scene;
  const { acts } = life.side;
  const number = await life.held(branch);
  const [known, { forgeId }] = [[...alerts], await repository()];
  acts.rename(fullName);
  const alert = await scene.alerted(/was renamed or transferred/, known);
  life.goOn(branch);
  expect(await life.landed(number, branch)).not.toContain('removed from the queue');
  expect(await repository()).toMatchObject({ paused: false, movedTo: acts.address(), forgeId });
  expect(await scene.doctor()).toContain(`gatehouse repo set app --address ${acts.address()}`);
  await scene.obey(alert, 'repo set');
  expect(await repository()).toMatchObject({ url: acts.address(), movedTo: null, forgeId });
  expect(alerts.filter((text) => !known.includes(text))).toEqual([alert]);
}

export const REPOSITORY_ROWS: readonly FateRow[] = [
  { name: 'its repository renamed', play: (scene) => follows(scene, 'renamed', `${ownerOf(scene)}/application`) },
  { name: 'its repository transferred', play: (scene) => follows(scene, 'transferred', 'elsewhere/application') },
  {
    name: 'its repository renamed, and the old name taken by another one',
    async play(scene) {
      let changes: () => readonly string[] = () => ['it was not taken'];
      await waits(scene, {
        branch: 'taken',
        words: /another repository than the one that was known/,
        act: async ({ life, service }) => {
          // Words that are on their way at this very moment would still arrive: a forge is written to by name.
          const { store } = service.context;
          await until('all is told', async () => (await store.countOutbox({ kind: 'tell', state: 'pending' })) === 0);
          ({ changes } = await life.side.acts.loseName('elsewhere/app'));
        },
        mend: ({ obey, life }, alert) => obey(alert.replace('ADDRESS', life.side.acts.address()), 'repo set'),
      });
      expect(changes()).toEqual([]);
    },
  },
  {
    name: 'its repository archived',
    play: (scene) =>
      waits(scene, {
        branch: 'archived',
        words: /is archived: nothing can be written there/,
        act: ({ life }) => life.side.acts.archive(true),
        mend: ({ life }) => life.side.acts.archive(false),
      }),
  },
  {
    name: 'its repository hidden from the service',
    play: (scene) =>
      waits(scene, {
        branch: 'hidden',
        words: /there is no repository at .* may see/,
        act: ({ life }) => life.side.acts.show(false),
        mend: ({ life }) => life.side.acts.show(true),
      }),
  },
  {
    name: 'main deleted',
    async play(scene) {
      const { life } = scene;
      let putBack = async (): Promise<void> => undefined;
      await life.push('other', { 'other.txt': 'other\n' });
      await waits(scene, {
        branch: 'without-main',
        words: /has no branch main any more/,
        act: async () => {
          putBack = await life.side.acts.dropMain('main', 'other');
        },
        mend: async (_, __, number) => {
          await putBack();
          // The forge closed what was to land there.
          await life.side.reopen(number);
        },
      });
    },
  },
  {
    name: 'main renamed',
    play: (scene) =>
      waits(scene, {
        branch: 'retargeted-by-forge',
        words: /has no branch main any more/,
        act: ({ life }) => life.side.acts.renameBranch('main', 'trunk'),
        mend: ({ obey }, alert) => obey(alert, 'repo set'),
      }),
  },
];

const ownerOf = ({ life }: FateScene): string => new URL(life.side.acts.address()).pathname.split('/')[1] ?? '';
