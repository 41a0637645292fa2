/**
 * Compares what the agents' scenarios expect with the evidence: refs and trees of the forge, rows, the kept copies of the
 * reports, the prompts on disk, and the ledgers that the deploy commands wrote.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArtefact } from '@gatehouse/artefact';
import { codeTree, isAncestor, readBlob, resolveCommit } from '@gatehouse/git';
import {
  type Artefact,
  type GateRun,
  type Job,
  readTextFile,
  type Store,
  type Task,
} from '@gatehouse/orchestrator/testing';
import { CHECKS } from '@gatehouse/stage-engine';
import { mainHoldsOnlyTested, mainOnlyMovedForward, wasStoppedMidRun } from './audit.ts';
import type { FullProfileScenario } from './full-profile-scenarios.ts';
import type { FullProfileSetup } from './full-profile-setup.ts';

export interface FullProfileEnding {
  readonly scenario: FullProfileScenario;
  readonly task: Task | null;
  readonly runs: readonly GateRun[];
  readonly landed: boolean;
  readonly asExpected: boolean;
  readonly why: string;
}

export interface AuditFullProfileResult {
  readonly endings: readonly FullProfileEnding[];
  /** Everything that must hold and does not, each with what was found. */
  readonly breaches: readonly string[];
}

export interface AuditFullProfileContext {
  readonly setup: FullProfileSetup;
  /** By key. */
  readonly tasks: ReadonlyMap<string, string>;
  readonly store: Store;
  readonly dataDir: string;
  /** main before anything was asked for. */
  readonly before: string;
}

interface TaskEvidence {
  readonly scenario: FullProfileScenario;
  readonly task: Task;
  readonly runs: readonly GateRun[];
  readonly jobs: readonly Job[];
  readonly artefacts: readonly Artefact[];
  readonly main: string;
}

export async function auditFullProfile(context: AuditFullProfileContext): Promise<AuditFullProfileResult> {
  const forge = { gitDir: context.setup.forge };
  const main = await resolveCommit({ repo: forge, ref: 'refs/heads/main' });
  if (main.kind !== 'found') return { endings: [], breaches: [`main of the agents cannot be read: ${main.kind}`] };
  const endings: FullProfileEnding[] = [];
  for (const scenario of context.setup.scenarios) endings.push(await endingOf(context, scenario, main.sha));
  const breaches = endings.filter((one) => !one.asExpected).map((one) => `${one.scenario.name}: ${one.why}`);
  const refs = { forge, before: context.before };
  breaches.push(...(await mainHoldsOnlyTested(refs, endings, main.sha)), ...(await mainOnlyMovedForward(refs)));
  breaches.push(...(await deployedIsLanded(context, endings)));
  return { endings, breaches };
}

async function endingOf(
  context: AuditFullProfileContext,
  scenario: FullProfileScenario,
  main: string,
): Promise<FullProfileEnding> {
  const { store, tasks, setup } = context;
  const task = await store.getTask(tasks.get(scenario.key) ?? '');
  if (task === null)
    return { scenario, task, runs: [], landed: false, asExpected: false, why: 'it was never asked for' };
  const runs = await store.gateRuns({ taskId: task.id, limit: 200 });
  const jobs = await store.listJobs({ taskId: task.id });
  const artefacts = await store.listArtefacts(task.id);
  const contained =
    task.testedSha === null
      ? null
      : await isAncestor({ repo: { gitDir: setup.forge }, ancestor: task.testedSha, of: main });
  const landed = contained?.kind === 'yes';
  const broken = await mismatch(context, { scenario, task, runs, jobs, artefacts, main }, landed);
  return { scenario, task, runs, landed, asExpected: broken === null, why: broken ?? describeEnding(task, landed) };
}

const describeEnding = ({ state }: Task, landed: boolean): string =>
  landed ? 'landed and deployed' : (state.blocked?.detail.split('\n')[0] ?? state.ended ?? '');

/** Null when the ending is the expected one. */
async function mismatch(
  context: AuditFullProfileContext,
  evidence: TaskEvidence,
  landed: boolean,
): Promise<string | null> {
  const { scenario, task } = evidence;
  const { expected } = scenario;
  const now = `${task.stage}/${task.status}: ${describeEnding(task, landed)}`;
  const unapproved = await isApproved(context, evidence);
  if (unapproved !== null) return unapproved;
  switch (expected.end) {
    case 'blocked':
      if (landed) return 'landed, but must not';
      if (task.status !== 'blocked' || task.stage !== expected.stage)
        return `should be blocked at ${expected.stage}, but is ${now}`;
      return expected.reason.test(task.state.blocked?.detail ?? '') ? null : `is blocked for another reason: ${now}`;
    case 'stopped':
      if (landed) return 'landed, but was stopped';
      return wasStoppedMidRun(context, task);
    case 'landed':
      if (!landed || task.stage !== 'done' || task.landedSha !== task.testedSha)
        return `should have landed, but is ${now}`;
      return (
        everyCheckOpened(evidence) ??
        (await reportsAreKept(context, evidence)) ??
        (await wasSentBack(context, evidence)) ??
        (await waitedForOthers(context, evidence)) ??
        (await keptOut(context, evidence))
      );
  }
}

/** A person's approval is on record, and no architect began before it. */
async function isApproved({ store }: AuditFullProfileContext, { task, jobs }: TaskEvidence): Promise<string | null> {
  const events = await store.taskEvents(task.id, { limit: 1000 });
  const yes = events.find((event) => event.kind === 'approved');
  const architect = jobs.find((job) => job.step === 'architect');
  if (yes === undefined) return 'nobody approved its analysis';
  return architect === undefined || architect.createdAt >= yes.at
    ? null
    : 'its architect began before anybody approved';
}

/** The last answer of every check of every stage opened, and none but an unconfigured one was skipped. */
function everyCheckOpened({ runs }: TaskEvidence): string | null {
  for (const check of Object.keys(CHECKS)) {
    const last = runs.find((run) => run.check === check);
    if (last?.status !== 'pass')
      return `landed, but ${check} answered ${last?.status ?? 'nothing'}: ${last?.reason ?? ''}`;
  }
  return null;
}

/** The reports that opened a stage are on disk byte for byte, from the newest work on that stage, about the code that landed. */
async function reportsAreKept(
  { setup }: AuditFullProfileContext,
  { runs, artefacts, jobs, task }: TaskEvidence,
): Promise<string | null> {
  for (const [check, { artefact, stage: at }] of Object.entries(CHECKS)) {
    if (artefact === null || check === 'check_security_gate' || check === 'check_coverage_gate') continue;
    const last = jobs.filter((job) => job.kind === 'agent' && job.stage === at).at(-1);
    const row = artefacts.findLast((one) => one.name === artefact.name && one.stage === at);
    if (row === undefined || last === undefined || row.jobId !== last.id)
      return `landed, but the last work on ${at} left no ${artefact.name}`;
    const file = await readTextFile(row.path, 1024 * 1024);
    if (file.kind !== 'read' || createHash('sha256').update(file.text).digest('hex') !== row.digest)
      return `landed, but ${artefact.name} is not what was kept`;
    const read = parseArtefact(file.text, { [artefact.key]: 'string' }, 'authored');
    if (read.kind !== 'read' || read.front[artefact.key] !== artefact.opens)
      return `landed, but ${artefact.name} does not say ${artefact.opens}`;
    const head = runs.find((run) => run.check === check)?.headSha ?? null;
    if (head === null || at === 'architecture') continue;
    const about = at === 'deploy' ? task.landedSha : head;
    const tree = await codeTree({ repo: { gitDir: setup.forge }, commit: about ?? head, key: task.key });
    if (tree.kind !== 'found' || tree.tree !== row.codeTree) return `landed, but ${artefact.name} is about other code`;
  }
  return null;
}

/** Sent back exactly once, by that check; the next prompt says why, and none holds the secret. */
async function wasSentBack(
  { dataDir, setup }: AuditFullProfileContext,
  { scenario, task, runs, jobs }: TaskEvidence,
): Promise<string | null> {
  const { expected } = scenario;
  const back = expected.end === 'landed' ? expected.sentBack : undefined;
  const fails = runs.filter((run) => run.status === 'fail').map((run) => run.check);
  if (fails.join() !== (back?.by ?? '')) return `was sent back by ${fails.join(', ') || 'nobody'}`;
  const developers = jobs.filter((job) => job.step === 'developer');
  const prompts: string[] = [];
  for (const job of developers) {
    const file = await readTextFile(join(dataDir, 'reports', task.id, `${job.id}-${job.token}`, 'prompt.md'), 1 << 20);
    if (file.kind !== 'read') return `the prompt of job ${job.id} cannot be read`;
    prompts.push(file.text);
  }
  if (prompts.some((prompt) => prompt.includes(setup.secret))) return 'a prompt tells the secret';
  if (back === undefined) return developers.length === 1 ? null : `its developer worked ${developers.length} times`;
  const second = prompts[1];
  if (second === undefined) return 'its developer was not asked again';
  return second.includes(back.by) && second.includes(back.told) ? null : 'its developer was not told why it came back';
}

async function waitedForOthers(
  { store, tasks }: AuditFullProfileContext,
  { scenario, jobs }: TaskEvidence,
): Promise<string | null> {
  if (scenario.after === undefined) return null;
  const other = await store.getTask(tasks.get(scenario.after) ?? '');
  const first = jobs[0];
  if (other === null || first === undefined) return 'what it waited for is gone';
  const events = await store.taskEvents(other.id, { limit: 1000 });
  const ended = events.at(-1)?.at ?? Number.POSITIVE_INFINITY;
  return (first.finishedAt ?? 0) >= ended ? null : `was worked on before ${scenario.after} had ended`;
}

async function keptOut({ setup }: AuditFullProfileContext, { scenario, main }: TaskEvidence): Promise<string | null> {
  const { expected } = scenario;
  for (const path of expected.end === 'landed' ? (expected.without ?? []) : []) {
    const blob = await readBlob({ repo: { gitDir: setup.forge }, commit: main, path });
    if (blob.kind !== 'absent') return `main holds ${path}`;
  }
  return null;
}

/** Production ran the landed commits and nothing else; staging ran each of them. */
async function deployedIsLanded(
  { setup }: AuditFullProfileContext,
  endings: readonly FullProfileEnding[],
): Promise<string[]> {
  const landed = endings.flatMap((one) => (one.landed && one.task?.landedSha ? [one.task.landedSha] : []));
  const [production, staging] = [await ledger(setup.deployed.production), await ledger(setup.deployed.staging)];
  return [
    ...landed
      .filter((sha) => !production.includes(sha))
      .map((sha) => `${sha.slice(0, 12)} landed, but was not deployed`),
    ...landed
      .filter((sha) => !staging.includes(sha))
      .map((sha) => `${sha.slice(0, 12)} landed, but staging never ran it`),
    ...production
      .filter((sha) => !landed.includes(sha))
      .map((sha) => `${sha.slice(0, 12)} was deployed, but never landed`),
  ];
}

async function ledger(path: string): Promise<string[]> {
  const file = await readTextFile(path, 1 << 20);
  return file.kind === 'read' ? file.text.split('\n').filter((line) => line !== '') : [];
}
