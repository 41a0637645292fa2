/** What a newcomer does wrong first. Each mistake is reported in one line with the next step, and leaves nothing behind. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { processesNaming } from '../src/platform/processes.ts';
import { ask, enqueue, ownToken, register, serviceOn, until } from './live-gatehouse.ts';
import { cli, Room, type Said } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

interface Mistake {
  readonly words: readonly string[];
  readonly exit: 2 | 3 | 125;
  readonly says: RegExp;
}
type Environment = Readonly<Record<string, string>>;

/** What is wrong, without progress and hints. */
const problems = (err: string): string[] =>
  err.split('\n').filter((line) => /^(gatehouse: (?!fetching|check_)|error: )/.test(line));

/** Makes the mistake in a directory of its own, and reads what is left afterwards. */
async function make(mistake: Mistake, run: (room: Room) => Promise<Said>): Promise<void> {
  const folder = scratchFolder();
  const room = new Room(folder);
  writeFileSync(join(room.cwd, 'regular-file'), 'a file\n');
  mkdirSync(join(room.cwd, 'empty'));
  const before = room.listing();
  const { exit, out, err } = await run(room);
  expect({ exit, err }).toEqual({ exit: mistake.exit, err: expect.stringMatching(mistake.says) });
  expect(problems(err)).toHaveLength(1);
  expect(err).not.toMatch(/\n\s+at |node:internal|Error:/);
  expect(out).toBe('');
  expect(room.listing()).toEqual(before);
  expect(await processesNaming(folder)).toEqual([]);
}
const makeOutside = (mistake: Mistake, env: Environment = {}): Promise<void> =>
  make(mistake, (room) => room.run(mistake.words, env));
const makeHere = (mistake: Mistake): Promise<void> => make(mistake, (room) => cli(mistake.words, room.cwd));

describe('without git on PATH', () => {
  const env = { PATH: '/nonexistent' };
  test('the service and a gate say to install it', () =>
    Promise.all([
      makeOutside({ words: ['serve'], exit: 3, says: /git.*not on PATH; install/ }, env),
      makeOutside(
        { words: ['gate', 'all', '--repo', 'empty', '--branch', 'x'], exit: 3, says: /git.*not on PATH; install/ },
        env,
      ),
    ]));

  test('doctor says it with everything else', async () => {
    const room = new Room(scratchFolder());
    const said = await room.run(['doctor'], { ...env, ORCH_DATA_DIR: room.temp });
    expect(said).toMatchObject({ exit: 3, out: expect.stringMatching(/git +bad .*install git 2\.39 or newer/) });
  });

  test('doctor leaves no directory where no service was', async () => {
    const room = new Room(scratchFolder());
    const dataDir = join(room.temp, 'data');
    await room.run(['doctor'], { ...env, ORCH_DATA_DIR: dataDir });
    expect(existsSync(dataDir)).toBe(false);
  });
});

test('a data directory below a regular file is named, with the setting', () =>
  makeOutside(
    {
      words: ['serve'],
      exit: 3,
      says: /regular-file\/data.* cannot be used: .*file, not a directory; set ORCH_DATA_DIR/,
    },
    { ORCH_DATA_DIR: 'regular-file/data', ORCH_PORT: '0' },
  ));

test('a setting that is none is named with its value', () =>
  makeOutside(
    { words: ['serve'], exit: 2, says: /ORCH_PORT: must be a whole number.*eighty/ },
    { ORCH_PORT: 'eighty' },
  ));

describe('a mistake on the command line', () => {
  const gate = (...words: string[]) => ['gate', 'all', '--branch', 'x', ...words];
  const mistakes: readonly (readonly [string, Mistake])[] = [
    ['an unknown command', { words: ['sreve'], exit: 2, says: /Did you mean serve\?/ }],
    ['a missing option', { words: ['gate', 'all'], exit: 2, says: /--repo/ }],
    ['an unknown option', { words: ['queue', '--jsn'], exit: 2, says: /Did you mean --json\?/ }],
    [
      'an unknown gate',
      { words: ['gate', 'securty', '--repo', '.', '--branch', 'x'], exit: 2, says: /did you mean security\?/ },
    ],
    ['no repository', { words: gate('--repo', 'nowhere'), exit: 2, says: /nowhere: there is no such directory/ }],
    ['no configuration', { words: gate('--repo', '.', '--config', 'no.yaml'), exit: 2, says: /no such file/ }],
    ['a missing report', { words: ['coverage', 'read', 'no.info'], exit: 3, says: /no\.info/ }],
    ['a bad duration', { words: ['run', '--timeout', 'soon', '--', 'true'], exit: 125, says: /soon.*write 90s/ }],
    ['nothing to run', { words: ['run'], exit: 125, says: /gatehouse run --timeout/ }],
  ];
  test.each(mistakes)('%s is one line with the next step', (_title, mistake) => makeHere(mistake));

  test('a branch name that a shell or git could take for something else is refused and reaches no program', async () => {
    for (const branch of [
      '--upload-pack=touch x',
      '$(touch x)',
      'a..b',
      'a b',
      '../../x',
      'a\nb',
      'refs/heads/x.lock',
      '',
    ])
      await makeHere({
        words: ['gate', 'all', '--repo', 'empty', `--branch=${branch}`],
        exit: 2,
        says: /^gatehouse: the branch name .* cannot be used/,
      });
  });
});

describe('a mistake about a repository', () => {
  let forge: Forge;
  beforeAll(async () => {
    forge = await Forge.make(PROJECT);
    forge.push({ branch: 'feature/good', from: 'main' }, { 'a.txt': 'a' });
    forge.push({ branch: 'syntax', from: 'main' }, { 'gatehouse.yaml': 'version: 1\ntest: { command: [\n' });
    forge.push({ branch: 'unknown-key', from: 'main' }, { 'gatehouse.yaml': 'version: 1\ntest: { comand: x }\n' });
  });
  const gate = (branch: string, base: string, repo = forge.path) => [
    'gate',
    'all',
    '--repo',
    repo,
    '--branch',
    branch,
    '--base',
    base,
  ];

  test('a branch that is not there names the nearest one, and a directory that is no repository is said to be none', () =>
    Promise.all([
      makeOutside({
        words: gate('feature/god', 'main'),
        exit: 2,
        says: /no branch "feature\/god"; did you mean feature\/good\?/,
      }),
      makeOutside({
        words: gate('feature/good', 'mian'),
        exit: 2,
        says: /no branch "mian"; did you mean main\? \(pass another with --base\)/,
      }),
      makeOutside({ words: gate('x', 'main', 'empty'), exit: 3, says: /empty cannot be read/ }),
    ]));

  test('a broken gatehouse.yaml names its line, and an unknown key the nearest one', () =>
    Promise.all([
      makeOutside({ words: gate('feature/good', 'syntax'), exit: 2, says: /gatehouse\.yaml at [0-9a-f]{12}:\d+: / }),
      makeOutside({
        words: gate('feature/good', 'unknown-key'),
        exit: 2,
        says: /unknown key test\.comand; did you mean command\?/,
      }),
    ]));
});

describe('a mistake about a running service', () => {
  test('a wrong token, an unknown repository and a branch that was never pushed are reported in the service’s words', async () => {
    const folder = scratchFolder();
    const forge = await Forge.make(PROJECT, folder);
    const service = await serviceOn(join(folder, 'data'));
    await register(service, forge.path);
    const there = ['--url', service.url];
    const known = [...there, '--token', ownToken(service)];
    await makeOutside({ words: ['queue', ...there], exit: 2, says: /token is (needed|not known)/ });
    const add = (repo: string, branch: string) => ['task', 'add', ...known, '--repo', repo, '--branch', branch];
    const mistakes: readonly Mistake[] = [
      { words: ['queue', ...there, '--token', 'a-wrong-token'], exit: 2, says: /not known; check ORCH_API_TOKEN/ },
      { words: add('ap', 'x'), exit: 2, says: /did you mean app\?/ },
      { words: add('app', 'feature/none'), exit: 2, says: /no branch "feature\/none"; push it first/ },
      { words: ['task', 'show', '../repos', ...known], exit: 2, says: /no task is called/ },
      { words: ['task', 'retry', 't-1', ...known], exit: 2, says: /no task is called/ },
      { words: ['repo', 'add', 'b', '--path', 'empty', ...known], exit: 2, says: /empty.*git clone --bare/ },
    ];
    for (const mistake of mistakes) await makeHere(mistake);
    expect((await ask(service, '/tasks')).json).toEqual([]);
  });

  test('a port that is taken names the port and the setting', async () => {
    const taken = createTcpServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    const { port } = taken.address() as AddressInfo;
    const says = new RegExp(`127.0.0.1:${port} is taken; .*ORCH_PORT`);
    await makeOutside({ words: ['serve'], exit: 3, says }, { ORCH_PORT: String(port) });
    // By this variable Node takes itself for a worker of a cluster, and would ask a primary for the port.
    await makeOutside({ words: ['serve'], exit: 3, says }, { ORCH_PORT: String(port), NODE_UNIQUE_ID: '1' });
    await new Promise((closed) => taken.close(closed));
    const url = `http://127.0.0.1:${port}`;
    await makeHere({
      words: ['queue', '--url', url],
      exit: 3,
      says: /no service answers .*start one with `gatehouse serve`/,
    });
  });

  test('something else that answers on the port is not believed', async () => {
    const other = createServer((_request, response) => response.end('<html>hello</html>'));
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    for (const words of [['queue'], ['task', 'ls'], ['repo', 'ls']])
      await makeHere({ words: [...words, '--url', url], exit: 3, says: /not a Gatehouse service/ });
    await makeHere({ words: ['queue', '--url', 'localhost'], exit: 2, says: /"localhost" is no address of a service/ });
    await new Promise((closed) => other.close(closed));
  });
});

test('a typing error in gatehouse.yaml is what the queue and the task say, from the first try on', async () => {
  const service = await serviceOn(join(scratchFolder(), 'data'));
  const forge = await Forge.make({ ...PROJECT, 'gatehouse.yaml': 'version: 1\ntets: { command: npm test }\n' });
  forge.push({ branch: 'task', from: 'main' }, { 'a.txt': 'a change\n' });
  await register(service, forge.path);
  const id = await enqueue(service, 'task');
  const says = /^asked again at \S+ \(try \d of 4\): the gate definition cannot be used: gatehouse.yaml.*tets/;
  const told = await until('the task says why it waits', async () => {
    const shown = (await ask(service, `/tasks/${id}`)).json as { reason: string | null; checks: { reason: string }[] };
    return says.test(shown.reason ?? '') ? shown : null;
  });
  expect(told.checks.map(({ reason }) => reason)).toContainEqual(expect.stringMatching(/cannot be used.*tets/));
});
