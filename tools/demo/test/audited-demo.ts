/** Evidence of a small demo, built by hand: a forge, rows, a report. Tests then spoil one piece of it at a time. */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeArtefact } from '@gatehouse/artefact';
import { importHistory } from '@gatehouse/git';
import {
  type ClaimedJob,
  collectReportRecords,
  type Engine,
  engineConfig,
  type NewGateRun,
  openSqliteStore,
  parseSettings,
  type Store,
} from '@gatehouse/orchestrator/testing';
import { computeSecurityVerdict, scanSecrets, writeSecurityReport } from '@gatehouse/security-gate';
import type { CheckName } from '@gatehouse/stage-engine';
import type { AuditContext } from '../src/audit.ts';
import { historyStream } from '../src/history.ts';
import type { Commit, Scenario } from '../src/scenarios.ts';
import { Forge, scratchFolder } from './scratch-forge.ts';

const commit = (message: string, files: Commit['files']): Commit => ({ message, files });
const leaked = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'good',
    branch: 'feature/good',
    title: 'good',
    from: 'second',
    commits: [commit('one', { 'a.txt': 'a' }), commit('two', { 'b.txt': 'b' })],
    expected: { end: 'landed' },
  },
  {
    name: 'red',
    branch: 'feature/red',
    title: 'red',
    from: 'second',
    commits: [commit('broken', { broken: '' })],
    expected: { end: 'kept-out', check: 'check_branch_mergeable', status: 'fail', rule: 'red-run' },
  },
  {
    name: 'leak',
    branch: 'feature/leak',
    title: 'leak',
    from: 'second',
    commits: [commit('leak', { key: `${leaked}\n` })],
    expected: { end: 'kept-out', check: 'check_security_gate', status: 'fail' },
  },
];

export interface Demo {
  readonly context: AuditContext;
  readonly forge: Forge;
  readonly store: Store;
  /** Of the security report. */
  readonly report: string;
  readonly close: () => Promise<void>;
}

type Verdict = Pick<NewGateRun, 'status' | 'findings'>;
const PASS: Verdict = { status: 'pass', findings: [] };

interface Evidence {
  /** Where records say that the files lie; each demo is laid out there again. */
  readonly folder: string;
  readonly saved: string;
  readonly before: string;
}

const kept = new Map<CheckName | undefined, Promise<Evidence>>();

/**
 * Everything as it must be. `unrecorded` leaves the row of one check out of the good branch's record. Evidence is made once and
 * copied from then on: one demo of a kind at a time.
 */
export async function auditedDemo(unrecorded?: CheckName): Promise<Demo> {
  const made = kept.get(unrecorded) ?? makeEvidence(unrecorded);
  kept.set(unrecorded, made);
  const { folder, saved, before } = await made;
  rmSync(folder, { recursive: true, force: true });
  cpSync(saved, folder, { recursive: true });
  const forge = Forge.at(join(folder, 'forge.git'));
  const store = openStore(folder);
  const tasks = new Map(SCENARIOS.map(({ name }) => [name, name]));
  const marker = `gatehouse-audit-${process.pid}-${before.slice(0, 8)}`;
  const context = { scenarios: SCENARIOS, tasks, store, forge: { gitDir: forge.path }, before, marker };
  const report = join(folder, 'leak', '17-security-report.md');
  return { context, forge, store, report, close: () => store.close() };
}

function openStore(folder: string): Store {
  const opened = openSqliteStore(join(folder, 'gatehouse.db'));
  if (opened.kind !== 'opened') throw opened.trouble;
  return opened.store;
}

async function makeEvidence(unrecorded: CheckName | undefined): Promise<Evidence> {
  const [folder, saved] = [join(scratchFolder(), 'demo'), scratchFolder()];
  mkdirSync(folder);
  const stream = historyStream(
    [commit('first', { 'README.md': 'a project\n' }), commit('second', { 'c.txt': 'c' })],
    SCENARIOS,
    1_790_000_000,
  );
  const imported = await importHistory({ dir: join(folder, 'forge.git'), main: 'main', stream });
  if (imported.kind !== 'imported') throw new Error(JSON.stringify(imported));
  const forge = Forge.at(imported.gitDir);
  const before = forge.head('main');
  const store = openStore(folder);
  await store.addRepo({ id: 'app', url: forge.path, forge: 'local', main: 'main', profile: 'gates-only', atMs: 1 });

  await walk(store, forge, { name: 'good', before, answers: {}, ...(unrecorded === undefined ? {} : { unrecorded }) });
  await reportPasses(store, forge, join(folder, 'good'));
  forge.git('update-ref', 'refs/heads/main', forge.head('feature/good'), before);
  const red: Verdict = { status: 'fail', findings: [{ rule: 'red-run', message: 'red' }] };
  await walk(store, forge, { name: 'red', before, answers: { check_branch_mergeable: red } });
  const leak = await securityReport(forge, 'feature/leak', join(folder, 'leak'));
  await walk(store, forge, { name: 'leak', before, answers: { check_security_gate: leak.verdict } });
  await recordReports(store, 'leak', leak.dir);
  await store.close();
  cpSync(folder, saved, { recursive: true });
  return { folder, saved, before };
}

/** The reports that the good branch's two reporting gates left. */
async function reportPasses(store: Store, forge: Forge, dir: string): Promise<void> {
  await securityReport(forge, 'feature/good', dir);
  const front = { coverage_status: 'PASS', head_sha: forge.head('feature/good') };
  const written = await writeArtefact({ dir, name: '18-coverage-report.md', front, body: '\nby hand\n' });
  if (written.kind !== 'written') throw new Error(JSON.stringify(written));
  await recordReports(store, 'good', dir);
}

/** The security gate's own verdict about a branch, and the directory with the report it wrote. */
async function securityReport(forge: Forge, branch: string, dir: string): Promise<{ dir: string; verdict: Verdict }> {
  const commits = { base: forge.head('main'), head: forge.head(branch) };
  const scan = await scanSecrets({ git: { gitDir: forge.path }, ...commits });
  const policy = { depAuditEnabled: false, depFailClosed: false };
  const verdict = computeSecurityVerdict({ scan, audit: null, policy, commits, nonce: 'n', configDigest: 'd' });
  mkdirSync(dir);
  const written = await writeSecurityReport({ dir, verdict });
  if (written.kind !== 'written') throw new Error(JSON.stringify(written));
  return { dir, verdict: verdict.check };
}

async function recordReports(store: Store, taskId: string, dir: string): Promise<void> {
  const of = { stage: 'deploy-staging', attempt: 1, atMs: 1 } as const;
  const artefacts = await collectReportRecords(dir, of);
  const event = { kind: 'woken', why: 'timer', atMs: 2 } as const;
  const noted = await store.applyEvent({
    taskId,
    event,
    engine: engineWithDefaults(),
    writes: { artefacts },
  });
  if (noted.kind !== 'ignored') throw new Error(`expected the event to change nothing but the records: ${noted.kind}`);
}

interface Walk {
  readonly name: string;
  readonly before: string;
  readonly answers: { readonly [Check in CheckName]?: Verdict };
  readonly unrecorded?: CheckName;
}

/** Takes a task from enqueueing to its end with these answers, and records them as the worker does. */
async function walk(store: Store, forge: Forge, { name, before, answers, unrecorded }: Walk): Promise<void> {
  const engine = engineWithDefaults();
  const headSha = forge.head(`feature/${name}`);
  const commits = { baseSha: before, headSha, testedSha: headSha };
  const task = { id: name, repoId: 'app', profile: 'gates-only', branch: `feature/${name}` } as const;
  await store.addTask({ ...task, key: name, title: name, headSha, actor: 'test', atMs: 1 }, engine);
  for (;;) {
    const limits = { agents: 1, gateRuns: 1 };
    const job = await store.claimJob({ workerId: 'w', kinds: ['gate', 'landing'], nowMs: 2, leaseMs: 9_999, limits });
    if (job === null) return;
    const token = { jobId: job.id, token: job.token };
    if (job.kind === 'landing') {
      await land(store, job, commits);
      continue;
    }
    const check = job.step as CheckName;
    if (check === 'check_branch_mergeable')
      await store.acquireLease({ repoId: 'app', holder: name, attempt: 1, atMs: 2, ttlMs: 9_999 });
    const verdict = answers[check] ?? PASS;
    const tested = verdict.status === 'pass' && check !== 'check_security_gate' ? headSha : null;
    const run = {
      check,
      ...commits,
      testedSha: tested,
      tree: null,
      cause: null,
      reason: 'as said',
      warnings: [],
      ...verdict,
    };
    const rests = tested === null || check !== 'check_branch_mergeable' ? NO_BASIS : await testRun(store, name, tested);
    const gateRuns = [{ ...run, artefact: null, durationMs: 1, gateDigest: null, createdAt: 2, ...rests }];
    const event = { kind: 'check-answered', check, verdict: { ...verdict, reason: 'as said' }, atMs: 2 } as const;
    const writes = { task: { ...commits, testedSha: tested }, gateRuns: check === unrecorded ? [] : gateRuns };
    await store.applyEvent({ taskId: name, event, engine, job: token, writes });
  }
}

const NO_BASIS = { basis: null, basisRun: null } as const;

async function testRun(store: Store, taskId: string, commit: string) {
  const ran = { purpose: 'branch', commit, tree: null, command: 'test', startedAt: 2, durationMs: 1, outcome: 'green' };
  const rest = { reason: 'as said', exitCode: 0, tests: null, level: null, leftovers: 0, logPath: null };
  const basisRun = await store.recordRun({ repoId: 'app', taskId, ...ran, ...rest });
  return { basis: 'test-run', basisRun } as const;
}

async function land(store: Store, job: ClaimedJob, { testedSha }: { readonly testedSha: string }): Promise<void> {
  const taskId = job.taskId ?? '';
  const token = { jobId: job.id, token: job.token };
  const version = (await store.getTask(taskId))?.version ?? 0;
  const leaseToken = (await store.leaseOf('app', taskId))?.token ?? 0;
  await store.enterCritical({ taskId, version, job: token, leaseToken, atMs: 3 });
  const event = { kind: 'landing-answered', answer: { kind: 'landed' }, atMs: 3 } as const;
  const writes = { task: { landedSha: testedSha, testedSha }, leaveCritical: true };
  await store.applyEvent({ taskId, event, engine: engineWithDefaults(), job: token, writes });
}

function engineWithDefaults(): Engine {
  const read = parseSettings({});
  if (read.kind !== 'settings') throw new Error(read.problems.join('; '));
  return engineConfig(read.settings);
}
