import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateRefName } from '@gatehouse/git';
import {
  type Api,
  apiClient,
  openSqliteStore,
  parsePolicyFile,
  parseScript,
  parseSettings,
  silentLog,
  startService,
  type Terminal,
} from '@gatehouse/orchestrator/testing';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type AuditFullProfileContext, auditFullProfile } from '../src/full-profile-audit.ts';
import { runFullProfile } from '../src/full-profile-run.ts';
import { type FullProfileExpected, fullProfileScenarios, scriptOf } from '../src/full-profile-scenarios.ts';
import { type FullProfileSetup, prepareFullProfile } from '../src/full-profile-setup.ts';
import { stopWhileRunning } from '../src/stop-while-running.ts';
import { Forge, scratchFolder } from './scratch-forge.ts';

const isWhole = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';

/** Its output is not read, and no signal comes. */
const terminal: Terminal = {
  out: () => {},
  err: () => {},
  cwd: '/',
  interactive: false,
  signal: new AbortController().signal,
};

describe('the scenarios of the agents', () => {
  const all = fullProfileScenarios('a-token', 'a-marker');

  test('have keys and branches of their own, and wait only for one that comes before', () => {
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
    for (const [index, { key, after }] of all.entries()) {
      expect(validateRefName(`feature/${key}-x`)).toMatchObject({ kind: 'valid' });
      if (after !== undefined) expect(all.slice(0, index).map((one) => one.key)).toContain(after);
    }
  });

  test('are a script that the scripted agent accepts, with every way to end in it', () => {
    expect(parseScript(JSON.stringify(scriptOf(all)))).toMatchObject({ kind: 'script' });
    expect(new Set(all.map(({ expected }) => expected.end))).toEqual(new Set(['landed', 'blocked', 'stopped']));
    const back = all.flatMap(({ expected }) =>
      expected.end === 'landed' && expected.sentBack ? [expected.sentBack.by] : [],
    );
    expect(back.sort()).toEqual(['check_review_approved', 'check_security_gate']);
  });
});

describe('playing the person', () => {
  const BLOCKED = { status: 'blocked', cause: null };
  const LEFT_TO_A_PERSON = { status: 'waiting', cause: 'needs-merge' };

  /** A service on which the first task rests and nothing ever moves. */
  const play = (
    after: string | undefined,
    deadline: number,
    rest: { status: string; cause: string | null } = BLOCKED,
  ) => {
    const tasks: {
      id: string;
      branch: string;
      stage: string;
      status: string;
      step: null;
      cause: string | null;
      reason: null;
    }[] = [];
    const api: Api = {
      get: async () => ({ kind: 'ok', body: tasks }),
      post: async (_path, body) => {
        const { key } = body as { key?: string };
        const how = tasks.length === 0 ? rest : { status: 'active', cause: null };
        const task = { id: `t-${key}`, branch: `feature/${key}`, stage: 'analysis', step: null, reason: null, ...how };
        if (key !== undefined) tasks.push(task);
        return { kind: 'ok', body: task };
      },
    };
    const scenario = { title: 'x', description: 'x', expected: { end: 'landed' } };
    const scenarios = [
      { ...scenario, key: 'first' },
      { ...scenario, key: 'second', ...(after === undefined ? {} : { after }) },
    ];
    const setup = { scenarios, repo: 'r', forge: 'f', policy: 'p' } as unknown as FullProfileSetup;
    return runFullProfile({ setup, api, deadline, terminal });
  };

  test.each([BLOCKED, LEFT_TO_A_PERSON])('ends when all that is left waits for one that is %j', async (rest) => {
    expect(await play('first', Date.now() + 800_000, rest)).toMatchObject({ kind: 'ended', late: [] });
  });

  test('stops nothing that ended before it was seen, and does not wait for it', async () => {
    const posted: string[] = [];
    const task = { stage: 'deploy-staging', status: 'blocked', cause: 'removed', settled_at: null };
    const api: Api = {
      get: async () => ({ kind: 'ok', body: task }),
      post: async (path) => {
        posted.push(path);
        return { kind: 'ok', body: {} };
      },
    };
    const deadline = Date.now() + 800_000;
    await stopWhileRunning({ api, id: 't', marker: 'on-no-command-line-of-this-machine', deadline, terminal });
    expect(posted).toEqual([]);
  });

  test('ends at the deadline and says where what is left stands', async () => {
    const late = ['feature/second did not end in time; it is analysis/active'];
    expect(await play(undefined, 0)).toMatchObject({ kind: 'ended', late });
  });
});

/** Over the real endings of one agent's task, which is dear; `npm start` plays and audits all of them. */
(isWhole ? describe : describe.skip)(
  `the audit of the agents${isWhole ? '' : ' [skipped: GATEHOUSE_REQUIRE_TOOLS=1 runs it]'}`,
  () => {
    let context: AuditFullProfileContext;
    let setup: FullProfileSetup;
    let forge: Forge;
    let prompts: string;

    beforeAll(async () => {
      const root = scratchFolder();
      const prepared = await prepareFullProfile({
        root,
        marker: 'm',
        secret: 'a-secret-of-the-demo',
        timeoutSeconds: 60,
      });
      if (prepared.kind !== 'prepared') throw new Error(prepared.problem);
      const policy = parsePolicyFile(readFileSync(prepared.policy, 'utf8'), 'operator.yaml');
      expect(policy).toMatchObject({ kind: 'policy', policy: { agents: { timeout: 60_000 } } });
      setup = { ...prepared, scenarios: prepared.scenarios.filter(({ key }) => key === 'P-4') };
      forge = Forge.at(setup.forge);
      const before = forge.head('main');
      const read = parseSettings({
        ORCH_DATA_DIR: join(root, 'data'),
        ORCH_PORT: '0',
        ORCH_POLL_S: '0.2',
        ORCH_MERGE_INFRA_BACKOFF_S: '0.2',
        ORCH_STOP_GRACE_S: '0.5',
      });
      if (read.kind !== 'settings') throw new Error(read.problems.join('; '));
      const service = await startService(read.settings, silentLog);
      if (service.kind !== 'running') throw new Error(service.problem);
      const api = await apiClient(service.context.settings, { url: service.url });
      const played = await runFullProfile({ setup, api, deadline: Date.now() + 800_000, terminal }).finally(
        service.stop,
      );
      if (played.kind !== 'ended') throw new Error(JSON.stringify(played.answer));
      expect(played.late).toEqual([]);
      const { dataDir } = service.context;
      const opened = openSqliteStore(join(dataDir, 'gatehouse.db'));
      if (opened.kind !== 'opened') throw opened.trouble;
      context = { setup, tasks: played.ids, store: opened.store, dataDir, before };
      prompts = join(dataDir, 'reports', played.ids.get('P-4') ?? '');
    });

    const breaches = async (other: Partial<AuditFullProfileContext> = {}): Promise<string> =>
      (await auditFullProfile({ ...context, ...other })).breaches.join('\n');
    const expecting = (expected: FullProfileExpected): Partial<AuditFullProfileContext> => ({
      setup: { ...setup, scenarios: setup.scenarios.map((one) => ({ ...one, expected })) },
    });

    test('finds nothing when everything is as it must be', async () => {
      const { endings, breaches: found } = await auditFullProfile(context);
      expect(found).toEqual([]);
      expect(endings).toMatchObject([{ landed: true, asExpected: true, why: 'landed and deployed' }]);
    });

    test('finds an ending that is not the expected one', async () => {
      expect(await breaches({ tasks: new Map() })).toMatch(/never asked for/);
      expect(await breaches(expecting({ end: 'blocked', stage: 'review', reason: /x/ }))).toMatch(
        /landed, but must not/,
      );
      expect(await breaches(expecting({ end: 'stopped', whileRunning: 'm' }))).toMatch(/landed, but was stopped/);
      expect(await breaches(expecting({ end: 'landed' }))).toMatch(/was sent back by check_review_approved/);
      const sentBack = { by: 'check_review_approved', told: 'another reason' } as const;
      expect(await breaches(expecting({ end: 'landed', sentBack }))).toMatch(/was not told why it came back/);
      const told = { ...sentBack, told: 'an account without a name' };
      const without = ['src/initials.mjs'];
      expect(await breaches(expecting({ end: 'landed', sentBack: told, without }))).toMatch(
        /main holds src\/initials\.mjs/,
      );
    });

    test('finds a prompt that holds a secret', async () => {
      expect(await breaches({ setup: { ...setup, secret: 'Write initials of accounts' } })).toMatch(/tells the secret/);
    });

    test('finds what was deployed without having landed, and what landed without being deployed', async () => {
      const { production, staging } = setup.deployed;
      const [was, staged] = [readFileSync(production, 'utf8'), readFileSync(staging, 'utf8')];
      appendFileSync(production, `${'1'.repeat(40)}\n`);
      expect(await breaches()).toMatch(/^111111111111 was deployed, but never landed$/);
      writeFileSync(production, '');
      expect(await breaches()).toMatch(/landed, but was not deployed/);
      writeFileSync(production, was);
      writeFileSync(staging, '');
      expect(await breaches()).toMatch(/landed, but staging never ran it/);
      writeFileSync(staging, staged);
    });

    test('finds a report that is not what was kept, and a prompt that is gone', async () => {
      const rows = await context.store.listArtefacts(context.tasks.get('P-4') ?? '');
      const path = rows.findLast((row) => row.name === '12-review.md')?.path ?? '';
      const was = readFileSync(path, 'utf8');
      writeFileSync(path, `${was}more\n`);
      expect(await breaches()).toMatch(/12-review\.md is not what was kept/);
      writeFileSync(path, was);
      const jobs = await context.store.listJobs({ taskId: context.tasks.get('P-4') ?? '' });
      const developer = jobs.find((job) => job.step === 'developer')?.id;
      const prompt = join(prompts, `${developer}-1`, 'prompt.md');
      renameSync(prompt, `${prompt}.away`);
      expect(await breaches()).toMatch(/the prompt of job \d+ cannot be read/);
      renameSync(`${prompt}.away`, prompt);
    });

    test('finds an approval that no person gave, and a later report than the one that was judged', async () => {
      const id = context.tasks.get('P-4') ?? '';
      const unapproved = { ...context.store, taskEvents: async () => [] };
      expect(await breaches({ store: unapproved })).toMatch(/nobody approved its analysis/);
      const jobs = await context.store.listJobs({ taskId: id });
      const later = jobs.map((job) => (job.step === 'reviewer' ? { ...job, id: job.id + 1_000 } : job));
      expect(await breaches({ store: { ...context.store, listJobs: async () => later } })).toMatch(
        /the last work on review left no 12-review\.md/,
      );
    });

    test('finds a commit on main that no landing brought', async () => {
      forge.push({ branch: 'main', message: 'sneaked in' }, { 'x.txt': 'x' });
      expect(await breaches()).toMatch(/main holds [0-9a-f]{12} \(sneaked in\), which no landing brought/);
    });
  },
);
