/** The queue for people on a double of Gitea, which is held to recorded exchanges and is not Gitea: commands in comments. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Gitea, startGitea } from '@gatehouse/doubles';
import { afterEach, expect, test } from '@jest/globals';
import type { RunningService } from '../src/running-service.ts';
import { serviceOn, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const SECRET = 'shared with the forge';
const started: Gitea[] = [];
afterEach(async () => {
  for (const gitea of started.splice(0)) await gitea.close();
});

interface Scene {
  readonly forge: Forge;
  readonly gitea: Gitea;
  readonly service: RunningService;
}

async function scene(environment: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const gitea = await startGitea({ path: forge.path });
  started.push(gitea);
  const credentials = { ORCH_GITEA_TOKEN: gitea.token('queue'), ORCH_GITEA_WEBHOOK_SECRET: SECRET };
  const service = await serviceOn(join(folder, 'data'), {
    ...credentials,
    ORCH_FORGE_COMMANDERS: 'dev',
    ...environment,
  });
  const where = { url: gitea.cloneUrl, forge: 'gitea', credential: 'gitea', main: 'main' } as const;
  await service.context.store.addRepo({ id: 'app', profile: 'gates-only', atMs: Date.now(), ...where });
  gitea.sendWebhooksTo(`${service.url}/webhooks/gitea`, SECRET);
  return { forge, gitea, service };
}

const write = ({ gitea }: Scene, number: number, body: string) =>
  gitea.as('dev', `POST issues/${number}/comments`, { body });
const ours = ({ gitea }: Scene, number: number): string[] =>
  [...gitea.state.comments.values()]
    .filter(({ pull, author }) => pull === number && author === 'queue')
    .map(({ body }) => body);
const stateOf = ({ gitea }: Scene, number: number): string => {
  const row = gitea.state.pulls.get(number);
  return row === undefined ? 'gone' : row.mergedBy === null ? row.state : 'merged';
};
const branches = ({ forge }: Scene): string[] =>
  forge.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n');
test('commands queue, say why, and stop; a draft is not queued, and a setting keeps landed branches', async () => {
  const world = await scene({ ORCH_DELETE_LANDED_BRANCHES: 'false' });
  const { forge, gitea, service } = world;
  forge.push({ branch: 'feature/C-1', from: 'main' }, { 'c.txt': 'c\n' });
  const number = await gitea.open({ by: 'dev', branch: 'feature/C-1', title: 'WIP: not yet' });
  await write(world, number, '/gatehouse queue');
  await until('the draft is refused in words', async () =>
    ours(world, number).some((text) => text.includes('it is a draft')),
  );
  await gitea.as('dev', `PATCH pulls/${number}`, { title: 'Now' });
  await write(world, number, 'ready!\n\n/gatehouse queue');
  await until('it is merged', async () => stateOf(world, number) === 'merged');
  await until(
    'its end is on record',
    async () => (await service.context.store.rememberedPullRequest('app', number))?.finishedAt != null,
  );
  expect(branches(world)).toContain('feature/C-1');
});

test('pull requests that are switched off while one is tested take nothing back, and it lands once they are on again', async () => {
  const world = await scene();
  const { forge, gitea, service } = world;
  const mayGoOn = join(scratchFolder(), 'may-go-on');
  const waits = `until [ -e "${mayGoOn}" ]; do sleep 0.1; done\n`;
  forge.push({ branch: 'main' }, { 'check.sh': waits });
  forge.push({ branch: 'feature/C-2', from: 'main' }, { 'c.txt': 'c\n' });
  const number = await gitea.open({ by: 'dev', branch: 'feature/C-2', title: 'A change' });
  await write(world, number, '/gatehouse queue');
  const task = await until('it is queued', async () => (await service.context.store.listTasks())[0]);
  gitea.state.settings.has_pull_requests = false;
  let readings = 0;
  const counts = (path: string): boolean => {
    if (path.endsWith('/pulls') || path.endsWith(`/pulls/${number}`)) readings += 1;
    return false;
  };
  gitea.faults.plan({ kind: 'hangs', on: ({ path }) => counts(path) });
  // What one reading came to is done when there is another one.
  for (const wanted of [1, 2]) {
    await write(world, number, 'where is it?');
    await until('it is read', async () => readings >= wanted);
  }
  expect(await service.context.store.getTask(task.id)).toMatchObject({ stage: 'deploy-staging' });
  gitea.state.settings.has_pull_requests = true;
  writeFileSync(mayGoOn, '');
  await until('it is merged', async () => stateOf(world, number) === 'merged');
});
