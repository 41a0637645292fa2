/**
 * Whether a branch runs fewer tests than main did. Main's count comes from its own remembered runs, so asking costs no run;
 * where main was never counted nothing is compared.
 */
import { resolveCommit } from '@gatehouse/git';
import { callPort, isCrashed } from './call-port.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { TestMemoryPort } from './ports.ts';
import type { TestsFell } from './verdict.ts';

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
