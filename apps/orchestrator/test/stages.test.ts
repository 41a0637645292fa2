import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckName, Stage } from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import type { CheckContext, TaskEvidence } from '../src/checks/port.ts';
import { QG_CHECKS } from '../src/checks/registry.ts';
import type { ServiceContext } from '../src/context.ts';
import { engineConfig } from '../src/policy/engine-config.ts';
import type { Store, Task } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { detectBranchChange } from '../src/worker/branch-changes.ts';
import { evidenceOf } from '../src/worker/task-evidence.ts';
import { workspacesIn } from '../src/workspace/workspace.ts';
import { contextFor } from './check-context.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const OPENS: readonly (readonly [CheckName, string, boolean])[] = [
  ['check_architecture_done', 'architecture_status: DONE', false],
  ['check_review_approved', 'verdict: APPROVED', true],
  ['check_tests_passed', 'result: PASS', true],
  ['check_staging_status', 'staging_status: SUCCESS', true],
  ['check_deploy_status', 'deploy_status: SUCCESS', false],
];
const HERE = 'a'.repeat(40);
const DEPLOYING = ['version: 1', 'deploy: { staging: "true", production: "true" }', ''].join('\n');

const contexts = new Map<string, Promise<CheckContext>>();

/** One repository per operator's file: what is asked here depends on nothing else. */
function contextUnder(operator: string): Promise<CheckContext> {
  const known = contexts.get(operator);
  if (known !== undefined) return known;
  const made = async () => {
    const folder = scratchFolder();
    const operatorFile = join(folder, 'operator.yaml');
    writeFileSync(operatorFile, operator);
    return contextFor(await Forge.make(PROJECT, folder), 'main', { operatorFile });
  };
  const context = made();
  contexts.set(operator, context);
  return context;
}

async function asked(check: CheckName, text: string, work: Partial<TaskEvidence> = {}, operator = DEPLOYING) {
  return QG_CHECKS[check]({
    ...(await contextUnder(operator)),
    evidence: {
      key: 'K-1',
      codeTree: HERE,
      copyOf: async () => ({ kind: 'copy', text, codeTree: HERE }),
      validated: false,
      ...work,
    },
  });
}

describe.each(OPENS)('%s', (check, opening, boundToCode) => {
  const [key = '', value = ''] = opening.split(': ');

  test('opens for its one value, in exact case, whatever else the front matter says', async () => {
    expect(await asked(check, `---\nby: me\n${opening}\n---\n\nfine\n`)).toMatchObject({ status: 'pass' });
  });

  test('sends the change back for any other value, with the text below as the finding', async () => {
    for (const other of [value.toLowerCase(), `${value}!`, 'NO', '']) {
      const verdict = await asked(check, `---\n${key}: "${other}"\n---\n\nthe second line is wrong\n`);
      expect([other, verdict.status]).toEqual([other, 'fail']);
      expect(verdict.findings).toEqual([{ rule: `report/${key}`, message: 'the second line is wrong' }]);
    }
    const silent = await asked(check, `---\n${key}: NO\n---\n`);
    expect(silent.findings[0]?.message).toMatch(/gives no reason/);
  });

  test('says nothing about what cannot be read', async () => {
    const broken = ['', opening, `---\n${opening}\n`, `---\n${opening}\n${opening}\n---\n`, '---\nother: x\n---\n'];
    for (const text of [...broken, `---\n${key}: [${value}]\n---\n`, `---\n${key}: &a ${value}\n---\n`])
      expect([text, (await asked(check, text)).status]).toEqual([text, 'error']);
    const none = { copyOf: async () => ({ kind: 'none', reason: 'left no report' }) as const };
    expect(await asked(check, '', none)).toMatchObject({
      status: 'error',
      cause: 'tool-failed',
      reason: 'left no report',
    });
  });

  test(`${boundToCode ? 'is' : 'is not'} about the very code that the branch holds`, async () => {
    const text = `---\n${opening}\n---\n`;
    const elsewhere = await asked(check, text, { codeTree: 'b'.repeat(40) });
    const unknown = await asked(check, text, { codeTree: null });
    expect([elsewhere.status, unknown.status]).toEqual(boundToCode ? ['error', 'error'] : ['pass', 'pass']);
  });
});

test('nothing is deployed where no deployer is configured, and the verdict says so', async () => {
  for (const check of ['check_staging_status', 'check_deploy_status'] as const)
    expect(await asked(check, '', {}, 'version: 1\n')).toMatchObject({
      status: 'skip',
      reason: expect.stringMatching(/neither deploy\.\w+ nor a deployer is configured/),
    });
});

test('a finding of a report is bounded', async () => {
  const verdict = await asked('check_review_approved', `---\nverdict: NO\n---\n${'long '.repeat(100_000)}`);
  expect(verdict.findings[0]?.message.length).toBeLessThan(7_000);
});

describe('the project’s own checks', () => {
  const ci = async (command: string | null) =>
    asked(
      'check_ci_green',
      '',
      {},
      ['version: 1', ...(command === null ? [] : [`ci: { command: '${command}' }`])].join('\n'),
    );

  test('blame the change for an exit by the command itself, and no change for anything else', async () => {
    expect(await ci('true')).toMatchObject({ status: 'pass', warnings: [] });
    const red = await ci('echo "line 7 is too long"; exit 3');
    expect(red).toMatchObject({
      status: 'fail',
      findings: [{ rule: 'ci', message: expect.stringMatching(/line 7 is too/) }],
    });
    expect(await ci('kill -9 $$')).toMatchObject({ status: 'defer', cause: 'infra' });
    expect(await ci('no-such-command-anywhere')).toMatchObject({ status: 'defer', cause: 'infra' });
    expect(await ci(null)).toMatchObject({ status: 'skip', reason: expect.stringMatching(/no ci\.command/) });
  });
});

describe('the copy that a check reads', () => {
  interface Scene {
    readonly store: Store;
    readonly context: ServiceContext;
    readonly folder: string;
    readonly forge: Forge;
  }

  async function scene(): Promise<Scene> {
    const folder = scratchFolder();
    const forge = await Forge.make(PROJECT, folder);
    const opened = openSqliteStore(join(folder, 'gatehouse.db'));
    if (opened.kind !== 'opened') throw opened.trouble;
    const { store } = opened;
    await store.addRepo({ id: 'app', url: forge.path, forge: 'local', main: 'main', profile: 'full', atMs: 1 });
    const task = {
      id: 't',
      repoId: 'app',
      profile: 'full',
      branch: 'b',
      key: 'K',
      title: 't',
      actor: 'a',
      atMs: 1,
    } as const;
    await store.addTask(task, engine);
    const agentRunner = { codeTree: async () => HERE };
    return {
      store,
      folder,
      forge,
      context: { store, agentRunner, workspaces: workspacesIn(folder, store) } as unknown as ServiceContext,
    };
  }
  const engine = engineConfig(settingsFrom({}));

  /** Lets the agent whose turn it is answer, with this report if it has one; answers its job. */
  async function work({ store, folder }: Scene, name?: string, text = '---\nverdict: APPROVED\n---\n') {
    const limits = { agents: 9, gateRuns: 9 };
    const job = await store.claimJob({
      workerId: 'w',
      kinds: ['agent', 'gate', 'reading'],
      nowMs: 1e9,
      leaseMs: 1e9,
      limits,
    });
    if (job === null || job.stage === null) throw new Error('nothing to claim');
    const token = { jobId: job.id, token: job.token };
    if (job.kind !== 'agent') {
      const verdict = { status: 'pass', reason: 'as said', findings: [] } as const;
      const event = { kind: 'check-answered', check: job.step as CheckName, verdict, atMs: 2 } as const;
      await store.applyEvent({ taskId: 't', event, engine, job: token });
      return job;
    }
    const path = join(folder, `${job.id}-${name}`);
    if (name !== undefined) writeFileSync(path, text);
    const digest = createHash('sha256').update(text).digest('hex');
    const row = { stage: job.stage, attempt: job.id, path, digest, codeTree: HERE, createdAt: 2 };
    const event = { kind: 'agent-answered', step: 'reviewer', answer: { kind: 'done' }, atMs: 2 } as const;
    const writes = name === undefined ? {} : { artefacts: [{ ...row, name }] };
    await store.applyEvent({
      taskId: 't',
      event: { ...event, step: job.step as 'reviewer' },
      engine,
      job: token,
      writes,
    });
    if (job.step === 'analyst')
      await store.applyEvent({
        taskId: 't',
        event: { kind: 'approved', check: 'check_analysis_approved', by: 'x', atMs: 2 },
        engine,
      });
    return job;
  }

  async function copy({ store, context, forge }: Scene, name = '12-review.md') {
    const task = await store.getTask('t');
    if (task === null) throw new Error('no task');
    const of = await evidenceOf({ service: context, task }, { gitDir: forge.path }, forge.head('main'));
    if (of === null) throw new Error('no work');
    return { stage: task.stage, answer: await of.copyOf(name) };
  }

  /** Up to the check of the review. */
  async function reviewed(at: Scene, review?: string): Promise<void> {
    await work(at);
    await work(at);
    await work(at);
    await work(at, '12-review.md');
    await work(at);
    await work(at, review);
  }

  test('is the one that this stage’s newest work left', async () => {
    const at = await scene();
    await reviewed(at, '12-review.md');
    expect(await copy(at)).toMatchObject({ stage: 'review', answer: { kind: 'copy', codeTree: HERE } });
    await at.store.close();
  });

  test('is none that another stage left under its name', async () => {
    const at = await scene();
    await reviewed(at);
    expect(await copy(at)).toMatchObject({
      stage: 'review',
      answer: { kind: 'none', reason: expect.stringMatching(/left no/) },
    });
    await at.store.close();
  });

  test('is none of an earlier attempt', async () => {
    const at = await scene();
    await reviewed(at, '12-review.md');
    const reject = { status: 'fail', reason: 'no', findings: [] } as const;
    await at.store.applyEvent({
      taskId: 't',
      event: { kind: 'check-answered', check: 'check_review_approved', verdict: reject, atMs: 3 },
      engine,
    });
    expect((await copy(at)).stage).toBe('development');
    for (const _ of ['developer', 'ci', 'reviewer']) await work(at);
    expect(await copy(at)).toMatchObject({
      stage: 'review',
      answer: { kind: 'none', reason: expect.stringMatching(/left no 12-review/) },
    });
    await at.store.close();
  });

  test('is none once another process changed it', async () => {
    const at = await scene();
    await reviewed(at, '12-review.md');
    const row = await at.store.findArtefact({ taskId: 't', name: '12-review.md', stage: 'review' as Stage });
    writeFileSync(row?.path ?? '', '---\nverdict: APPROVED\nby: somebody\n---\n');
    expect((await copy(at)).answer).toMatchObject({ kind: 'none', reason: expect.stringMatching(/was changed/) });
    await at.store.close();
  });
});

describe('what the forge says of a branch', () => {
  const task = (step: string | null, more: object = {}, state: object = {}) =>
    ({
      profile: 'full',
      headSha: HERE,
      ...more,
      state: { step, stage: 'development', landed: false, ...state },
    }) as unknown as Task;
  const OTHER = 'b'.repeat(40);

  test.each([
    ['nothing, where it is as recorded', task('reviewer'), HERE, null],
    ['nothing, before the first push', task('developer', { headSha: null }), null, null],
    ['nothing, while its developer may push', task('developer'), OTHER, null],
    ['a new head, once it is judged', task('check_ci_green'), OTHER, 'head-moved'],
    ['a new head, while it is read', task('reviewer'), OTHER, 'head-moved'],
    ['that it is gone', task('developer'), null, 'branch-gone'],
    ['nothing, once it has landed', task('deployer', {}, { landed: true, stage: 'deploy' }), null, null],
    ['a new head, in a queue for people', task('check_security_gate', { profile: 'gates-only' }), OTHER, 'head-moved'],
    ['nothing, where nothing is due', task(null), OTHER, null],
    [
      'a head to begin with, where none was judged',
      task('check_branch_mergeable', { headSha: null }),
      HERE,
      'head-moved',
    ],
    ['that it is gone, where there is none to judge', task('check_ci_green', { headSha: null }), null, 'branch-gone'],
  ])('is %s', (_title, row, head, change) => {
    expect(detectBranchChange(row, head)).toBe(change);
  });
});
