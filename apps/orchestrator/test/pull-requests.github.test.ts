/** The queue for people on a double of GitHub, which is judged by its published description and is not GitHub: lives of pull requests. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Github, peopleOf, startGithub } from './github-double.ts';
import { serviceOn, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

async function scene(environment: Readonly<Record<string, string>> = {}) {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const github: Github = await startGithub(forge.path);
  const token = github.double.tokenOf('queue');
  const service = await serviceOn(join(folder, 'data'), {
    ORCH_GITHUB_URL: github.double.url,
    ORCH_GITHUB_TOKEN: token,
    ...environment,
  });
  const where = { url: github.url, forge: 'github', credential: 'github', main: 'main' } as const;
  await service.context.store.addRepo({ id: 'app', profile: 'gates-only', atMs: Date.now(), ...where });
  return { forge, github, people: peopleOf(github), service };
}

const branchesOf = (forge: Forge): string =>
  forge.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n').join();

test('a label queues a pull request; its required check is waited for; it lands, is merged, and its branch is gone', async () => {
  const { forge, github, people } = await scene();
  await people.require(['ci']);
  forge.push({ branch: 'feature/A-1', from: 'main' }, { 'a.txt': 'a\n' });
  forge.push({ branch: 'main' }, { 'b.txt': 'b\n' });
  const number = await people.open({ by: 'dev', branch: 'feature/A-1', title: 'Good' });
  await people.label(number, 'gatehouse');
  const tested = await until('the tested commit is at the branch', async () => {
    const head = forge.head('feature/A-1');
    return forge.git('rev-list', '--count', `${head}..main`) === '0' && head;
  });
  const comments = async () => (await people.commentsOf(number)).filter(({ by }) => by === 'queue');
  await until('it says what it waits for', async () => (await comments()).some(({ text }) => text.includes('ci')));
  await people.report(tested, 'ci', 'success');
  await until('it is merged', async () => (await people.stateOf(number)) === 'merged');
  await until('its branch is gone', async () => branchesOf(forge) === 'main');
  expect(forge.head('main')).toBe(tested);
  await until('the landing is told', async () => (await comments()).some(({ text }) => text.includes('landed on')));
  expect(await comments()).toHaveLength(1);
  expect(await people.statusesOf(tested)).toContainEqual(
    expect.objectContaining({ context: 'gatehouse', state: 'success' }),
  );
  expect(github.repository.pulls.filter(({ state }) => state === 'open')).toEqual([]);
});
