/** A token is planted, a service fetches, pushes, lands and is refused with it, and the token is looked for everywhere. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, type GitHost, gitHost, type Received } from '@gatehouse/doubles';
import { afterEach, expect } from '@jest/globals';
import { basicAuthorization } from '../src/forges/remote-of.ts';
import { jsonLog } from '../src/platform/logger.ts';
import type { RunningService } from '../src/running-service.ts';
import { ask, atRest, enqueue, ownToken, serviceOn, stopService, taskOf, until } from './live-gatehouse.ts';
import { cli, Room } from './recording-terminal.ts';
import { trust } from './remote-credential.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { describeWith, testWhole } from './tool-tests.ts';

const TOKEN = ['planted', '3f9a5c7e1b2d4860'].join('-');
const AUTHORIZATION = basicAuthorization(TOKEN);
/** As it was set, and as it goes to the host. */
const FORMS = [TOKEN, AUTHORIZATION.slice('Basic '.length)];
const forms = (text: string): string[] => FORMS.filter((form) => text.includes(form));

/** Command lines of every process of this machine that can be read now. */
function commandLines(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}

/** Every file below a folder as bytes, by path. */
const filesBelow = (folder: string): { readonly path: string; readonly text: string }[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .map((path) => ({ path, text: readFileSync(path, 'latin1') }));

/** A host that says back what it was sent, as a careless proxy does. */
const quoting =
  (status: number) =>
  ({ headers }: Received): Answer => ({
    status,
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from(`you sent authorization: ${headers['authorization']}, which is ${TOKEN}\n`),
  });

async function shownBy(service: RunningService): Promise<string> {
  const tasks = (await ask(service, '/tasks')).json as { id: string }[];
  const paths = [
    '/repos',
    '/queue',
    '/leases',
    '/',
    ...tasks.flatMap(({ id }) => [`/tasks/${id}`, `/tasks/${id}/events`]),
  ];
  return (await Promise.all(paths.map(async (path) => (await ask(service, path)).text))).join('\n');
}

describeWith('openssl')('a token that was planted', () => {
  const hosts: GitHost[] = [];
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.close()));
  });

  testWhole('goes to the host, and stands in no command line, log, row, answer or configuration of git', async () => {
    const folder = scratchFolder();
    const behind = await Forge.make(PROJECT, folder);
    const host: GitHost = await gitHost({ path: behind.path, authorization: AUTHORIZATION });
    hosts.push(host);
    trust(host.certificate);
    const seen: string[] = [];
    let refusal: ((received: Received) => Answer | null) | null = null;
    // Every request stands for a child of git that lives right now.
    host.inItsPlace = (received) => {
      seen.push(...forms(commandLines()));
      return refusal?.(received) ?? null;
    };
    const lines: string[] = [];
    const dataDir = join(folder, 'data');
    const environment = {
      ORCH_CREDENTIAL_WORK: TOKEN,
      ORCH_POLL_S: '5',
      ORCH_COVERAGE_ENABLED: 'false',
      ORCH_SECURITY_GATE_ENABLED: 'false',
    };
    const shell = { ...environment, NODE_EXTRA_CA_CERTS: host.certificate };
    const service = await serviceOn(
      dataDir,
      environment,
      jsonLog((line) => lines.push(line)),
    );
    const known = ['--url', service.url, '--token', ownToken(service)];
    const said = await cli(['repo', 'add', host.url, '--name', 'app', '--credential', 'work', ...known]);
    expect(said).toMatchObject({ exit: 0, out: expect.stringContaining('forge git, with the credential work') });
    expect((await cli(['repo', 'ls', ...known])).out).toMatch(/git +work +main +open/);

    const head = behind.push({ branch: 'good', from: 'main' }, { 'good.txt': '1\n' });
    const landed = await atRest(service, await enqueue(service, 'good'));
    expect(landed).toMatchObject({ stage: 'done', landed_sha: head });
    expect(behind.head('main')).toBe(head);

    behind.push({ branch: 'later', from: 'main' }, { 'later.txt': '1\n' });
    refusal = (received) => (received.path.endsWith('/git-receive-pack') ? quoting(403)(received) : null);
    const later = await enqueue(service, 'later');
    const refused = await until('the landing is refused', async () => {
      const { reason } = await taskOf(service, later);
      return (reason?.includes('403') ?? false) && reason;
    });
    expect(refused).toContain('does not let the credential work in');
    expect(behind.head('main')).toBe(head);
    await ask(service, `/tasks/${later}/stop`, { body: {} });

    // A branch that is enqueued is looked for at once, and who asked reads what came of it.
    const answers: string[] = [];
    for (const status of [401, 500]) {
      refusal = quoting(status);
      const asked = await ask(service, '/tasks', { body: { repo: 'app', branch: `asked-for-${status}` } });
      expect(asked).toMatchObject({ text: expect.stringContaining('git fetch') });
      answers.push(asked.text);
    }
    const room = new Room(scratchFolder());
    const gate = ['gate', 'merge', '--repo', host.url, '--branch', 'later', '--credential', 'work', '--json'];
    const turnedAway = await room.run(gate, shell);
    expect(turnedAway.exit).not.toBe(0);
    refusal = null;
    expect(await room.run(gate, shell)).toMatchObject({ exit: 0 });

    const shown = await shownBy(service);
    await stopService(service);
    expect(host.received.some(({ headers }) => headers['authorization'] === AUTHORIZATION)).toBe(true);
    expect(seen).toEqual([]);
    expect(forms(lines.join('\n'))).toEqual([]);
    expect(forms(`${shown}${answers}${said.out}${turnedAway.out}${turnedAway.err}`)).toEqual([]);
    const kept = filesBelow(dataDir);
    expect(kept.some(({ path }) => path.endsWith('mirrors/app.git/config'))).toBe(true);
    expect(kept.filter(({ text }) => forms(text).length > 0).map(({ path }) => path)).toEqual([]);
  });
});
