/** The queue for people on a double of Gitea, which is held to recorded exchanges and is not Gitea: whole lives of pull requests. */
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

const label = ({ gitea }: Scene, number: number) =>
  gitea.as('dev', `POST issues/${number}/labels`, { labels: ['gatehouse'] });
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
/** As people read it: names of commits are none of their business here. */
const read = (text: string | undefined): string =>
  (text ?? '')
    .replace(/<!--.*?-->\n*/gs, '')
    .replace(/\b[0-9a-f]{40}\b/g, 'COMMIT')
    .replace(/\b[0-9a-f]{12}\b/g, 'COMMIT');

test('a label queues a pull request, it lands, is shown as merged, and its branch is deleted', async () => {
  const world = await scene();
  const { forge, gitea } = world;
  forge.push({ branch: 'feature/A-1-good', from: 'main' }, { 'a.txt': 'a\n' });
  forge.push({ branch: 'main' }, { 'b.txt': 'b\n' });
  const number = await gitea.open({ by: 'dev', branch: 'feature/A-1-good', title: 'Good' });
  await label(world, number);
  await until(
    'the branch of the merged pull request is gone',
    async () => stateOf(world, number) === 'merged' && branches(world).join() === 'main',
  );
  expect(forge.git('ls-tree', '--name-only', 'main').split('\n')).toEqual(expect.arrayContaining(['a.txt', 'b.txt']));
  const [comment, ...others] = await until('the landing is told', async () => {
    const all = ours(world, number);
    return all.some((text) => text.includes('landed on')) && all;
  });
  expect(others).toEqual([]);
  expect(read(comment)).toMatchInlineSnapshot(`
"**Gatehouse**: landed on \`main\` as COMMIT

- \`check_security_gate\` pass at COMMIT: \`no new secret, no new known vulnerability\`
- \`check_branch_mergeable\` pass at COMMIT: \`green on top of COMMIT: tests passed at the first try; how many ran is not known\`
- \`check_coverage_gate\` pass at COMMIT: \`coverage holds: 100.00 % (2/2) of the lines, no baseline yet\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
  const landed = forge.head('main');
  const statuses = gitea.state.statuses
    .filter(({ commit }) => commit === landed)
    .map(({ context, state, description }) => `${context} ${state}: ${description}`);
  expect(read(statuses.at(-1))).toMatchInlineSnapshot(`"gatehouse success: landed as COMMIT"`);
});

test('a red pull request is removed with its findings, and a mended push is queued by the label that is still on', async () => {
  const world = await scene();
  const { forge, gitea } = world;
  forge.push({ branch: 'feature/B-1-red', from: 'main' }, { broken: '' });
  const number = await gitea.open({ by: 'dev', branch: 'feature/B-1-red', title: 'Red' });
  await label(world, number);
  const [comment] = await until('it is removed', async () => {
    const all = ours(world, number);
    return all.some((text) => text.includes('removed from the queue')) && all;
  });
  expect(read(comment)).toMatchInlineSnapshot(`
"**Gatehouse**: removed from the queue: \`check_branch_mergeable: red twice with the branch, green without it; an innocent branch shows this with a probability of at most 0.098 % (10 whole runs)\`. A mended commit gets a new turn when it is asked for.

- \`check_security_gate\` pass at COMMIT: \`no new secret, no new known vulnerability\`
- \`check_branch_mergeable\` fail at COMMIT: \`red twice with the branch, green without it; an innocent branch shows this with a probability of at most 0.098 % (10 whole runs)\`

Findings of \`check_branch_mergeable\`:

\`\`\`text
red-run: \`sh check.sh\` fails on the branch on top of main, twice; main alone passes


the file broken is there
\`\`\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
  expect([stateOf(world, number), branches(world)]).toEqual(['open', ['feature/B-1-red', 'main']]);
  forge.push({ branch: 'feature/B-1-red' }, { broken: null, 'mended.txt': 'm\n' });
  await gitea.notice('dev');
  await until('it is merged', async () => stateOf(world, number) === 'merged');
  expect(forge.git('ls-tree', '--name-only', 'main').split('\n')).toContain('mended.txt');
});

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
