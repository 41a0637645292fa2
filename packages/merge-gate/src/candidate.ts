/** Makes the commit that would land: caught up with main, still wanted, markers kept, checked out and identified. */
import { gitFault } from '@gatehouse/gate-run';
import { type ChangedEntry, checkoutSlot, type Rebased } from '@gatehouse/git';
import { autoRebaseOntoMain } from './catch-up.ts';
import { gateDigest, probeEnvironment } from './digest.ts';
import { judgeGateChange } from './gate-change.ts';
import { checkRegressionMarkers } from './markers.ts';
import { findNothingToLand, findSquashed } from './nothing-to-land.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { TestDecision } from './path-rules/decide.ts';
import type { RegressionMarker } from './request.ts';
import type { Deferred, Digests, NothingToLand, Refused, ToolFailed } from './verdict.ts';
import { refsMoved } from './watch-refs.ts';

export interface CaughtUpCandidate extends Digests {
  readonly kind: 'candidate';
  readonly tested: string;
  readonly tree: string;
  /** The catch-up was a proven no-op: the head itself contains base. */
  readonly current: boolean;
  readonly warnings: readonly string[];
  /** What differs from base. */
  readonly changed: readonly ChangedEntry[];
  /** What the path rules ask for, of what differs from base. */
  readonly decision: TestDecision;
}

/** The candidate of a request, or why there is none. */
export async function makeCandidate(
  request: ParsedMergeRequest,
  signal: AbortSignal,
): Promise<CaughtUpCandidate | NothingToLand | Refused | Deferred | ToolFailed> {
  const caughtUp = await autoRebaseOntoMain({ ...request, signal });
  if (caughtUp.kind === 'conflicted')
    return (await findSquashed({ ...request, signal })) ?? { kind: 'conflicted', paths: caughtUp.paths };
  if (caughtUp.kind === 'unrelated') return { kind: 'unrelated-history' };
  if (caughtUp.kind !== 'current' && caughtUp.kind !== 'caught-up') return gitFault('catch-up', caughtUp);
  const { tested } = caughtUp;
  const { git, slotDir, gitTimeoutMs: timeoutMs } = request;
  // The checkout is most of the time that others wait for the lease. It runs nothing of the branch, so it may begin before
  // it is known whether it is of use; an objection is answered first all the same, and never before the checkout has ended.
  const checkout = checkoutSlot({ repo: git, dir: slotDir, commit: tested, timeoutMs, signal });
  const judged = await judgeCandidate(request, caughtUp, signal).finally(() => checkout);
  const slot = await checkout;
  if (judged.kind !== 'wanted') return judged;
  if (slot.kind !== 'ready') return gitFault('checkout', slot);
  const { policy, isolation } = request;
  const probed = await probeEnvironment({ policy, slotDir, isolation, signal });
  if (probed.kind === 'unprobed') return { kind: 'infra', reason: `the environment cannot be read: ${probed.reason}` };
  const { hostDigest, envDigest } = probed;
  const digests = { gateDigest: gateDigest(request.policy), hostDigest, envDigest };
  const current = caughtUp.kind === 'current' && tested === request.head;
  return {
    kind: 'candidate',
    tested,
    tree: slot.tree,
    current,
    warnings: judged.warnings,
    changed: judged.changed,
    decision: judged.decision,
    ...digests,
  };
}

interface WantedCandidate {
  readonly kind: 'wanted';
  readonly warnings: readonly string[];
  readonly changed: readonly ChangedEntry[];
  readonly decision: TestDecision;
}

/**
 * Reads commits only. `wanted`: the refs did not move, there is something to land, and the branch keeps the markers and what
 * the test command means.
 */
async function judgeCandidate(
  request: ParsedMergeRequest,
  caughtUp: Rebased,
  signal: AbortSignal,
): Promise<WantedCandidate | NothingToLand | Refused | Deferred | ToolFailed> {
  const { tested } = caughtUp;
  const [moved, nothing] = await Promise.all([
    refsMoved(request, signal),
    findNothingToLand({ ...request, caughtUp, signal }),
  ]);
  if (moved !== null) return moved;
  if (nothing !== null) return nothing;
  const markers = await judgeMarkers(request, tested, signal);
  if (markers.kind !== 'kept') return markers;
  const gate = await judgeGateChange(request, tested, signal);
  if (gate.kind !== 'unchanged') return gate;
  const warnings = [...leftOutWarnings(caughtUp), ...markers.warnings, ...gate.warnings];
  return { kind: 'wanted', warnings, changed: gate.changed, decision: gate.decision };
}

const leftOutWarnings = (caughtUp: Rebased): readonly string[] =>
  (caughtUp.kind === 'caught-up' ? (caughtUp.leftOut ?? []) : []).map(
    (commit) => `left-out: main has the change of ${commit.slice(0, 12)} and has built on it; main's form stays`,
  );

/** A marker that main itself lost is not the branch's doing: it warns. */
async function judgeMarkers(
  { git, base, markers = [] }: ParsedMergeRequest,
  tested: string,
  signal: AbortSignal,
): Promise<{ readonly kind: 'kept'; readonly warnings: readonly string[] } | Refused | Deferred | ToolFailed> {
  const there = await checkRegressionMarkers({ git, commit: tested, markers, signal });
  if (there.kind === 'present') return { kind: 'kept', warnings: [] };
  if (there.kind !== 'lost') return there;
  const onMain = await checkRegressionMarkers({ git, commit: base, markers: there.markers, signal });
  if (onMain.kind === 'present') return { kind: 'marker-lost', markers: there.markers };
  if (onMain.kind !== 'lost') return onMain;
  const lostBefore = new Set<RegressionMarker>(onMain.markers);
  const byBranch = there.markers.filter((marker) => !lostBefore.has(marker));
  if (byBranch.length > 0) return { kind: 'marker-lost', markers: byBranch };
  return {
    kind: 'kept',
    warnings: onMain.markers.map(({ ticket, symbol }) => `marker-lost-on-main: ${ticket} ${symbol}`),
  };
}
