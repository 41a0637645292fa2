/** Which git this machine has. Below the floor nothing is tried: older ones lack the settings the hardening relies on. */

import { gitFailed } from './adapters/diagnosis.ts';
import { callGit } from './adapters/git-call.ts';
import type { CallOptions, GitFailed } from './outcome.ts';

/** The lowest git that is accepted: `safe.bareRepository` and `merge-tree --write-tree` exist from here on. */
export const GIT_FLOOR = { major: 2, minor: 39 } as const;

/** A git at or above the floor. */
export interface GitVersion {
  readonly kind: 'version';
  /** What `git --version` says, for example `git version 2.39.5`. */
  readonly text: string;
  /** The first number of it. */
  readonly major: number;
  /** The second number of it. */
  readonly minor: number;
}

/** Asks git for its version; `too-old` below 2.39, `missing-git` when there is none. */
export async function gitVersion(options: CallOptions = {}): Promise<GitVersion | GitFailed> {
  const asked = await callGit({ op: 'version', args: ['version'] }, options);
  if (asked.kind === 'git-failed') return asked;
  const text = asked.text.trim().slice(0, 200);
  const numbers = /^git version (\d+)\.(\d+)/.exec(text);
  if (numbers === null) return gitFailed('version', 'other', { code: 0, stderr: `this is not git: ${text}` });
  const [major, minor] = [Number(numbers[1]), Number(numbers[2])];
  const enough = major > GIT_FLOOR.major || (major === GIT_FLOOR.major && minor >= GIT_FLOOR.minor);
  if (!enough)
    return gitFailed('version', 'too-old', {
      code: 0,
      stderr: `${text}: at least ${GIT_FLOOR.major}.${GIT_FLOOR.minor} is needed`,
    });
  return { kind: 'version', text, major, minor };
}

const proven = new Set<string>();

/** As `gitVersion`, but a git that was new enough once is not asked again: a mirror is opened before each fetch. */
export async function requireGit(options: CallOptions): Promise<GitFailed | null> {
  const which = options.gitPath ?? 'git';
  if (proven.has(which)) return null;
  const version = await gitVersion(options);
  if (version.kind === 'git-failed') return version;
  proven.add(which);
  return null;
}
