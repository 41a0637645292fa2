/** A failed git call as one line for people: what was asked, what was met, and git's own first words. */
import type { GitFailed } from '@gatehouse/git';

export function gitInWords({ op, trouble, stderr }: GitFailed): string {
  if (trouble === 'missing-git' || trouble === 'too-old')
    return `${trouble === 'too-old' ? 'git is too old' : 'git is not on PATH'}; install git 2.39 or newer`;
  return [`git ${op}`, trouble, firstLine(stderr)].filter((part) => part !== '').join(': ');
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
