/** A service that does no work, tasks in every state a task can be in, and what is typed there. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { BlockReason, TaskState, WaitCause } from '@gatehouse/stage-engine';
import { afterAll } from '@jest/globals';
import { type Cancellations, createCancellations } from '../src/cancellation/cancellations.ts';
import { composeService } from '../src/compose.ts';
import type { ServiceContext } from '../src/context.ts';
import { createApp } from '../src/http/app.ts';
import { listen } from '../src/platform/listen.ts';
import { silentLog } from '../src/platform/logger.ts';
import type { Environment } from '../src/platform/process-environment.ts';
import type { NewGateRun, Task } from '../src/store/port/index.ts';
import { type Connection, connect } from '../src/store/sqlite/connection.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { cli, type Said } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const TOKEN = 'types-everything-that-is-advised';
const KEY = 'K-1';
const CHECK = 'check_branch_mergeable';
const BRANCH = 'feature/x';
const BRANCH_OF_AGENTS = `feature/${KEY}-do-it`;
const BRANCH_WITH_PAPERS = 'papers';

export interface Scene {
  readonly url: string;
  readonly context: ServiceContext;
  readonly forge: Forge;
  readonly cancellations: Cancellations;
  /** Changes rows by hand: the way to each state is long, and none of it is asked for here. */
  readonly run: (text: string, values?: Record<string, unknown>) => void;
  readonly type: (words: readonly string[]) => Promise<Said>;
  readonly ask: (method: string, path: string) => Promise<Response>;
  /** A page of the board, as a browser that is logged in gets it. */
  readonly look: (path: string) => Promise<string>;
}

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

export async function sceneOf(environment: Environment = {}): Promise<Scene> {
  const dataDir = join(scratchFolder(), 'data');
  const composed = await composeService(settingsFrom({ ORCH_DATA_DIR: dataDir, ...environment }), silentLog);
  if (composed.kind !== 'open') throw new Error(composed.problem);
  const { context } = composed;
  const connection: Connection = connect(join(dataDir, 'gatehouse.db'));
  const cancellations = createCancellations(context);
  const sha256 = createHash('sha256').update(TOKEN).digest();
  const { fetch } = createApp({
    service: context,
    condition: { current: () => ({ kind: 'sound' }), waits: () => ({ count: 0, totalMs: 0 }) },
    cancellations,
    tokens: [{ name: 'ops', scope: 'admin', sha256 }],
    hosts: new Set(['localhost', '127.0.0.1']),
  });
  const listening = await listen(fetch, { host: '127.0.0.1', port: 0 });
  if (listening.kind !== 'listening') throw new Error(listening.problem);
  const url = `http://127.0.0.1:${listening.port}`;
  closers.push(async () => {
    await listening.close();
    await cancellations.close();
    connection.sqlite.close();
    await composed.close();
  });
  const forge = await Forge.make(PROJECT);
  for (const branch of [BRANCH, BRANCH_OF_AGENTS]) forge.push({ branch, from: 'main' }, { 'b.txt': 'b\n' });
  forge.push({ branch: BRANCH_WITH_PAPERS, from: 'main' }, { [`docs/work-items/${KEY}/01-analysis.md`]: 'said\n' });
  return {
    url,
    context,
    forge,
    cancellations,
    run: (text, values = {}) => void connection.sqlite.prepare(text).run(values),
    type: (words) => cli([...words, '--url', url, '--token', TOKEN]),
    ask: (method, path) =>
      globalThis.fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        ...(method === 'POST' ? { body: '{}' } : {}),
      }),
    look: async (path) => {
      const headers = { accept: 'text/html', 'sec-fetch-site': 'same-origin' };
      const body = new URLSearchParams({ token: TOKEN });
      const way = await globalThis.fetch(`${url}/login`, { method: 'POST', headers, body, redirect: 'manual' });
      const cookie = way.headers.get('set-cookie')?.split(';')[0] ?? '';
      return (await globalThis.fetch(`${url}${path}`, { headers: { ...headers, cookie } })).text();
    },
  };
}

export interface Life {
  readonly profile: 'full' | 'gates-only';
  readonly stage?: Task['stage'];
  readonly status?: Task['status'];
  readonly state?: Partial<TaskState>;
  /** Columns of its row. */
  readonly row?: Readonly<Record<string, unknown>>;
  /** What its newest check found. */
  readonly rule?: string;
  readonly check?: NewGateRun['check'];
  readonly repo?: 'paused' | 'frozen';
  /** Its stop is asked for, and nothing of it is settled yet. */
  readonly isStopped?: 'unsettled' | 'settled';
  /** Papers of its analysis are on its branch. */
  readonly hasPapers?: boolean;
  readonly spent?: boolean;
}

const waiting = (cause: WaitCause, more: Partial<Life> = {}): Life => ({
  profile: 'gates-only',
  status: 'waiting',
  state: { waiting: { cause, reason: `waits for ${cause}` } },
  ...more,
});
const blocked = (reason: BlockReason, more: Partial<Life> = {}): Life => ({
  profile: 'gates-only',
  status: 'blocked',
  ...more,
  state: {
    blocked: { reason, detail: 'as the last answer says', remindAtMs: null, reminders: 0 },
    ...more.state,
  },
});
const cancelled = (ended: string, more: Partial<Life> = {}): Life => ({
  profile: 'gates-only',
  stage: 'cancelled',
  state: { ended, step: null },
  row: { cancelled_at: 1 },
  ...more,
});
const full = { profile: 'full' } as const;
const inAnalysis = {
  ...full,
  stage: 'analysis',
  state: { step: 'check_analysis_approved', waiting: { cause: 'approval', reason: 'a person has to approve' } },
} as const;

/** By name. Every block reason, every wait, every end. */
export const LIVES: Readonly<Record<string, Life>> = {
  'ready to be claimed': { profile: 'gates-only' },
  'ready, its repository paused': { profile: 'gates-only', repo: 'paused' },
  'ready, its repository frozen': { profile: 'gates-only', repo: 'frozen' },
  'waits for its turn': waiting('lock-busy'),
  'waits for main': waiting('main-broken'),
  'waits for ci': waiting('ci-pending'),
  'waits for leave to land': waiting('cannot-land'),
  'waits for a feed': waiting('feed-down'),
  'waits for a person to merge it': waiting('needs-merge'),
  'waits for a yes, with papers': { ...inAnalysis, status: 'waiting', hasPapers: true },
  'waits for a yes, with nothing to read': { ...inAnalysis, status: 'waiting', hasPapers: false },
  'removed for a conflict': blocked('removed', { rule: 'conflict' }),
  'removed for a secret': blocked('removed', {
    rule: 'secret/x',
    check: 'check_security_gate',
    state: { step: 'check_security_gate' },
  }),
  'removed for its test command': blocked('removed', { rule: 'gate-changed' }),
  'removed for a foreign host': blocked('removed', {
    rule: 'lock/foreign-host',
    check: 'check_security_gate',
    state: { step: 'check_security_gate' },
  }),
  'removed for coverage': blocked('removed', {
    rule: 'coverage/patch',
    check: 'check_coverage_gate',
    state: { step: 'check_coverage_gate' },
  }),
  'removed for red tests': blocked('removed', { rule: 'red-test' }),
  'removed for something else': blocked('removed', { rule: 'marker-lost' }),
  'kept moving': blocked('kept moving'),
  'waited too long': blocked('waited too long'),
  'attempts spent at a check': blocked('attempts spent'),
  'attempts spent by an agent': blocked('attempts spent', {
    ...full,
    stage: 'architecture',
    state: { step: 'architect' },
  }),
  'retries spent at a review': blocked('retries spent', {
    ...full,
    stage: 'review',
    check: 'check_review_approved',
    rule: 'report/verdict',
    state: { step: 'check_review_approved' },
  }),
  'retries spent at a gate': blocked('retries spent', { ...full, rule: 'gate-changed' }),
  'budget spent': blocked('budget spent', { ...full, stage: 'development', state: { step: 'developer' }, spent: true }),
  frozen: blocked('frozen', { repo: 'frozen', stage: 'deploy', state: { step: 'land' } }),
  'frozen, and thawed': blocked('frozen', { stage: 'deploy', state: { step: 'land' } }),
  'landed, not deployed': blocked('landed, not deployed', {
    ...full,
    stage: 'deploy',
    state: { step: 'check_deploy_status', landed: true },
  }),
  'stopped while it runs': {
    profile: 'gates-only',
    status: 'stopping',
    row: { cancel_requested_at: 1 },
    state: { stop: { why: 'stop', by: 'ops', atMs: 1 } },
  },
  'stopped while it lands': {
    profile: 'gates-only',
    stage: 'deploy',
    row: { cancel_requested_at: 1, critical_token: 1 },
    state: { step: 'land', stop: { why: 'stop', by: 'ops', atMs: 1 } },
  },
  'stopped, not cleaned up': { profile: 'gates-only', isStopped: 'unsettled' },
  'stopped, cleaned up': { profile: 'gates-only', isStopped: 'settled' },
  'of agents, stopped, not cleaned up': { ...full, isStopped: 'unsettled' },
  'of agents, stopped, cleaned up': { ...full, isStopped: 'settled' },
  'branch gone, and back': cancelled('branch-gone', {}),
  'nothing to land': cancelled('nothing-to-land: main has it'),
  'merged outside': cancelled('merged-outside: another tree'),
  done: { profile: 'gates-only', stage: 'done', state: { step: null, ended: 'done', landed: true } },
};

let serial = 0;

/** A repository of its own with one task in this state; gives the task's id. */
export async function live(scene: Scene, { profile, ...life }: Life): Promise<string> {
  const { context, forge, run } = scene;
  serial += 1;
  const repoId = `r${serial}`;
  const branch = profile === 'full' ? BRANCH_OF_AGENTS : BRANCH;
  // A clean-up after a stop deletes the branch that agents made.
  const own = profile === 'full' ? forge.copy() : forge;
  const url = `file://${own.path}`;
  await context.store.addRepo({ id: repoId, url, forge: 'local', main: 'main', profile, atMs: 1 });
  if (life.hasPapers !== undefined || life.isStopped !== undefined) await readMirror(scene, repoId);
  const headSha = life.hasPapers === true ? own.git('rev-parse', BRANCH_WITH_PAPERS) : heads(forge)[branch];
  if (headSha === undefined) throw new Error(`${branch} is there`);
  const added = await context.store.addTask(
    {
      id: `t-${serial}`,
      repoId,
      profile,
      branch,
      key: profile === 'full' ? KEY : branch,
      title: 'Do it',
      headSha,
      actor: 'test',
      atMs: 1,
    },
    context.engine,
  );
  if (added.kind !== 'added') throw new Error(added.kind);
  const id = added.task.id;
  if (life.isStopped !== undefined) {
    await context.store.requestStop({ taskId: id, reason: 'enough', actor: 'ops', atMs: 2, engine: context.engine });
    if (life.isStopped === 'settled') await settle(scene, id);
    return id;
  }
  await shape(scene, added.task, life);
  if (life.spent === true) await spend(context, id);
  if (life.row?.['cancelled_at'] !== undefined)
    run(`UPDATE tasks SET branch = branch || '~stopped~' || id, key = key || '~stopped~' || id WHERE id = :id`, { id });
  return id;
}

const knownHeads = new Map<Forge, Readonly<Record<string, string>>>();
function heads(of: Forge): Readonly<Record<string, string>> {
  const known = knownHeads.get(of) ?? {
    [BRANCH]: of.git('rev-parse', BRANCH),
    [BRANCH_OF_AGENTS]: of.git('rev-parse', BRANCH_OF_AGENTS),
  };
  knownHeads.set(of, known);
  return known;
}

/** Main and branches are in the mirror, as after a first look. */
async function readMirror({ context: { store, mirrors }, forge }: Scene, repoId: string): Promise<void> {
  const repo = await store.getRepo(repoId);
  if (repo === null) throw new Error('the repository was added');
  await mirrors.refresh(repo);
  await store.updateRepo(repoId, { mainSha: forge.git('rev-parse', 'main') }, { actor: 'test', atMs: 1 });
}

/** Settles the stop, as the service does in the background. */
export async function settle({ context, cancellations }: Scene, id: string): Promise<void> {
  for (;;) {
    const task = await context.store.getTask(id);
    if (task === null || task.cancelledAt !== null) return;
    await cancellations.resumePending();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function shape({ context, run }: Scene, task: Task, life: Omit<Life, 'profile'>): Promise<void> {
  const { id, repoId } = task;
  const { stage = task.profile === 'full' ? 'deploy-staging' : task.stage, status = 'active', row = {} } = life;
  const known = { ...task.state, stage, status, step: CHECK, ...life.state };
  const isOver = stage === 'done' || stage === 'cancelled';
  run(`UPDATE tasks SET state_json = :state, stage = :stage, status = :status WHERE id = :id`, {
    id,
    state: JSON.stringify(known),
    stage,
    status,
  });
  for (const [name, value] of Object.entries(row))
    run(`UPDATE tasks SET ${name} = :value WHERE id = :id`, { id, value });
  const job = isOver || status !== 'active' ? 'cancelled' : 'ready';
  run(`UPDATE jobs SET state = :job WHERE task_id = :id`, { id, job });
  if (life.repo === 'paused') run('UPDATE repos SET paused = 1 WHERE id = :repoId', { repoId });
  if (life.repo === 'frozen') run(`UPDATE repos SET frozen_reason = 'odd' WHERE id = :repoId`, { repoId });
  const { check = CHECK, rule } = life;
  if (rule !== undefined)
    await context.store.recordGateRun(id, {
      check,
      baseSha: null,
      headSha: task.headSha,
      testedSha: null,
      tree: null,
      status: 'fail',
      cause: null,
      reason: 'as the finding says',
      findings: [{ rule, message: 'it is so' }],
      warnings: [],
      artefact: null,
      durationMs: 1,
      gateDigest: null,
      createdAt: 2,
      basis: null,
      basisRun: null,
    });
}

async function spend({ store }: ServiceContext, taskId: string): Promise<void> {
  await store.setBudget(taskId, { attempts: 1 }, { actor: 'ops', atMs: 1 });
  const [job] = await store.listJobs({ taskId });
  const run = {
    taskId,
    jobId: job?.id ?? 0,
    jobToken: 1,
    role: 'analyst',
    stage: 'analysis',
    reportsDir: '/none',
    startedAt: 1,
  } as const;
  await store.endAgentRun(await store.beginAgentRun({ ...run, budget: { attempts: 1 } }), {
    endedAt: 2,
    tokens: null,
    costMicros: null,
    refused: null,
  });
}

const readBefore = new Map<string, readonly string[]>();

/** The words of a command as a shell takes them, without `gatehouse`. */
export function wordsOf(command: string): readonly string[] {
  const known = readBefore.get(command);
  if (known !== undefined) return known;
  const said = execFileSync('sh', ['-c', `gatehouse() { printf '%s\\0' "$@"; }; ${command}`], { encoding: 'utf8' });
  const words = said.split('\0').slice(0, -1);
  readBefore.set(command, words);
  return words;
}
