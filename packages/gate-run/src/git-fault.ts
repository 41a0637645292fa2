/** Whose fault a failed git call is. Never the change's: the worst a repository can do here is be unreadable. */
import type { GitFailed } from '@gatehouse/git';
import { type Crashed, describeCrash, type MachineFault } from '@gatehouse/verdict';

/** The table is the whole policy. `infra`: ask again. `tool-failed`: asking again changes nothing. */
const FAMILY: { readonly [Named in GitFailed['trouble']]: 'infra' | 'tool-failed' } = {
  timeout: 'infra',
  killed: 'infra',
  cancelled: 'infra',
  'disk-full': 'infra',
  denied: 'infra',
  locked: 'infra',
  network: 'infra',
  'missing-git': 'tool-failed',
  'too-old': 'tool-failed',
  'not-a-repository': 'tool-failed',
  corrupt: 'tool-failed',
  'missing-object': 'tool-failed',
  other: 'tool-failed',
};

/** What a failed call says about the machine; the rest is about this call or this repository alone. */
const FAULT_OF: { readonly [Named in GitFailed['trouble']]?: MachineFault } = {
  timeout: 'timeout',
  killed: 'signal',
  'disk-full': 'disk',
  denied: 'disk',
  network: 'network',
  'missing-git': 'tool',
  'too-old': 'tool',
};

/** The fault behind a failed git call that may hit other calls on this machine; null where it concerns this call alone. */
export function faultOfGit({ trouble, stderr }: Pick<GitFailed, 'trouble' | 'stderr'>): MachineFault | null {
  return FAULT_OF[trouble] ?? (trouble === 'other' && DISK.test(stderr) ? 'disk' : null);
}

/** Anything a git step answers that is not an answer to its question. */
export type GitAnomaly =
  | GitFailed
  | Crashed
  | {
      /** Any kind of answer of a git call. */
      readonly kind: string;
      /** What the call said, where it said something. */
      readonly reason?: string;
    };

/** A failed git call, as a machine's fault or a broken tool; never the change's. */
export interface GitFault {
  /** `infra`: asking again may help. `tool-failed`: it will not. */
  readonly kind: 'infra' | 'tool-failed';
  /** The step and what git said, in one line. */
  readonly reason: string;
  /** The fault of the machine behind it, where it could be told. */
  readonly trouble?: MachineFault;
}

/**
 * Phrases about a disk that is full, read-only or denied, here or at the remote, where git itself names no fault: it
 * calls a failed write an error of a rebase or of a ref, and a remote that cannot write is a refusal.
 */
const DISK =
  /No space left on device|Out of diskspace|Disk quota exceeded|Read-only file system|Input\/output error|unable to create (?:temporary object directory|directory for)|couldn't write '|unable to write |(?:Unable to create|unable to (?:access|open)) .+: Permission denied/;

/** One line for people, and which family it belongs to. */
export function gitFault(step: string, answer: GitAnomaly): GitFault {
  if ('trouble' in answer) {
    const said = answer.stderr.trim().split('\n')[0] ?? '';
    const kind = answer.trouble === 'other' && DISK.test(answer.stderr) ? 'infra' : FAMILY[answer.trouble];
    const fault = faultOfGit(answer);
    const reason = `git ${step}: ${answer.trouble}${said === '' ? '' : ` (${said})`}`;
    return { kind, reason, ...(fault === null ? {} : { trouble: fault }) };
  }
  if ('error' in answer) return { kind: 'tool-failed', reason: describeCrash(answer) };
  const reason = `git ${step}: ${answer.kind}${answer.reason === undefined ? '' : ` (${answer.reason})`}`;
  return DISK.test(answer.reason ?? '') ? { kind: 'infra', reason, trouble: 'disk' } : { kind: 'tool-failed', reason };
}
