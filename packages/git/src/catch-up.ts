/**
 * Catches a branch up with its base the quick way where that is safe, and in the slot where it is not. Both ways give the
 * same trees, authors and messages: test/catch-up.prop.test.ts compares them on random branches.
 */
import type { GitFailed } from './outcome.ts';
import {
  type Conflicted,
  expectRebase,
  type Rebased,
  type RebaseOnto,
  rebaseOnto,
  type UnrelatedHistory,
} from './rebase.ts';
import { replay, type Unfit } from './replay.ts';

/** Which way an answer was found, and why the quick way was not taken. */
export type CaughtUpBy =
  | {
      /** `fast`: without a work tree. `work-tree`: in the slot. */
      readonly path: 'fast';
    }
  | {
      /** `fast`: without a work tree. `work-tree`: in the slot. */
      readonly path: 'work-tree';
      /** Why the quick way was not safe. */
      readonly why: Unfit;
    };

/** Ends both ways: asking the other one would only take longer. */
const FINAL: readonly GitFailed['trouble'][] = ['cancelled', 'timeout', 'disk-full', 'missing-git'];

/**
 * Like `rebaseOnto`, with one difference: what the slot holds afterwards is open (`fast` does not touch it). Check
 * `tested` out before running anything in it. A conflict is always the work tree's answer.
 */
export async function catchUp(
  request: RebaseOnto,
): Promise<((Rebased | Conflicted | UnrelatedHistory) & CaughtUpBy) | GitFailed> {
  expectRebase(request);
  const quick = await replay(request);
  if (quick.kind === 'git-failed' && FINAL.includes(quick.trouble)) return quick;
  if (quick.kind !== 'git-failed' && quick.kind !== 'unfit') return { ...quick, path: 'fast' };
  const why = quick.kind === 'unfit' ? quick.why : 'git';
  const answer = await rebaseOnto(request);
  return answer.kind === 'git-failed' ? answer : { ...answer, path: 'work-tree', why };
}
