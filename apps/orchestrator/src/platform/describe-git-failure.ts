/** What git met, as one line for people. */
import type { GitFailed } from '@gatehouse/git';

/** A failed call: the operation, the fault, and git's own first line. */
export function describeGitFailure({ op, trouble: fault, stderr }: GitFailed): string {
  if (fault === 'missing-git' || fault === 'too-old')
    return `${fault === 'too-old' ? 'git is too old' : 'git is not on PATH'}; install git 2.39 or newer`;
  return [`git ${op}`, fault, firstLine(stderr)].filter((part) => part !== '').join(': ');
}

/** For the person who can push it again. */
export const describeMissingObjects = (branch: string): string =>
  `the forge has lost objects of ${branch}; push it again`;

const NAMED = 5;

/** For the people of a branch that waits: `base` is where main stands, `paths` the first of the `count` that conflict. */
export function describeForeseenConflict({
  count,
  paths,
  base,
}: {
  readonly count: number;
  readonly paths: readonly string[];
  readonly base: string;
}): string {
  const more = count > NAMED ? ` and ${count - NAMED} more` : '';
  const named = paths.slice(0, NAMED).map(visible).join(', ');
  return `conflicts with main in ${count} path${count === 1 ? '' : 's'}: ${named}${more} (main is at ${base.slice(0, 12)}); it keeps its place and is tried all the same`;
}

/** The author of a branch chooses its paths: no terminal and no line is to obey them. */
const visible = (path: string): string =>
  path.replace(/[\p{Cc}\p{Cf}]/gu, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
