/**
 * From what git said to a named kind of failure. Messages are those of LC_ALL=C; an unknown one stays `other`, never a
 * guess.
 */
import type { GitFailed, GitFailureKind } from '../outcome.ts';

const STDERR_LIMIT = 2048;

/** First match wins: a full disk explains a missing lock, a lock explains a refused ref. */
const SIGNS: readonly (readonly [RegExp, GitFailureKind])[] = [
  [/No space left on device|Out of diskspace|Disk quota exceeded|File too large/, 'disk-full'],
  [/\.lock': File exists|[Aa]nother git process/, 'locked'],
  [/cannot lock ref .*(?:is at [0-9a-f]+ but expected|reference already exists)/, 'locked'],
  [
    /Permission denied \(|Could not resolve host|unable to access 'https?:|Connection (?:refused|reset|timed out|closed)/,
    'network',
  ],
  [
    /remote end hung up|Authentication failed|could not read Username|RPC failed|Host key verification failed/,
    'network',
  ],
  [
    /Permission denied|insufficient permission|Read-only file system|Operation not permitted|dubious ownership|Not a directory/,
    'denied',
  ],
  [/not a git repository|does not appear to be a git repository|not a valid repository/, 'not-a-repository'],
  [
    /corrupt|inflate: |incorrect header check|hash mismatch|packfile .+ (?:cannot be|is far too|does not match)/,
    'corrupt',
  ],
  [/unable to (?:stream|unpack)|header for [0-9a-f]+ too long/, 'corrupt'],
  [
    /fsck error|did not receive expected object|too-short tree|malformed|is empty$|Invalid path|invalid path/m,
    'corrupt',
  ],
  [
    /[Nn]ot a valid (?:object|commit)|bad object|bad revision|unable to (?:read|find)|[Cc]ould not (?:read|parse)|missing (?:blob|tree|commit|object)/,
    'missing-object',
  ],
  [
    /not a tree object|no such commit|reference is not a tree|not our ref|failed to (?:read|unpack) tree/,
    'missing-object',
  ],
];

/** The kind of failure that a message of git stands for. */
export function failureKindOf(stderr: string): GitFailureKind {
  return SIGNS.find(([sign]) => sign.test(stderr))?.[1] ?? 'other';
}

/** Builds the one failure value; `stderr` is bounded and loses its control characters. */
export function gitFailed(
  op: string,
  trouble: GitFailureKind,
  about: { code?: number | null; stderr?: string; pid?: number } = {},
): GitFailed {
  const stderr = printable(about.stderr ?? '').slice(0, STDERR_LIMIT);
  return {
    kind: 'git-failed',
    op,
    trouble,
    code: about.code ?? null,
    stderr,
    ...(about.pid === undefined ? {} : { pid: about.pid }),
  };
}

const printable = (text: string): string =>
  text
    .replace(/[^\n\t\x20-\x7e\u00a0-\ud7ff\uf900-\ufffd]/g, '?')
    .replace(/[\p{Cf}\u2028\u2029]/gu, '?')
    .trim();
