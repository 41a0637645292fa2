/**
 * The landing of one task: fast-forward main to the very commit that was tested, re-read main, ratchet, release.
 * The conditional update `enterCritical` is the single point at which landing and STOP are ordered. "Not landed" is only
 * recorded when no attempt can succeed any more; a job that finds its task inside the window already (a crash)
 * lands the same commit again, which is harmless, and reads main to learn the outcome.
 */
import { concludeLanding, type LandingProof, type ReportedLanding } from '@gatehouse/merge-gate';
import type { LeaseProof } from '@gatehouse/verdict';
import type { ServiceContext } from '../../context.ts';
import { alertMessage, taskAlert } from '../../notifiers/alert-message.ts';
import { holderOf, isWindowOpen, type TestedCandidate, tellMembers, testedAlone } from '../../store/candidate.ts';
import type { ApplyOutcome, ClaimedJob, Repository, TransitionWrites } from '../../store/port/index.ts';
import { afterLanding } from '../landed-outside.ts';
import { meetRepository } from '../repository-look.ts';
import { awaitChecks } from './await-checks.ts';

interface Landing {
  readonly service: ServiceContext;
  readonly job: ClaimedJob;
  readonly repo: Repository;
  readonly signal: AbortSignal;
  readonly candidate: TestedCandidate;
}

type LandingResult = { readonly kind: 'landed' } | { readonly kind: LandingFailure; readonly reason: string };
type LandingFailure =
  | 'needs-merge'
  | 'base-moved'
  | 'ci-pending'
  | 'cannot-land'
  | 'lock-busy'
  | 'frozen'
  | 'merged-outside'
  | 'infra';

/** Runs the job to its event; `fenced` and a won STOP leave everything to the other side. */
export async function runLandingJob(
  service: ServiceContext,
  job: ClaimedJob,
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  const task = job.taskId === null ? null : await service.store.getTask(job.taskId);
  const repo = await service.store.getRepo(job.repoId);
  if (task === null || repo === null) return { kind: 'unknown-task' };
  const candidate = testedAlone(task);
  if (candidate === null)
    return answer(
      { service, job, candidate: { members: [task] } },
      {
        kind: 'needs-merge',
        reason: 'the merge gate tested nothing, so nothing is landed; merge it yourself or switch the gate on',
      },
      {},
    );
  const landing: Landing = { service, job, repo, signal, candidate };
  const proof = await service.store.leaseOf(repo.id, holderOf(candidate));
  if (proof === null) return answer(landing, { kind: 'lock-busy', reason: 'the merge lease is not held any more' }, {});
  return isWindowOpen(task) ? land(landing, proof, 'again') : attempt(landing, proof);
}

async function attempt(landing: Landing, proof: LeaseProof): Promise<ApplyOutcome> {
  const { service, job, repo, signal } = landing;
  const { base, members, tested } = landing.candidate;
  const mirror = await service.mirrors.refresh(repo, signal);
  if (mirror.kind !== 'fresh' && (await isInTheWay(landing))) return askLater(landing);
  if (mirror.kind !== 'fresh') return answer(landing, { kind: 'infra', reason: mirror.reason }, {});
  const moved = await movedFrom(landing, mirror.heads);
  if (moved !== null) return answerMoved(landing, proof, moved);
  const proven = await service.proveCombined({ job, members, base, tested, git: mirror.git, signal });
  if (signal.aborted) return { kind: 'fenced' };
  if (proven.kind !== 'clean') return answer(landing, proven, {});
  const rescan = await service.rescanCombined({
    settings: service.settings,
    loadPolicy: service.loadPolicy,
    members,
    repo,
    base,
    tested,
    git: mirror.git,
    signal,
  });
  if (signal.aborted) return { kind: 'fenced' };
  if (rescan.kind !== 'clean') return answer(landing, rescan, {});
  // Before anything is written there: its name may have been taken by another repository, which has the same commits.
  if (await isInTheWay(landing)) return askLater(landing);
  const forge = service.forgeOf(repo);
  const prepared = await forge.prepare({ ...orderOf(landing, mirror.git), signal });
  // What an abort cut off says nothing: the claim goes back, or another worker owns the task.
  if (signal.aborted) return { kind: 'fenced' };
  if (prepared.kind === 'cannot-land') return answer(landing, prepared, {});
  if (prepared.kind !== 'prepared') return answer(landing, { kind: 'infra', reason: prepared.reason }, {});
  // Only now: the forge may run its checks on nothing but a commit that it was given.
  const checks = await awaitChecks(service, {
    job,
    task: members[0],
    commit: tested,
    ask: () => forge.requiredChecks({ commit: tested, main: repo.main, signal }),
    moved: () => movedMeanwhile(landing),
    signal,
  });
  if (checks.kind === 'aborted') return { kind: 'fenced' };
  if (checks.kind === 'moved') return answerMoved(landing, proof, checks.to);
  const unmet = unmetChecks(checks.required);
  if (unmet !== null) return answer(landing, unmet, {});
  if (await isInTheWay(landing)) return askLater(landing);
  const entered = await service.store.enterCritical({
    taskId: members[0].id,
    version: members[0].version,
    job: { jobId: job.id, token: job.token },
    leaseToken: proof.token,
    atMs: service.now(),
  });
  switch (entered.kind) {
    case 'stop-requested':
    case 'fenced':
      return { kind: 'fenced' };
    case 'lease-lost':
      return answer(landing, { kind: 'lock-busy', reason: 'the merge lease was lost' }, {});
    case 'untested':
      return answer(landing, UNTESTED, {});
    case 'already-inside':
      return land(landing, proof, 'again');
    case 'entered':
      return land(landing, proof, 'first');
  }
}

/** Why the tested commit is not to be landed any more; with `main`, main holds it already. */
interface Moved {
  readonly kind: 'base-moved' | 'merged-outside';
  readonly reason: string;
  readonly main?: string;
}

const OUTSIDE = { kind: 'merged-outside', reason: 'somebody else landed it' } as const;

/** As the branches are; null: it still can land. */
async function movedFrom(
  { service, repo, candidate }: Landing,
  heads: Readonly<Record<string, string>>,
): Promise<Moved | null> {
  const { base, members, tested } = candidate;
  const main = heads[repo.main];
  if (main !== base) {
    const isThere =
      main !== undefined && (await service.mirrors.hasCommit(repo.id, { commit: tested, head: main })) === 'yes';
    return isThere
      ? { ...OUTSIDE, main }
      : { kind: 'base-moved', reason: `${repo.main} is not the base of the test any more` };
  }
  // A head that was replaced or withdrawn meanwhile is not wanted any more: the first gate says what became of it. The
  // tested commit there is our own push.
  const strayed = members.find(({ branch, headSha }) => heads[branch] !== headSha && heads[branch] !== tested);
  return strayed === undefined
    ? null
    : { kind: 'base-moved', reason: `${strayed.branch} is not at the head that was judged any more` };
}

/** A forge that does not answer now is asked again with the checks. */
async function movedMeanwhile(landing: Landing): Promise<Moved | null> {
  const mirror = await landing.service.mirrors.refresh(landing.repo, landing.signal);
  return mirror.kind === 'fresh' ? movedFrom(landing, mirror.heads) : null;
}

function answerMoved(landing: Landing, proof: LeaseProof, { main, ...moved }: Moved): Promise<ApplyOutcome> {
  return main === undefined ? answer(landing, moved, {}) : answerLanded(landing, moved, { head: main, proof });
}

/** The gates run again, from the first. */
const UNTESTED = {
  kind: 'base-moved',
  reason: 'no green run of the test command is on record for the commit; it is tested again',
} as const;

type Forge = ReturnType<ServiceContext['forgeOf']>;
type LandRequest = Parameters<Forge['land']>[0];

/** What the forge is asked to land. */
function orderOf({ repo, candidate }: Landing, git: LandRequest['git']): LandRequest {
  const { base, members, tested } = candidate;
  return {
    git,
    main: repo.main,
    from: base,
    commit: tested,
    members: members.map(({ branch, headSha, pullRequest }) => ({ branch, head: headSha ?? tested, pullRequest })),
  };
}

/** Null: nothing that the forge itself requires is in the way, or it requires nothing. */
function unmetChecks(required: Awaited<ReturnType<Forge['requiredChecks']>>): LandingResult | null {
  switch (required.kind) {
    case 'green':
    case 'unsupported':
      return null;
    case 'pending':
      return { kind: 'ci-pending', reason: required.reason };
    case 'red':
      return { kind: 'cannot-land', reason: `${required.reason}; run the check again, or push a mended commit` };
    case 'unreachable':
      return { kind: 'infra', reason: required.reason };
  }
}

/**
 * Inside the window: move main, then read main itself to learn the outcome. `again`: another worker was inside before, and
 * may have been stopped on the way to the forge. A refusal of our push says nothing about its push: as long as main is at
 * the base that push could still land, so nothing is recorded and the forge is asked again.
 */
async function land(landing: Landing, proof: LeaseProof, which: 'first' | 'again'): Promise<ApplyOutcome> {
  const { service, repo, candidate } = landing;
  const { base } = candidate;
  if (which === 'again' && (await isInTheWay(landing))) return askLater(landing);
  const order = orderOf(landing, { gitDir: service.mirrors.directory(repo.id) });
  const pushed = await service.forgeOf(repo).land(order);
  const mirror = await service.mirrors.refresh(repo, undefined, 'rewritten');
  const unproven = (why: string): Promise<ApplyOutcome> =>
    retryUnverified(landing, proof, { which, reason: pushed.kind === 'landed' ? why : `${why} (${pushed.reason})` });
  if (mirror.kind !== 'fresh') return unproven(mirror.reason);
  const head = mirror.heads[repo.main];
  if (head === undefined) return unproven(`${repo.id} has no branch ${repo.main}`);
  // The worker that was inside before may still be on its way, and nothing that we record would keep it from landing.
  const mayStillLand = which === 'again' && head === base;
  const concluded = concludeLanding(reportedAnswer(pushed), await proofFrom(landing, head));
  switch (concluded.kind) {
    case 'landed':
      return answerLanded(landing, { kind: 'landed' }, { head, proof });
    case 'merged-outside':
      return answerLanded(landing, OUTSIDE, { head, proof });
    case 'in-doubt':
      return unproven(concluded.reason);
    case 'frozen':
      return mayStillLand
        ? unproven(`landing was acknowledged, but ${concluded.reason}`)
        : freeze(landing, concluded.reason);
    case 'not-landed':
      return pushed.kind === 'landed' || pushed.kind === 'in-doubt' || mayStillLand
        ? unproven(concluded.reason)
        : answer(landing, pushed, { leaveCritical: true });
  }
}

/** Main, at `head`, holds the tested commit, by whose hand ever. */
async function answerLanded(
  landing: Landing,
  result: LandingResult,
  by: { readonly head: string; readonly proof: LeaseProof },
): Promise<ApplyOutcome> {
  const outbox = await afterLanding(landing, by);
  return answer(landing, result, { task: { landedSha: landing.candidate.tested }, leaveCritical: true, outbox });
}

type ReportedAnswer = Awaited<ReturnType<Forge['land']>>;
const reportedAnswer = ({ kind }: ReportedAnswer): ReportedLanding =>
  kind === 'landed' || kind === 'in-doubt' ? kind : 'refused';

/** What main shows, as far as the fetch just made brought it. */
async function proofFrom({ service, repo, candidate }: Landing, main: string): Promise<LandingProof> {
  const { base, tested } = candidate;
  const grew = await service.mirrors.hasCommit(repo.id, { commit: base, head: main });
  const contains = await service.mirrors.hasCommit(repo.id, { commit: tested, head: main });
  if (grew === 'unknown' || contains === 'unknown')
    return { kind: 'infra', reason: 'main cannot be compared with the tested commit' };
  if (grew === 'no') return { kind: 'rewritten', main };
  return { kind: contains === 'yes' ? 'landed' : 'absent', main };
}

/** The forge reported a landing and main does not show it: nothing lands here until a person has checked main. */
async function freeze(landing: Landing, why: string): Promise<ApplyOutcome> {
  const { service, repo } = landing;
  const reason = `landing was acknowledged, but ${why}`;
  await service.store.updateRepo(repo.id, { frozenReason: reason }, { actor: service.workerId, atMs: service.now() });
  return answer(landing, { kind: 'frozen', reason }, { leaveCritical: true });
}

const isInTheWay = async ({ service, repo, signal }: Landing): Promise<boolean> =>
  (await meetRepository(service, repo, signal)) === 'in-the-way';

/** Nothing was asked of the forge; the job runs again, and no attempt is counted. */
async function askLater({ service, job }: Landing): Promise<ApplyOutcome> {
  await service.store.releaseJob(
    { jobId: job.id, token: job.token },
    { atMs: service.now(), delayMs: service.settings.repositories.pollMs },
  );
  return { kind: 'fenced' };
}

interface Unproven {
  readonly which: 'first' | 'again';
  readonly reason: string;
}

/** The outcome is unknown: nothing is recorded, the job runs again and reads main. If it stays unknown, it is one alert. */
async function retryUnverified(
  landing: Landing,
  proof: LeaseProof,
  { which, reason }: Unproven,
): Promise<ApplyOutcome> {
  const { service, candidate } = landing;
  service.log.warn('landing cannot be verified yet; asking again', { task: holderOf(candidate), reason });
  if (which === 'again') await alertUnproven(landing, proof, reason);
  return askLater(landing);
}

/** Once per window: the token of the lease it was entered with says which. */
function alertUnproven({ service, candidate, repo }: Landing, { token }: LeaseProof, reason: string): Promise<boolean> {
  const key = `landing-unproven#${token}`;
  const branches = candidate.members.map(({ branch }) => branch).join(', ');
  const text = `whether ${branches} landed on ${repo.main} of ${repo.id} cannot be told: ${reason}; nothing else lands there until main can be moved and read, and it is asked again by itself`;
  return service.store.addOutbox({
    ...alertMessage(taskAlert(holderOf(candidate), { key, text })),
    atMs: service.now(),
  });
}

interface Answering extends Pick<Landing, 'service' | 'job'> {
  readonly candidate: Pick<TestedCandidate, 'members'>;
}

/** Marks every member. The job, the window and the alerts are the first one's. */
function answer(
  { service, job, candidate }: Answering,
  result: LandingResult,
  writes: TransitionWrites,
): Promise<ApplyOutcome> {
  service.metrics.landing(result.kind);
  return tellMembers(candidate, (member) =>
    service.store.applyEvent({
      taskId: member.id,
      event: { kind: 'landing-answered', answer: result, atMs: service.now() },
      engine: service.engine,
      actor: service.workerId,
      ...(member.id === holderOf(candidate)
        ? { job: { jobId: job.id, token: job.token }, writes }
        : { writes: writes.task === undefined ? {} : { task: writes.task } }),
    }),
  );
}
