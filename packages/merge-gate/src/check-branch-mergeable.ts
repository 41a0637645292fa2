/**
 * The merge check: lease, catch up, read the refs again, skip or re-test, and only then an answer. Every exit but `mergeable`
 * has given the lease back, a crash and an abort included. A red certificate is completed after the release, because
 * no other task should wait for it.
 */
import { gitFault } from '@gatehouse/gate-run';
import { pushBranch } from '@gatehouse/git';
import type { Crashed } from '@gatehouse/verdict';
import { callPort } from './call-port.ts';
import { type CaughtUpCandidate, makeCandidate } from './candidate.ts';
import { confirmRed, type UnconfirmedRed } from './confirm-red.ts';
import { type FoundGreen, findGreen } from './find-green.ts';
import { withSurroundings } from './find-surroundings.ts';
import { acquireMergeLease, type KeptLease, keepLease, releaseMergeLease } from './lease.ts';
import { type ParsedMergeRequest, parseMergeRequest } from './parse-request.ts';
import { narrowedBy, type RuledBy, underRules } from './path-rules/apply.ts';
import type { BaseRunQueue, CertificatePort, LeasePort, ResultPort, TestMemoryPort } from './ports.ts';
import type { MergeRequest } from './request.ts';
import { TURN_LIMIT_MS } from './run-base.ts';
import type { Deferred, Mergeable, MergeVerdict, NothingToLand, Refused, ToolFailed } from './verdict.ts';
import { GONE, refsMoved } from './watch-refs.ts';

/** What the gate asks of the world besides git. Only the lease is required. */
export interface MergePorts {
  /** The right to move main. */
  readonly lease: LeasePort;
  /** Memory of earlier results; without it every check runs. */
  readonly results?: ResultPort;
  /** Memory of single tests; without it nothing is known of a test before its run. */
  readonly tests?: TestMemoryPort;
  /** Certificates to be continued in a later ask; without it each ask starts anew. */
  readonly certificates?: CertificatePort;
  /** The queue for base runs; without it each red branch makes its certificate at once, beside others. */
  readonly base?: BaseRunQueue;
}

/** Is this branch, caught up with main, green? `mergeable` leaves the lease held: renew it, land, release it. */
export async function checkBranchMergeable(request: MergeRequest, ports: MergePorts): Promise<MergeVerdict> {
  const parsed = parseMergeRequest(request);
  if (parsed.kind === 'invalid') return { kind: 'tool-failed', reason: `the request makes no sense: ${parsed.reason}` };
  const { lease, results, base, tests, certificates } = ports;
  const { repo, holder, signal = new AbortController().signal } = parsed.value;
  // A queue that cannot be asked keeps no branch from merging.
  if (base !== undefined) await callPort('base.yielded', () => base.waitForPriority({ repo, signal }), TURN_LIMIT_MS);
  const answer = await acquireMergeLease(lease, { repo, holder, signal });
  if (answer.kind === 'busy' || answer.kind === 'crashed') return answer;
  if (answer.kind === 'unavailable') return { kind: 'infra', reason: answer.reason };

  const kept = keepLease(lease, answer.proof);
  let judged: JudgedCandidate = LEASE_LOST;
  try {
    judged = await judge({
      request: parsed.value,
      results,
      tests,
      queue: base,
      kept,
      signal: AbortSignal.any([signal, kept.lost]),
    });
    if (kept.lost.aborted || (judged.kind === 'mergeable' && !(await kept.stillHeld()))) judged = LEASE_LOST;
  } finally {
    kept.stop();
    if (judged.kind !== 'mergeable') await releaseMergeLease(lease, answer.proof);
  }
  if (judged.kind !== 'suspect') return withSurroundings(judged, parsed.value, signal);
  const { rules } = judged;
  const confirmed = await confirmRed(narrowedBy(parsed.value, rules), judged, { base, tests, certificates, signal });
  const verdict = await withSurroundings(confirmed, parsed.value, signal);
  return rules === undefined ? verdict : { ...verdict, rules };
}

/** Another holder has taken the lease; the check is repeated as for any busy lease. */
const LEASE_LOST: Deferred = { kind: 'busy', holder: 'another holder (the lease was lost)', retryAfterMs: 1000 };

type JudgedCandidate = (Mergeable | NothingToLand | UnconfirmedRed | Refused | Deferred | ToolFailed | Crashed) &
  RuledBy;

interface UnderLease {
  readonly request: ParsedMergeRequest;
  readonly results: ResultPort | undefined;
  readonly queue: BaseRunQueue | undefined;
  readonly tests: TestMemoryPort | undefined;
  readonly kept: KeptLease;
  readonly signal: AbortSignal;
}

async function judge({ request, results, tests, queue, kept, signal }: UnderLease): Promise<JudgedCandidate> {
  const candidate = await makeCandidate(request, signal);
  if (candidate.kind !== 'candidate') return candidate;
  const { ruled, ...asked } = underRules(request, candidate);
  const green = asked.green ?? (await findGreen({ ...asked, results, tests, queue, signal }));
  if (green.kind !== 'green') return { ...green, ...ruled };
  const obstacle = await obstacleToOpening({ request, candidate, green, signal });
  if (obstacle !== null) return obstacle;
  const { base, head } = request;
  const { tested, tree } = candidate;
  const warnings = [...candidate.warnings, ...green.warnings];
  return {
    kind: 'mergeable',
    base,
    head,
    tested,
    tree,
    proof: kept.proof,
    evidence: green.evidence,
    warnings,
    ...ruled,
  };
}

/** The refs may move during a run, so they are read again; and the branch must hold what was tested. */
async function obstacleToOpening(opening: {
  readonly request: ParsedMergeRequest;
  readonly candidate: CaughtUpCandidate;
  readonly green: FoundGreen;
  readonly signal: AbortSignal;
}): Promise<Deferred | ToolFailed | null> {
  const { request, candidate, green, signal } = opening;
  const ran = 'run' in green.evidence;
  const moved = ran ? await refsMoved(request, signal) : null;
  if (moved !== null) return moved;
  const { push = null, head, git, gitTimeoutMs: timeoutMs } = request;
  if (push === null || candidate.tested === head) return null;
  const { url, branch } = push;
  const { tested: commit } = candidate;
  const pushed = await pushBranch({ repo: git, url, branch, commit, expected: head, timeoutMs, signal });
  switch (pushed.kind) {
    case 'pushed':
      return null;
    case 'moved':
      return { kind: 'branch-moved', found: pushed.found ?? GONE };
    default:
      return gitFault('push', pushed);
  }
}
