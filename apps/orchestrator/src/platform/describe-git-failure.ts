/** Why git failed, as one line for people. */
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

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
