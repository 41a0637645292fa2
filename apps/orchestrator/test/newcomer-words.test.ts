/** What a person reads who came with nothing but the README: at a yes that is asked for, at a stop, at an empty queue. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { alertMessage, taskAlert } from '../src/notifiers/alert-message.ts';
import { silentLog } from '../src/platform/logger.ts';
import { type RunningService, startService } from '../src/running-service.ts';
import { live, sceneOf } from './advice-scene.ts';
import { analyses, askFor, type FullProfile, fullProfile, GOOD, registerFull } from './full-profile.ts';
import { startDouble } from './gitea-double.ts';
import { ask, enqueue, ownToken, register, serviceForAll, settingsFrom, taskOf, until } from './live-gatehouse.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const SECRET = ['ghp_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'];
const PAPER = [
  '# What is wanted',
  `<script>alert(1)</script> with ${SECRET.join('')}`,
  ...Array.from({ length: 9000 }, (_, at) => `line ${at}`),
].join('\n');

let service: RunningService;
let full: FullProfile;
let id = '';
const type = (...words: string[]) => cli([...words, '--url', service.url, '--token', ownToken(service)]);
const pageOf = async (path: string) => (await ask(service, path, { headers: { accept: 'text/html' } })).text;

beforeAll(async () => {
  const write = { 'docs/work-items/K-1/01-analysis.md': PAPER };
  full = await fullProfile({ ...GOOD, analyst: analyses({ shell: 'true', write, commit: 'analysis' }) });
  service = await serviceForAll(join(scratchFolder(), 'data'));
  await registerFull(service, full);
  id = await askFor(service);
  await until(`${id} asks for a yes`, async () => (await taskOf(service, id)).status === 'waiting');
});

describe('a task that asks for a yes', () => {
  test('its page shows what is said yes to: as text, masked, and cut with the place of the rest', async () => {
    const page = await pageOf(`/board/tasks/${id}`);
    const [, card = ''] = /data-live="papers"([\s\S]*?)<\/section>/.exec(page) ?? [];
    expect(card).toContain('docs/work-items/K-1/01-analysis.md');
    expect(card).toContain('# What is wanted');
    expect(card).toContain('&lt;script&gt;alert(1)&lt;/script&gt; with ');
    expect(card).not.toContain(SECRET.join(''));
    expect(card).toMatch(/line 1\nline 2\n/);
    expect(card).toMatch(
      /\(… \d+ characters more\); all of it: docs\/work-items\/K-1\/01-analysis\.md on the branch feature\/K-1/,
    );
    expect(card.length).toBeLessThan(20_000);
  });

  test('the one paper is printed; of several the names; a name that there is not leads to them', async () => {
    expect((await type('task', 'show', id)).out).toContain(`what a yes is asked for: gatehouse task paper ${id}\n`);
    const said = await type('task', 'paper', id);
    expect([said.exit, said.err]).toEqual([0, '']);
    expect(said.out).toMatch(/^# What is wanted\n<script>alert\(1\)<\/script> with \**/);
    expect(said.out).not.toContain(SECRET.join(''));
    expect(said.out.length).toBeLessThan(70_000);
    const json = onlyJson(await type('task', 'paper', 'K-1', '01-analysis.md', '--json'));
    expect(json).toMatchObject({ papers: [{ name: '01-analysis.md', path: 'docs/work-items/K-1/01-analysis.md' }] });
    const missing = await type('task', 'paper', id, '02.md');
    expect([missing.exit, missing.err]).toEqual([
      2,
      `gatehouse: ${id} has no paper "02.md"\n  next: gatehouse task paper ${id}\n`,
    ]);
    const unknown = await type('task', 'paper', 't-9');
    expect([unknown.exit, unknown.err]).toEqual([2, expect.stringContaining('gatehouse task ls')]);
  });

  test('it stands in no queue and nobody is told when it is over; an empty queue names the command that works', async () => {
    const page = await pageOf(`/board/tasks/${id}`);
    expect(page).not.toMatch(/in the queue|over in/);
    const queue = await pageOf('/');
    expect(queue).toContain('Nothing waits for the machine; 1 task for a person.');
    expect(queue).toContain('gatehouse task add --repo app --title');
    expect(queue).not.toContain('--branch BRANCH');
  });

  test('--wait ends there, with what is asked for and the command', async () => {
    const waited = await type('task', 'add', '--repo', 'app', '--key', 'K-2', '--title', 'Again', '--wait');
    expect(waited.exit).toBe(3);
    expect(waited.err).toMatch(/(t-\w+) waits for a person: .+\n {2}next: gatehouse task approve \1\n/);
  });
});

test('who stopped a task and why stands in its list, on its page, in its history and in the queue', async () => {
  const forge = await Forge.make(PROJECT, join(scratchFolder(), 'lib'));
  for (const branch of ['one', 'two']) forge.push({ branch, from: 'main' }, { [branch]: branch });
  await register(service, forge.path, 'lib');
  await ask(service, '/pause', { body: { repo: 'lib' } });
  const stopped = await enqueue(service, 'one', 'lib');
  await enqueue(service, 'two', 'lib');
  expect((await type('task', 'stop', stopped, '--reason', 'the wrong\nbranch')).exit).toBe(0);
  const words = 'the stop was asked for by api-token: the wrong';
  const shown = await type('task', 'show', stopped);
  expect(shown.out).toContain(words);
  expect((await type('task', 'ls')).out).toContain(words);
  expect((await type('task', 'stop', stopped, '--reason', 'again')).out).toContain(`was stopped before\n${words}`);
  const page = await pageOf(`/board/tasks/${stopped}`);
  expect(page).toMatch(/data-live="timeline"[\s\S]*asked for by api-token: the wrong\nbranch/);
  expect(page).toMatch(/data-live="standing"[\s\S]*the stop was asked for by api-token: the wrong/);
  expect(await pageOf('/board/tasks')).toContain(words);
});

test('only what waits for its turn is told about how long; a pause, a time and a person have no such end', async () => {
  expect(await pageOf('/?repo=lib')).toContain('lib is paused');
  expect(await pageOf('/?repo=lib')).not.toMatch(/in under a minute|in about/);
  const scene = await sceneOf();
  const waiting = await live(scene, { profile: 'gates-only', rule: 'red-again' });
  const { repoId } = (await scene.context.store.getTask(waiting)) ?? {};
  const queue = () => scene.look(`/?repo=${repoId}`);
  expect(await queue()).toContain('in under a minute');
  expect(await scene.look(`/board/tasks/${waiting}`)).toContain('first in the queue, over in under a minute');
  scene.run('UPDATE jobs SET available_at = :later WHERE task_id = :id', {
    later: Date.now() + 3_600_000,
    id: waiting,
  });
  expect(await queue()).toContain('asked again at');
  expect(await queue()).not.toContain('in under a minute');
  expect(await scene.look(`/board/tasks/${waiting}`)).not.toContain('over in');
});

test('an alert of several lines is shown in lines', async () => {
  const alert = taskAlert(id, { key: 'k', text: 'first\nsecond \u{202e}' });
  await service.context.store.addOutbox({ ...alertMessage(alert), atMs: Date.now() });
  await until('it is told', async () => (await pageOf('/board/alerts')).includes('second'));
  expect(await pageOf('/board/alerts')).toContain('<span class="lines">first\nsecond \\u{202e}</span>');
});

test('a key that a landed task had is taken, and it is said', async () => {
  const scene = await sceneOf();
  const done = { profile: 'full', stage: 'done', row: { landed_sha: 'a'.repeat(40) } } as const;
  const earlier = await live(scene, { ...done, state: { ended: 'done' } });
  const { repoId } = (await scene.context.store.getTask(earlier)) ?? { repoId: '' };
  const words = `${earlier}, which has landed, had the key K-1, too: its papers are in docs/work-items/K-1 on main`;
  const add = (key: string) => scene.type(['task', 'add', '--repo', repoId, '--key', key, '--title', 'Other work']);
  const added = await add('K-1');
  expect([added.exit, added.out]).toEqual([0, expect.stringContaining(`\nnote: ${words}`)]);
  const id = /^(t-\w+): /.exec(added.out)?.[1] ?? '';
  expect((await scene.type(['task', 'show', id])).out).toContain(`note: ${words}`);
  expect(await scene.look(`/board/tasks/${id}`)).toContain(words);
  expect((await scene.type(['task', 'show', earlier])).out).not.toContain('note:');
  expect((await add('K-2')).out).not.toContain('note:');
});

describe('a mistake leads to what mends it', () => {
  const rows: readonly (readonly [words: string, next: RegExp])[] = [
    ['task add --repo app --title x --key a/b', /key: letters.*\n {2}next: gatehouse task add --help\n/],
    ['task add --repo app', /title.*\n {2}next: gatehouse task add --help\n/],
    ['task add --repo lib', /branch.*\n {2}next: gatehouse task add --help\n/],
    ['task add --repo app --title x --depends-on t-99', /no task is called "t-99"; see gatehouse task ls\n$/],
    [
      'task add --repo app --title x --priority soon',
      /priority: must be a number\n {2}next: gatehouse task add --help/,
    ],
    ['task override TASK --check merge --reason why', /did you mean check_\w+\?; gatehouse task show TASK.*\n$/],
    ['task approve TASK --check analysis', /did you mean check_\w+\?; gatehouse task show TASK.*\n$/],
    ['repo add x --path FORGE --policy /nowhere.yaml', /policy file \/nowhere\.yaml.*gatehouse help agents.*\n$/],
    ['logs 1 --tail x', /tail: must be a whole number\n {2}next: gatehouse logs --help\n/],
    ['logs 99999', /gatehouse queue shows the live ones\n$/],
    ['baseline set --repo nowhere --covered 1 --total 1 --reason why', /see gatehouse repo ls\n$/],
    ['repo thaw nowhere', /gatehouse repo ls\n$/],
  ];
  test.each(rows)('%s', async (words, next) => {
    const typed = words.replaceAll('TASK', id).replaceAll('FORGE', full.forge.path).split(' ');
    const said = await type(...typed);
    expect([said.exit, said.out]).toEqual([2, '']);
    expect(said.err.replaceAll(id, 'TASK')).toMatch(next);
  });

  test('an address that is none is said to be none, and nobody is told to start a service there', async () => {
    for (const url of ['foo', 'localhost:8787', 'ftp://a']) {
      const said = await cli(['queue', '--url', url]);
      expect([said.exit, said.err]).toEqual([
        2,
        `gatehouse: "${url}" is no address of a service: write http://host:port\n  next: gatehouse queue --help\n`,
      ]);
    }
  });

  test('a second service on the same data directory is told of the first one, whatever its port', async () => {
    const { port } = new URL(service.url);
    const settings = { ORCH_DATA_DIR: service.context.dataDir, ORCH_HOST: '127.0.0.1' };
    for (const taken of [port, '0']) {
      const started = await startService(settingsFrom({ ...settings, ORCH_PORT: taken }), silentLog);
      expect(started).toMatchObject({
        kind: 'not-started',
        problem: expect.stringMatching(/another service \(process \d+\) works on this data directory/),
      });
    }
    const elsewhere = { ...settings, ORCH_DATA_DIR: join(scratchFolder(), 'data'), ORCH_PORT: port };
    expect(await startService(settingsFrom(elsewhere), silentLog)).toMatchObject({
      problem: expect.stringMatching(/^port \S+ is taken/),
    });
  });
});

test('an address that wants a credential, where none is set, leads to the settings that name one', async () => {
  const gitea = await startDouble((await Forge.make(PROJECT)).path);
  const said = await type('repo', 'add', gitea.cloneUrl);
  expect(said.exit).toBe(2);
  expect(said.err).toContain(
    'lets nobody in without a credential; start the service with ORCH_GITEA_URL and ORCH_GITEA_TOKEN',
  );
  expect(said.err).toContain('--credential NAME');
  expect(said.err).not.toContain('has not expired');
});
