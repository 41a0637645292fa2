import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { agentRunnerWith } from '../src/agents/runner.ts';
import type { ScriptedAttempt } from '../src/agents/scripted/script.ts';
import type { ServiceContext } from '../src/context.ts';
import { forgeChooser } from '../src/forges/choose.ts';
import { loadPolicy } from '../src/policy/load-policy.ts';
import { alertLostMarkers } from '../src/worker/missing-markers.ts';
import { mirrorsIn } from '../src/workspace/mirrors.ts';
import { approveWhenAsked, askFor, fullProfile, GOOD, registerFull } from './full-profile.ts';
import { ask, atRest, type ShownTask, serviceOn, settingsFrom, taskOf, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

const last = (task: ShownTask, check: string) => task.checks.find((one) => one.check === check);
const DEPLOY = (folder: string) => [
  'deploy:',
  ...['staging', 'production'].map((name) => `  ${name}: ${JSON.stringify(`sh ${join(folder, `${name}.sh`)}`)}`),
];

describe('a deploy command that fails', () => {
  test('before landing sends the change back with its log; after landing a person is asked, and a retry deploys', async () => {
    const developer: ScriptedAttempt[] = [
      GOOD.developer,
      { expects: ['check_staging_status', 'the port is taken'], write: { 'port.txt': '2' }, commit: 'another port' },
    ];
    const full = await fullProfile({ ...GOOD, developer }, DEPLOY);
    const script = (name: string, line: string) => writeFileSync(join(full.folder, `${name}.sh`), `${line}\n`);
    script('staging', '[ -e port.txt ] || { echo "the port is taken"; exit 4; }');
    script('production', 'echo "no right to deploy"; exit 1');
    const service = await serviceOn(full.folder);
    await registerFull(service, full);
    const id = await askFor(service);
    await approveWhenAsked(service, id);
    const task = await atRest(service, id);
    expect(task).toMatchObject({ stage: 'deploy', status: 'blocked' });
    expect(task.checks.filter((one) => one.check === 'check_staging_status').map((one) => one.status)).toEqual([
      'pass',
      'fail',
    ]);
    const rows = (await service.context.store.listArtefacts(id)).filter((row) => row.name === '15-staging-log.md');
    expect(readFileSync(rows[0]?.path ?? '', 'utf8')).toMatch(
      /^---\nstaging_status: FAILED\nsha: "?[0-9a-f]{40}"?\nexit_status: 4\n---\n/,
    );
    expect(task.reason).toMatch(/^landed, not deployed: check_deploy_status/);
    expect(last(task, 'check_deploy_status')).toMatchObject({
      findings: [{ message: expect.stringContaining('no right to deploy') }],
    });
    expect(full.forge.head('main')).toBe(task.landed_sha);
    expect((await service.context.store.listLeases()).filter(({ releasedAt }) => releasedAt === null)).toEqual([]);
    script('production', `printf %s "$GATEHOUSE_TESTED_SHA" > ${join(full.folder, 'deployed')}`);
    expect((await ask(service, `/tasks/${id}/retry`, { body: {} })).status).toBe(200);
    expect(await atRest(service, id)).toMatchObject({ stage: 'done' });
    expect(readFileSync(join(full.folder, 'deployed'), 'utf8')).toBe(task.landed_sha);
  });
});

describe('deployments of one repository', () => {
  testWhole(
    'go one at a time, and never back: what a newer one contains is not deployed again, and that is said',
    async () => {
      const own = 'echo own > "$GATEHOUSE_TASK_NAME.txt" && git add . && git commit -qm own';
      const full = await fullProfile({ ...GOOD, developer: { shell: own } }, DEPLOY);
      const [log, go] = [join(full.folder, 'log'), join(full.folder, 'go')];
      const script = (name: string, ...lines: string[]) =>
        writeFileSync(join(full.folder, `${name}.sh`), `${lines.join('\n')}\n`);
      const told = (what: string) => `echo "${what} $GATEHOUSE_STAGE $GATEHOUSE_TESTED_SHA" >> ${log}`;
      script('staging', told('begin'), `until [ -e ${go} ]; do sleep 0.05; done`, told('end'));
      script('production', 'echo "no right to deploy"; exit 1');
      const service = await serviceOn(full.folder, { ORCH_MAX_CONCURRENCY: '4' });
      await registerFull(service, full);
      const first = await askFor(service);
      await approveWhenAsked(service, first);
      await until('the first is being staged', async () => existsSync(log));
      const second = await askFor(service, { key: 'K-2', title: 'Add another' });
      await approveWhenAsked(service, second);
      await until('the second waits for its turn', async () =>
        (await taskOf(service, second)).reason?.includes('waits for another deployment of app to end (deploy-staging)'),
      );
      expect(readFileSync(log, 'utf8')).toMatch(/^begin deploy-staging \S+\n$/);
      writeFileSync(go, '');
      for (const id of [first, second])
        expect(await atRest(service, id)).toMatchObject({ stage: 'deploy', status: 'blocked' });
      expect(readFileSync(log, 'utf8')).toMatch(/^(begin (deploy-staging \S+)\nend \2\n){2}/);
      script('production', told('live'));
      const landed = full.forge.mainMoves().slice(-2);
      const order = (await Promise.all([first, second].map(async (id) => taskOf(service, id)))).toSorted(
        (one, other) => landed.indexOf(one.landed_sha ?? '') - landed.indexOf(other.landed_sha ?? ''),
      );
      const [older, newer] = order.map(({ id }) => id);
      for (const id of [newer, older]) {
        expect((await ask(service, `/tasks/${id}/retry`, { body: {} })).status).toBe(200);
        expect(await atRest(service, id ?? '')).toMatchObject({ stage: 'done' });
      }
      expect(readFileSync(log, 'utf8').match(/^live .*$/gm)).toEqual([`live deploy ${full.forge.head('main')}`]);
      expect(last(await taskOf(service, older ?? ''), 'check_deploy_status')).toMatchObject({
        status: 'pass',
        reason: expect.stringMatching(
          new RegExp(
            `SUCCESS; nothing was deployed: ${full.forge.head('main').slice(0, 12)} of ${newer}, which contains it`,
          ),
        ),
      });
    },
  );

  test('whose command could not deploy now (exit status 75) blame nobody: it is asked again, and at once if a person wants', async () => {
    const full = await fullProfile(GOOD, DEPLOY);
    const busy = join(full.folder, 'busy');
    writeFileSync(busy, '');
    writeFileSync(
      join(full.folder, 'staging.sh'),
      `[ ! -e ${busy} ] || { rm ${busy}; echo "the host is away"; exit 75; }\n`,
    );
    writeFileSync(join(full.folder, 'production.sh'), '');
    const service = await serviceOn(full.folder, { ORCH_MERGE_INFRA_BACKOFF_S: '86400' });
    await registerFull(service, full);
    const id = await askFor(service);
    await approveWhenAsked(service, id);
    const { reason } = await until('it is asked again later', async () => {
      const task = await taskOf(service, id);
      return task.reason?.startsWith('asked again at') === true && task;
    });
    expect(reason).toMatch(
      / \(try 2 of 4\): the deploy command could not deploy now \(exit status 75\): the host is away$/,
    );
    const advice = (await ask(service, `/tasks/${id}`)).json as {
      next_steps: { command: string | null }[];
      job: number;
    };
    expect(advice.next_steps.map(({ command }) => command)).toEqual([
      `gatehouse logs ${advice.job}`,
      `gatehouse task retry ${id}`,
    ]);
    expect((await ask(service, `/jobs/${advice.job}/log`)).text).toContain('the host is away');
    expect((await ask(service, `/tasks/${id}/retry`, { body: {} })).status).toBe(200);
    expect(await atRest(service, id)).toMatchObject({ stage: 'done' });
    expect((await ask(service, `/tasks/${id}/retry`, { body: {} })).status).toBe(409);
    expect(full.forge.git('rev-list', '--count', 'main')).toBe('3');
    expect((await ask(service, `/tasks/${id}/events`)).text).toContain(
      'the deploy command could not deploy now (exit status 75): the host is away',
    );
  });
});

describe('a person', () => {
  testWhole(
    'who pushes while the change is read has that head judged from ci on, and may let one check of it pass',
    async () => {
      const reject: ScriptedAttempt = { report: { front: { verdict: 'REJECTED' }, body: 'no' } };
      const full = await fullProfile({ ...GOOD, reviewer: reject }, () => []);
      const [go, evil] = [join(full.folder, 'go'), join(full.folder, 'evil')];
      // A branch has no say in how it is deployed, not even once it has landed.
      const definition = `${PROJECT['gatehouse.yaml']}deploy: { staging: touch ${evil}, production: touch ${evil} }\n`;
      full.play({
        ...GOOD,
        developer: { write: { ...GOOD.developer.write, 'gatehouse.yaml': definition }, commit: 'deploy me my way' },
        reviewer: { ...reject, shell: `until [ -e ${go} ]; do sleep 0.1; done` },
      });
      const service = await serviceOn(full.folder, { ORCH_MAX_DEVELOPER_RETRIES: '0' });
      await registerFull(service, full);
      const id = await askFor(service);
      await approveWhenAsked(service, id);
      await until('it is read', async () => last(await taskOf(service, id), 'check_ci_green') !== undefined);
      const theirs = full.forge.push({ branch: 'feature/K-1-add-a-feature' }, { 'theirs.txt': 'theirs' });
      writeFileSync(go, '');
      const task = await atRest(service, id);
      expect(task).toMatchObject({ stage: 'review', status: 'blocked', head_sha: theirs });
      expect(task.checks.filter((one) => one.check === 'check_ci_green')).toHaveLength(2);
      const overrule = (head_sha: string) =>
        ask(service, `/tasks/${id}/override`, {
          body: { check: 'check_review_approved', head_sha, reason: 'I read it' },
        });
      expect((await overrule('1'.repeat(40))).status).toBe(409);
      expect((await overrule(theirs)).status).toBe(200);
      const end = await atRest(service, id);
      expect(end.stage).toBe('done');
      expect(last(end, 'check_review_approved')).toMatchObject({
        status: 'skip',
        reason: 'overridden by api-token: I read it',
      });
      const none = expect.stringMatching(/^neither deploy\.\w+ nor a deployer is configured$/);
      for (const check of ['check_staging_status', 'check_deploy_status'])
        expect(last(end, check)).toMatchObject({ status: 'skip', reason: none });
      expect(full.forge.git('show', 'main:gatehouse.yaml')).toContain('touch');
      expect(existsSync(evil)).toBe(false);
    },
  );
});

describe('a regression marker', () => {
  testWhole('that main lost by the time of a landing is one alert for the repository, and nothing else', async () => {
    const folder = scratchFolder();
    const marked = 'version: 1\nmarkers: [ { ticket: T-1, symbol: there, file: check.sh } ]\n';
    const forge = await Forge.make({ ...PROJECT, 'gatehouse.yaml': marked }, folder);
    const mirrors = mirrorsIn(join(folder, 'mirrors'), forgeChooser(new Map()));
    const base = forge.head('main');
    const lost = forge.push({ branch: 'main', message: 'lose it' }, { 'check.sh': 'exit 0\n' });
    await mirrors.refresh({ id: 'app', url: forge.path, forge: 'local', main: 'main' });
    const context = {
      mirrors,
      loadPolicy,
      agentRunner: agentRunnerWith({}),
      settings: settingsFrom({}),
    } as unknown as ServiceContext;
    const landing = { service: context, repo: { id: 'app', main: 'main', policyPath: null }, base };
    const alerts = (head: string) => alertLostMarkers(landing as Parameters<typeof alertLostMarkers>[0], head);
    expect(await alerts(base)).toEqual([]);
    const payload = { scope: 'repository', text: 'main of app has lost there in check.sh (T-1)' };
    expect(await alerts(lost)).toMatchObject([{ kind: 'alert', payload }]);
    expect((await alerts(lost))[0]?.dedupeKey).toBe((await alerts(lost))[0]?.dedupeKey);
  });
});
