/** Whatever is switched off, or leaves a repository out, is said in every place where somebody could rely on it. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkOf } from '../src/checks/definition.ts';
import type { CheckContext } from '../src/checks/port.ts';
import { pass } from '../src/checks/verdicts.ts';
import { doctorCommand } from '../src/cli/doctor-command.ts';
import { type Logger, silentLog } from '../src/platform/logger.ts';
import type { Environment } from '../src/platform/process-environment.ts';
import { GATE_NAMES, type GateName, KILL_SWITCHES, SWITCHES } from '../src/policy/switched-off.ts';
import { SETTINGS, type Settings } from '../src/settings.ts';
import type { Task } from '../src/store/port/index.ts';
import { decidePullRequest } from '../src/worker/pull-requests/decide.ts';
import { LIVES, live, sceneOf } from './advice-scene.ts';
import { ask, ownToken, serviceOn, settingsFrom } from './live-gatehouse.ts';
import { cli } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

interface Row {
  readonly environment: Environment;
  /** What is said wherever it is said. */
  readonly says: string;
  /** The gates whose verdicts say it, too. */
  readonly verdicts: readonly GateName[];
}

const FEED = { ORCH_OSV_URL: 'https://osv.example' } as const;
const without = (name: string): Environment => ({ ...FEED, [name]: 'false' });

const ROWS: Readonly<Record<string, Row>> = {
  ...Object.fromEntries(
    GATE_NAMES.flatMap((gate) => {
      const { enabled, repos } = SWITCHES[gate];
      return [
        [enabled, { environment: without(enabled), says: `the ${gate} gate is off (${enabled})`, verdicts: [gate] }],
        [repos, { environment: { ...FEED, [repos]: 'other' }, says: `app is not in ${repos}`, verdicts: [gate] }],
        [
          `${repos}, empty`,
          {
            environment: { ...FEED, [repos]: '', ORCH_SELF_REPO: 'self' },
            says: `app is not in ${repos}`,
            verdicts: [gate],
          },
        ],
      ];
    }),
  ),
  ...Object.fromEntries(
    KILL_SWITCHES.map(({ setting, words, bearsOn }) => [
      setting,
      { environment: setting.includes(',') ? {} : without(setting), says: `${words} (${setting})`, verdicts: bearsOn },
    ]),
  ),
};

const { path: forgePath } = await Forge.make(PROJECT);

/** A gate that would pass, asked with these settings. */
const verdictOf = (gate: GateName, settings: Settings): Promise<string> =>
  checkOf({ answer: async () => pass('fine'), gate })({ subject: { repo: 'app' }, settings } as CheckContext).then(
    ({ reason, warnings }) => [reason, ...warnings].join('\n'),
  );

/** Every place, by name, as somebody reads it. */
async function read(environment: Environment): Promise<Readonly<Record<string, string>>> {
  const said: string[] = [];
  const log: Logger = {
    ...silentLog,
    warn: (message, fields) => void said.push(`${message} ${JSON.stringify(fields)}`),
  };
  const dataDir = join(scratchFolder(), 'data');
  const first = await serviceOn(dataDir, environment);
  const typed = (service: typeof first, words: readonly string[]) =>
    cli([...words, '--url', service.url, '--token', ownToken(service)]);
  const added = await typed(first, ['repo', 'add', 'app', '--path', forgePath]);
  const doctorOfRepo = (await ask(first, '/repos/app/forge')).text;
  await first.stop();
  const service = await serviceOn(dataDir, environment, log);
  const settings = settingsFrom({ ORCH_DATA_DIR: dataDir, ...environment });
  const doctor = await doctorCommand(settings, { warnings: [], store: false });
  const board = await ask(service, '/', { headers: { accept: 'text/html' } });
  const notes = /<ul class="notes">(.*?)<\/ul>/s.exec(board.text)?.[1] ?? '';
  return {
    doctor: JSON.stringify(doctor.json),
    'doctor --repo': doctorOfRepo,
    'repo add': added.out,
    'GET /queue': JSON.stringify(((await ask(service, '/queue')).json as { off: unknown }).off),
    queue: (await typed(service, ['queue'])).out,
    board: notes,
    'log at start': said.filter((line) => line.startsWith('switched off')).join('\n'),
  };
}

test('the table has every kill-switch and every scope that there is', () => {
  const wanted = Object.entries(SETTINGS)
    .filter(([, { path, about }]) => about.includes('(kill-switch)') || /\.(enabled|audit|repos)$/.test(path))
    .map(([name]) => name);
  expect(Object.keys(ROWS)).toEqual(expect.arrayContaining(wanted));
  expect(wanted.length).toBeGreaterThanOrEqual(13);
});

test.each(Object.entries(ROWS))('%s', async (_, { environment, says, verdicts }) => {
  const places = await read(environment);
  // Without a service doctor does not know which repositories there are: it names the scope.
  const { doctor = '', ...others } = places;
  const scope = /is not in (\w+)/.exec(says)?.[1];
  expect(doctor).toContain(scope ?? says);
  for (const [place, text] of Object.entries(others))
    expect([place, text]).toEqual([place, expect.stringContaining(says)]);
  const settings = settingsFrom(environment);
  for (const gate of GATE_NAMES)
    expect([gate, (await verdictOf(gate, settings)).includes(says)]).toEqual([gate, verdicts.includes(gate)]);
});

test('where nothing is off nothing is said', async () => {
  const { doctor = '', ...others } = await read(FEED);
  expect(doctor).not.toMatch(/"name":"off"|it stops nothing|is off/);
  expect(others).toMatchObject({ 'GET /queue': '[]', board: '', 'log at start': '' });
  expect(`${others['repo add']}${others['queue']}`).not.toMatch(/\boff\b/i);
});

test('an empty scope is the repository itself, or all where none is named; an unset one is all', () => {
  const scopeOf = (environment: Environment) => settingsFrom(environment).coverage.repos;
  expect([scopeOf({}), scopeOf({ ORCH_COVERAGE_REPOS: '' })]).toEqual([['*'], []]);
});

test('with STOP off nobody stops a task: over HTTP, in a shell, at the board; and nobody is told to', async () => {
  const scene = await sceneOf({ ORCH_STOP_STATUS_ENABLED: 'false' });
  const life = LIVES['waits for a yes, with papers'];
  if (life === undefined) throw new Error('the state is there');
  const id = await live(scene, life);
  const said = await scene.type(['task', 'stop', id]);
  expect(said).toMatchObject({ exit: 2, err: expect.stringContaining('ORCH_STOP_STATUS_ENABLED') });
  expect((await scene.ask('POST', `/tasks/${id}/stop`)).status).toBe(409);
  expect(await scene.ask('GET', `/tasks/${id}`).then((answer) => answer.text())).not.toContain('task stop');
  const page = await scene.look(`/board/tasks/${id}`);
  expect(page).toContain('Say yes');
  expect(page).not.toMatch(/Stop…|\/stop"/);
  expect((await scene.context.store.getTask(id))?.cancelRequestedAt).toBeNull();
});

test('a comment that asks for a stop is answered with the setting, and takes nothing back', () => {
  const task = {
    pullRequest: 7,
    status: 'active',
    stage: 'deploy-staging',
    criticalToken: 1,
    state: { landed: false },
  };
  const decided = decidePullRequest({
    now: null,
    main: 'main',
    label: 'gatehouse',
    queuesOnApproval: false,
    remembered: null,
    task: task as Task,
    commands: [{ by: 'mia', verb: 'stop', commit: null, right: 'may' }],
    mayAuthorWrite: true,
    canStop: false,
    landedAt: null,
  });
  expect(decided).toEqual([{ kind: 'say', note: expect.stringContaining('ORCH_STOP_STATUS_ENABLED') }]);
});
