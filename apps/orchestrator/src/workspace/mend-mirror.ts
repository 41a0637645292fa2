/**
 * A mirror that lost objects, as by a power cut, is made anew: fetched beside the old one, given what that one still keeps of ours,
 * and put in its place. A forge that lost them is another matter: then the mirror is whole, or the new one cannot be fetched.
 */
import { carryRefs, checkObjects } from '@gatehouse/git';
import { describeCrash } from '@gatehouse/verdict';
import type { FetchAnswer } from '../forges/port.ts';
import { describeGitFailure } from '../platform/describe-git-failure.ts';
import { errorOf, errorsOf } from '../platform/errors.ts';
import { removeDirectory, replaceDirectory } from '../platform/files.ts';

export interface MendRequest {
  readonly dir: string;
  /** `tips` is quick, and enough while nothing else looks like a loss. */
  readonly depth: 'tips' | 'all';
  /** Fetches every branch into a directory. */
  readonly fetch: (dir: string) => Promise<FetchAnswer>;
  readonly signal: AbortSignal;
}

export type Mended =
  | { readonly kind: 'whole' }
  /** `lost`: refs of ours whose objects are gone. */
  | {
      readonly kind: 'rebuilt';
      readonly answer: FetchAnswer;
      readonly damage: string;
      readonly lost: readonly string[];
    }
  /** The old one stands as it was. */
  | { readonly kind: 'unmended'; readonly reason: string };

/** Looks at the mirror, and makes it anew where it needs that. Nobody else fetches into it meanwhile. */
export async function mendMirror({ dir, depth, fetch, signal }: MendRequest): Promise<Mended> {
  const checked = await checkObjects({ repo: { gitDir: dir }, depth, signal });
  if (checked.kind === 'whole') return checked;
  if (checked.kind === 'crashed') return { kind: 'unmended', reason: describeCrash(checked) };
  if (checked.kind === 'git-failed') return { kind: 'unmended', reason: describeGitFailure(checked) };
  const beside = `${dir}.anew`;
  const unmended = async (reason: string): Promise<Mended> => {
    await errorsOf([removeDirectory(beside)]);
    return { kind: 'unmended', reason: `it has lost objects (${checked.reason}), and ${reason}` };
  };
  await removeDirectory(beside);
  const answer = await fetch(beside);
  if (answer.kind !== 'fresh') return unmended(`a new one cannot be fetched: ${answer.reason}`);
  const carried = await carryRefs({ from: { gitDir: dir }, into: { gitDir: beside }, signal });
  if (carried.kind === 'crashed') return unmended(describeCrash(carried));
  if (carried.kind === 'git-failed') return unmended(`what it keeps cannot be taken: ${describeGitFailure(carried)}`);
  // Cut off in between, the next fetch makes the mirror anew without the refs of ours.
  const failure = await errorOf(replaceDirectory(dir, beside));
  if (failure !== undefined) return unmended(failure.message);
  const lost = carried.lost;
  return { kind: 'rebuilt', answer: { ...answer, git: { gitDir: dir } }, damage: checked.reason, lost };
}
