/**
 * Lets the branch that mends main go before those that do not. While main is remembered to fail tests that can be run alone, a branch is
 * asked about those first: one that leaves all of them red steps aside after that, without a run of its whole suite. Under the lease.
 */
import { callPort, isCrashed } from './call-port.ts';
import type { CaughtUpCandidate } from './candidate.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { BaseRunQueue } from './ports.ts';
import { planRerun } from './rerun/plan-rerun.ts';
import { scriptTextAt } from './rerun/script-text.ts';
import { retestBranch } from './retest.ts';
import type { Deferred } from './verdict.ts';

interface Asked {
  readonly request: ParsedMergeRequest;
  readonly candidate: CaughtUpCandidate;
  readonly queue: BaseRunQueue | undefined;
  readonly signal: AbortSignal;
}

/** `to-be-judged`: by its whole suite, as ever; `isSlotFresh`: nothing ran in the slot. */
export type MainLeft =
  | { readonly kind: 'to-be-judged'; readonly isSlotFresh: boolean }
  | Extract<Deferred, { readonly kind: 'main-broken' }>;

const UNASKED: MainLeft = { kind: 'to-be-judged', isSlotFresh: true };
/** More tests than this are not asked for: these stay red or they do not. */
const MOST = 8;

/** Whatever cannot be known leaves the branch to be judged. */
export async function leavesMainBroken({ request, candidate, queue, signal }: Asked): Promise<MainLeft> {
  const { repo, base, policy } = request;
  if (queue === undefined || candidate.tested === base) return UNASKED;
  const { gateDigest, hostDigest, envDigest, tested } = candidate;
  const baseRun = await callPort('base.lookup', () => queue.lookup({ repo, commit: base, gateDigest, hostDigest }));
  if (baseRun === null || isCrashed(baseRun) || baseRun.outcome !== 'red') return UNASKED;
  const { failed = [], runner } = baseRun.tests ?? {};
  const names = [...failed].sort().slice(0, MOST);
  if (names.length === 0) return UNASKED;
  const rerun = await planRerun({ policy, names, runner, scriptText: scriptTextAt(request, base, signal) });
  if (rerun === null) return UNASKED;
  const alone = { ...policy, ...rerun, minTests: 1 };
  const limits = { treeKill: request.switches.treeKill, signal, purpose: 'branch-tests' } as const;
  const told = await retestBranch({ ...request, ...limits, commit: tested, policy: alone, attempt: 0 });
  const stillFails = told.kind === 'red' ? (told.run.tests?.failed ?? []) : [];
  if (told.kind !== 'red' || !names.every((name) => stillFails.includes(name)))
    return { kind: 'to-be-judged', isSlotFresh: false };
  const certificate = {
    ...{ tested, base, gateDigest, hostDigest, envDigest, baseRun },
    ...{ first: told.run, second: told.run, lostCount: false, bound: 1, runs: { full: 0, single: 1 } },
  };
  return { kind: 'main-broken', base, certificate };
}
