/**
 * Whether a branch runs fewer tests than main did. Main's count comes from its own remembered runs, so asking costs no run; where
 * main was never counted it is run for a branch whose text says that it may run fewer, and for no other.
 */
import { resolveCommit } from '@gatehouse/git';
import { callPort, isCrashed } from './call-port.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { BaseRunQueue, TestMemoryPort } from './ports.ts';
import { baseRunRequest, runBaseInTurn } from './run-base.ts';
import type { TestsFell } from './verdict.ts';
import { mayRunFewerTests } from './weakened-tests.ts';

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
  if (found.kind !== 'found') return null;
  const key = { tree: found.tree, gateDigest };
  const known = await callPort('tests.testsRun', () => memory.testsRun(request.repo, key));
  return isCrashed(known) ? null : known;
}

/** Main's count, by a run of main where the branch is worth one; null: not known. Under the lease, like `judgeUncounted`. */
export async function countOfMain(asked: {
  readonly request: ParsedMergeRequest;
  readonly tested: string;
  readonly hostDigest: string;
  readonly queue: BaseRunQueue | undefined;
  readonly signal: AbortSignal;
}): Promise<number | null> {
  const { request, hostDigest, queue, signal } = asked;
  if (!(await mayRunFewerTests({ ...request, ...asked }))) return null;
  const base = await runBaseInTurn(baseRunRequest(request, hostDigest, signal), queue);
  return base.kind === 'green' || base.kind === 'red' ? (base.run.tests?.total ?? null) : null;
}

/** `fell`: refused where the policy says so, else a warning. Deleting tests is an author's right, and main should hear of it. */
export function judgeCount(
  ran: number | undefined,
  onMain: number | null,
  policy: ParsedMergeRequest['policy'],
): { readonly kind: 'kept'; readonly warnings: readonly string[] } | TestsFell {
  if (ran === undefined || onMain === null || ran >= onMain) return { kind: 'kept', warnings: [] };
  if (policy.fewerTests === 'block') return { kind: 'tests-fell', onMain, ran };
  return { kind: 'kept', warnings: [`tests-fell: main runs ${onMain} tests, the branch ${ran}`] };
}
