/**
 * Whether fewer tests decide on a branch than on main. Main's count comes from its own remembered runs, so asking costs no run;
 * where main was never counted it is run for a branch whose text says that it may run fewer, and for no other. Where nothing
 * is counted, or a runner counts as passed what is expected to fail, the branch's text is what is told.
 */
import { resolveCommit } from '@gatehouse/git';
import { callPort, isCrashed } from './call-port.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { BaseRunQueue, TestMemoryPort } from './ports.ts';
import { baseRunRequest, runBaseInTurn } from './run-base.ts';
import type { TestsFell } from './verdict.ts';
import type { Weakening } from './weakened-tests.ts';

interface Compared {
  readonly request: ParsedMergeRequest;
  readonly memory: TestMemoryPort | undefined;
  readonly gateDigest: string;
  readonly signal: AbortSignal;
}

/** How many tests main ran under this definition when it was counted last; null: not known. What fails here is not known. */
export async function testsOnMain({ request, memory, gateDigest, signal }: Compared): Promise<number | null> {
  if (memory === undefined) return null;
  const { git: repo, base, gitTimeoutMs: timeoutMs } = request;
  const found = await resolveCommit({ repo, ref: base, timeoutMs, signal });
  return found.kind === 'found' ? testsOf({ request, memory, gateDigest, tree: found.tree }) : null;
}

/** How many tests a tree ran when it was counted last; null: not known. */
export async function testsOf({
  request,
  memory,
  gateDigest,
  tree,
}: Omit<Compared, 'signal'> & { readonly tree: string }): Promise<number | null> {
  if (memory === undefined) return null;
  const known = await callPort('tests.testsRun', () => memory.testsRun(request.repo, { tree, gateDigest }));
  return isCrashed(known) ? null : known;
}

/** Main's count, by a run of main; null: it does not say. Under the lease, like `judgeUncounted`. */
export async function countOfMain(asked: {
  readonly request: ParsedMergeRequest;
  readonly hostDigest: string;
  readonly queue: BaseRunQueue | undefined;
  readonly signal: AbortSignal;
}): Promise<number | null> {
  const { request, hostDigest, queue, signal } = asked;
  const base = await runBaseInTurn(baseRunRequest(request, hostDigest, signal), queue);
  return base.kind === 'green' || base.kind === 'red' ? (base.run.tests?.total ?? null) : null;
}

export interface CountedTests {
  /** Null: not known. */
  readonly ran: number | null;
  readonly onMain: number | null;
  readonly weakening: Weakening;
}

/** `fell`: refused where the policy says so, else a warning. Deleting tests is an author's right, and main should hear of it. */
export function judgeCount(
  { ran, onMain, weakening }: CountedTests,
  policy: ParsedMergeRequest['policy'],
): { readonly kind: 'kept'; readonly warnings: readonly string[] } | TestsFell {
  const fell = fallOf({ ran, onMain, weakening });
  if (fell === null) return { kind: 'kept', warnings: [] };
  // Where main could not be asked for its count, a text alone refuses nobody.
  const isCertain = ran === null || onMain !== null || weakening.expectedToFail > 0;
  if (policy.fewerTests === 'block' && isCertain) return fell;
  return { kind: 'kept', warnings: [`tests-fell: ${describeFall(fell)}`] };
}

function fallOf({ ran, onMain, weakening }: CountedTests): TestsFell | null {
  const isCounted = ran !== null && onMain !== null;
  if (isCounted && ran < onMain) return { kind: 'tests-fell', onMain, ran };
  const isHidden = !isCounted || weakening.expectedToFail > 0;
  return isHidden && weakening.words !== '' ? { kind: 'tests-fell', weakened: weakening.words } : null;
}

/** What fell, in words. */
export const describeFall = (fell: TestsFell): string =>
  'weakened' in fell
    ? `the branch ${fell.weakened}, and no count of its runner tells`
    : `main runs ${fell.onMain} test${fell.onMain === 1 ? '' : 's'}, the branch ${fell.ran}`;
