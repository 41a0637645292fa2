/**
 * A command that exits 0 and prints no summary although its runner is one that always prints one: a process may have
 * ended in the middle of the suite. Main tells whether that is how this suite speaks: by what is remembered of it, or by a run.
 */
import type { CommandRun } from '@gatehouse/gate-run';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { BaseRunQueue } from './ports.ts';
import { startsCountingRunner } from './rerun/runner-call.ts';
import { scriptTextAt } from './rerun/script-text.ts';
import { baseRunRequest, runBaseInTurn } from './run-base.ts';
import type { Deferred } from './verdict.ts';

/** `usual`: main's run says as little. `lost`: main counts its tests, and the branch's run does not. */
export type Uncounted = { readonly kind: 'usual' } | { readonly kind: 'lost'; readonly counted: number } | Deferred;

/** True for a green that says nothing about its tests. */
export const isUncounted = ({ ending }: CommandRun): boolean => ending === 'passed-uncounted';

/**
 * Asks main, where the runner is known and should have counted: the one case in which a green costs a run of main,
 * which the queue for base runs remembers. Under the lease, because what is green here lands; so it waits for no turn.
 */
export async function judgeUncounted(asked: {
  readonly request: ParsedMergeRequest;
  readonly run: CommandRun;
  readonly hostDigest: string;
  readonly queue: BaseRunQueue | undefined;
  /** How many tests main ran when it was counted last; null: not known. */
  readonly onMain: number | null;
  readonly signal: AbortSignal;
}): Promise<Uncounted> {
  const { request, run, hostDigest, queue, onMain, signal } = asked;
  if (onMain !== null && onMain > 0) return { kind: 'lost', counted: onMain };
  const scriptText = scriptTextAt(request, request.base, signal);
  const isRecognised = run.tests?.runner !== undefined;
  if (!isRecognised && !(await startsCountingRunner(request.policy.command, scriptText))) return { kind: 'usual' };
  const base = await runBaseInTurn(baseRunRequest(request, hostDigest, signal), queue);
  if (base.kind === 'infra' || base.kind === 'tool-failed')
    return {
      kind: 'infra',
      reason: `the runner printed no summary, and main cannot be asked whether it ever does: ${base.reason}`,
      run,
    };
  const { total } = base.run.tests ?? {};
  return total === undefined ? { kind: 'usual' } : { kind: 'lost', counted: total };
}
