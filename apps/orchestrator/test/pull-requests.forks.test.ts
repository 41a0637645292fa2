/** Pull requests from forks on doubles of Gitea and GitHub: who may have them run, where they land, how they end. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Gitea, startGitea } from '@gatehouse/doubles';
import { afterEach, expect, test } from '@jest/globals';
import type { RunningService } from '../src/running-service.ts';
import { startGithub } from './github-double.ts';
import { serviceOn, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

const started: Gitea[] = [];
afterEach(async () => {
  for (const gitea of started.splice(0)) await gitea.close();
});

interface World {
  readonly forge: Forge;
  readonly service: RunningService;
  readonly folder: string;
}
type GiteaWorld = World & { readonly gitea: Gitea };

async function onGitea(): Promise<GiteaWorld> {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const gitea = await startGitea({ path: forge.path });
  started.push(gitea);
  const service = await serviceOn(join(folder, 'data'), {
    ORCH_GITEA_TOKEN: gitea.token('queue'),
    ORCH_GITEA_WEBHOOK_SECRET: 'shared',
    ORCH_FORGE_COMMANDERS: 'dev',
  });
  const where = { url: gitea.cloneUrl, forge: 'gitea', credential: 'gitea', main: 'main' } as const;
  await service.context.store.addRepo({ id: 'app', profile: 'gates-only', atMs: Date.now(), ...where });
  gitea.sendWebhooksTo(`${service.url}/webhooks/gitea`, 'shared');
  return { folder, forge, gitea, service };
}

/** A commit of another repository: here it is on no branch. */
function theirs(forge: Forge, change: Readonly<Record<string, string>>): string {
  const head = forge.push({ branch: 'theirs', from: 'main' }, change);
  forge.deleteBranch('theirs');
  return head;
}

const said = ({ gitea }: GiteaWorld, number: number, words: RegExp): Promise<string> =>
  until(`${words} is said at #${number}`, async () => {
    const ours = [...gitea.state.comments.values()].filter((one) => one.pull === number && one.author === 'queue');
    return ours.map(({ body }) => body).find((body) => words.test(body));
  });
const write = ({ gitea }: GiteaWorld, number: number, body: string) =>
  gitea.as('dev', `POST issues/${number}/comments`, { body });
const refs = ({ forge }: World): string =>
  forge.git('for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/gatehouse');
const read = (text: string): string =>
  text
    .replace(/<!--.*?-->\n*/gs, '')
    .replace(/\b[0-9a-f]{40}\b/g, 'COMMIT')
    .replace(/\b[0-9a-f]{12}\b/g, 'COMMIT');

test('a fork at gitea runs once a writer has named its commit, lands caught up from a candidate ref, and is told where', async () => {
  const world = await onGitea();
  const { forge, gitea } = world;
  const head = theirs(forge, { 'a.txt': 'a\n' });
  forge.push({ branch: 'main' }, { 'b.txt': 'b\n' });
  const number = await gitea.openFromFork({ by: 'outsider', branch: 'main', title: 'From outside', head });
  await gitea.as('dev', `POST issues/${number}/labels`, { labels: ['gatehouse'] });
  expect(await said(world, number, /this very commit/)).toContain(`\`/gatehouse queue ${head}\``);
  expect(await world.service.context.store.listTasks()).toEqual([]);
  await write(world, number, `/gatehouse queue ${head}`);
  const comment = await said(world, number, /ends as closed/);
  expect(read(comment)).toMatchInlineSnapshot(`
"**Gatehouse**: landed on \`main\` as COMMIT

It ends as closed and not as merged: \`this Gitea lets nobody mark a pull request as merged by hand, so that it could only be closed\`.

- \`check_security_gate\` pass at COMMIT: \`no new secret; dependencies were not audited\`
- \`check_branch_mergeable\` pass at COMMIT: \`green on top of COMMIT: tests passed at the first try; how many ran is not known\`
- \`check_coverage_gate\` pass at COMMIT: \`coverage holds: 100.00 % (2/2) of the lines, no baseline yet\`

<sub>Commands, each as a comment: \`/gatehouse queue\`, \`stop\`, \`retry\`, \`why\`.</sub>"
`);
  expect(forge.git('ls-tree', '--name-only', 'main').split('\n')).toEqual(expect.arrayContaining(['a.txt', 'b.txt']));
  expect(refs(world)).toBe('refs/heads/main');
  expect(gitea.state.pulls.get(number)).toMatchObject({ state: 'closed', mergedBy: null, head });
});

testWhole('a push to the fork after a writer named a commit is not run, and is told', async () => {
  const world = await onGitea();
  const { folder, forge, gitea } = world;
  const head = theirs(forge, { 'a.txt': 'a\n' });
  const trace = join(folder, 'ran');
  const evil = theirs(forge, { 'check.sh': `touch ${trace}\n`, 'cover.sh': `touch ${trace}\n` });
  const number = await gitea.openFromFork({ by: 'outsider', branch: 'work', title: 'From outside', head });
  await write(world, number, `/gatehouse queue ${head}`);
  await gitea.pushToFork(number, evil);
  await said(world, number, /a push replaced the commit|its head is/);
  await write(world, number, '/gatehouse queue');
  expect(await said(world, number, /this very commit/)).toContain(`/gatehouse queue ${evil}`);
  await until('nothing is queued', async () =>
    (await world.service.context.store.listTasks()).every(({ stage }) => stage === 'cancelled'),
  );
  expect([existsSync(trace), refs(world), forge.mainMoves().length]).toEqual([false, 'refs/heads/main', 1]);
});

testWhole('a fork at github that holds main already lands as it is and ends as merged', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  const fork = forge.copy();
  const head = fork.push({ branch: 'work', from: 'main' }, { 'a.txt': 'a\n' });
  const github = await startGithub(forge.path);
  await github.double.addRepository({ name: 'eve/app', path: fork.path, isFork: true });
  const made = await github.as('eve', 'POST pulls', { title: 'From outside', head: 'eve:work', base: 'main' });
  const { number } = made as { readonly number: number };
  const service = await serviceOn(join(folder, 'data'), {
    ORCH_GITHUB_TOKEN: github.double.tokenOf('queue'),
    ORCH_GITHUB_WEBHOOK_SECRET: 'shared',
  });
  const where = { url: github.url, forge: 'github', credential: 'github', main: 'main' } as const;
  await service.context.store.addRepo({ id: 'app', profile: 'gates-only', atMs: Date.now(), ...where });
  github.double.addHook(github.repository, { url: `${service.url}/webhooks/github`, secret: 'shared' });
  await github.as('dev', `POST issues/${number}/comments`, { body: `/gatehouse queue ${head}` });
  await until('it is merged', async () => {
    await github.double.settle();
    return github.repository.pulls[number - 1]?.mergedAt !== null;
  });
  await until('it is told', async () => github.repository.comments.some(({ body }) => body.includes('landed on')));
  expect(forge.head('main')).toBe(head);
  expect(refs({ forge, service, folder })).toBe('refs/heads/main');
});
