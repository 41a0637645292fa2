/**
 * Before the first command of a repository on which isolation holds by default: main is run as its branches will be. Where it is not
 * green so, twice, and is without in between, the operator's file says `test.isolation: none` from then on, and a person is told.
 * Main that is green neither way decides nothing; its branches run as they did before there was isolation until it does.
 */
import { join } from 'node:path';
import type { GitRepo } from '@gatehouse/git';
import { parseDocument } from 'yaml';
import type { CheckWorkload } from '../checks/definition.ts';
import type { MainProbeRequest, MainProbeResult } from '../checks/probe-main.ts';
import type { ServiceContext } from '../context.ts';
import { alertMessage, repositoryAlert } from '../notifiers/alert-message.ts';
import { makeDirectory, readTextFile, writeTextFile } from '../platform/files.ts';
import type { IsolationMode } from '../policy/isolation.ts';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import type { ClaimedJob, Repository } from '../store/port/index.ts';
import { fileName } from '../workspace/mirrors.ts';
import { withHeartbeat } from './base-run-queue.ts';
import { commandRecorder } from './record-command.ts';
import { testMemoryPort } from './store-ports.ts';

type Trials = Pick<
  ServiceContext,
  | 'activeClaims'
  | 'baseRuns'
  | 'metrics'
  | 'dataDir'
  | 'isolation'
  | 'log'
  | 'now'
  | 'probeMain'
  | 'settings'
  | 'store'
  | 'workspaces'
>;

export interface IsolationTrial {
  readonly job: ClaimedJob;
  readonly repo: Repository;
  readonly git: GitRepo;
  /** Of main. */
  readonly base: string;
  readonly policy: GatePolicy;
  readonly signal: AbortSignal;
}

/** The policy with which commands of the repository are to be run. */
export async function triedPolicy(service: Trials, trial: IsolationTrial): Promise<GatePolicy> {
  const { repo, policy, base, signal } = trial;
  const { mode, isDefault } = service.isolation;
  if (!isDefault || mode === 'none' || policy.isolation.test !== null || policy.test === null) return policy;
  const known = await readVerdict(service, repo.id);
  if (known === `held ${mode}`) return policy;
  if (known === `undecided ${mode} ${base}`) return undecided(policy, mode);
  const found = await tryMain(service, trial, mode);
  // What an abort cut off says nothing.
  if (signal.aborted) return policy;
  switch (found.kind) {
    case 'holds':
      await keepVerdict(service, repo.id, `held ${mode}`);
      return policy;
    case 'undecided':
      await keepVerdict(service, repo.id, `undecided ${mode} ${base}`);
      return undecided(policy, mode);
    case 'breaks':
      await takeBack(service, repo, { mode, reason: found.reason });
      return without(policy, [`test.isolation: none: main is green only without isolation by ${mode}`]);
  }
}

type Tried = { readonly kind: 'holds' | 'undecided' } | { readonly kind: 'breaks'; readonly reason: string };

/** Each kind of command that main itself answers for, isolated first: a green one needs no other run. */
async function tryMain(service: Trials, trial: IsolationTrial, mode: IsolationMode): Promise<Tried> {
  const { policy } = trial;
  const works: readonly CheckWorkload[] = [
    'test',
    ...(policy.coverage === null ? [] : (['coverage'] as const)),
    ...(policy.ciCommand === null ? [] : (['ci'] as const)),
  ];
  for (const work of works) {
    const isolated = await run(service, trial, { work, mode, fresh: false });
    if (isGreen(isolated)) continue;
    const plain = await run(service, trial, { work, mode: 'none', fresh: false });
    if (!isGreen(plain)) return { kind: 'undecided' };
    // A test that fails now and then says nothing about isolation, and what it took away would stay away.
    const again = await run(service, trial, { work, mode, fresh: true });
    if (!isGreen(again)) return { kind: 'breaks', reason: `${work}: ${again.reason}` };
  }
  return { kind: 'holds' };
}

const isGreen = (result: MainProbeResult): boolean => result.kind === 'told' && result.word === 'green';

async function run(
  service: Trials,
  { job, repo, git, base, policy, signal }: IsolationTrial,
  { work, mode, fresh }: { readonly work: CheckWorkload; readonly mode: IsolationMode; readonly fresh: boolean },
): Promise<MainProbeResult> {
  const workspace = await service.workspaces.create(job);
  const token = { jobId: job.id, token: job.token };
  const number = commandRecorder(service, token, { repoId: repo.id, taskId: null });
  const question: MainProbeRequest = {
    ...{ work, repo: repo.id, git, base, workspace, signal },
    settings: service.settings,
    policy: { ...policy, isolation: { ...policy.isolation, test: mode } },
    line: withHeartbeat(service, token),
    tests: testMemoryPort(service.store, service.now),
    fresh,
    record: async (one) => {
      await number(one);
    },
  };
  try {
    return await service.probeMain(question);
  } finally {
    await service.workspaces.dispose(workspace);
  }
}

const without = (policy: GatePolicy, warnings: readonly string[]): GatePolicy => ({
  ...policy,
  isolation: {
    ...policy.isolation,
    test: 'none',
    agents: policy.isolation.agents ?? 'none',
    deploy: policy.isolation.deploy ?? 'none',
  },
  warnings: [...policy.warnings, ...warnings],
});

const undecided = (policy: GatePolicy, mode: IsolationMode): GatePolicy =>
  without(policy, [
    `isolation by ${mode} is not used: main is not green with it nor without, so that nothing shows that it would do no harm`,
  ]);

const placeOf = (dataDir: string, repoId: string): string => join(dataDir, 'isolation-trials', fileName(repoId));

async function readVerdict({ dataDir }: Trials, repoId: string): Promise<string | null> {
  const read = await readTextFile(placeOf(dataDir, repoId), 1000);
  return read.kind === 'read' ? read.text.trim() : null;
}

/** One that cannot be kept costs another trial. */
async function keepVerdict({ dataDir, log }: Trials, repoId: string, text: string): Promise<void> {
  await makeDirectory(join(dataDir, 'isolation-trials'));
  const written = await writeTextFile(placeOf(dataDir, repoId), `${text}\n`);
  if (written.kind !== 'written') log.warn('a trial of isolation is not kept', { repo: repoId, why: written.reason });
}

/** Into the operator's file, which is made where there is none; a person is told in either case. */
async function takeBack(
  service: Trials,
  repo: Repository,
  { mode, reason }: { readonly mode: IsolationMode; readonly reason: string },
): Promise<void> {
  const { store, log, now, dataDir } = service;
  const file = repo.policyPath ?? join(dataDir, 'policies', `${fileName(repo.id)}.yaml`);
  const unwritten = await writeNone(file, dataDir);
  const atMs = now();
  if (unwritten === null && repo.policyPath === null)
    await store.updateRepo(repo.id, { policyPath: file }, { actor: 'isolation', atMs });
  const done =
    unwritten === null
      ? `${file} says \`test.isolation: none\` now`
      : `Write \`test.isolation: none\` into ${file} (${unwritten})`;
  const text = `${repo.id}: main is green only without isolation by ${mode} (${reason}). Its commands can read and write what this service can. ${done}.`;
  log.warn('isolation was taken back for a repository', { repo: repo.id, by: mode, reason, file });
  await store.addOutbox({ ...alertMessage(repositoryAlert(repo.id, { key: `isolation#${atMs}`, text })), atMs });
}

/** Null, or why the file could not be written. Comments stay. */
async function writeNone(file: string, dataDir: string): Promise<string | null> {
  const read = await readTextFile(file, 256 * 1024);
  if (read.kind !== 'read' && !file.startsWith(`${dataDir}/`)) return read.reason;
  const document = parseDocument(read.kind === 'read' ? read.text : 'version: 1\n');
  document.setIn(['test', 'isolation'], 'none');
  await makeDirectory(join(dataDir, 'policies'));
  const written = await writeTextFile(file, document.toString());
  return written.kind === 'written' ? null : written.reason;
}
