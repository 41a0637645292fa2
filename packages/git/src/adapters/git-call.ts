/**
 * The one way to run git: an argument list, a fixed environment, a deadline and a bound on what it may say. Short
 * trusted plumbing, so the process group is enough containment. The only other spawn is adapters/landing-child.ts.
 */

import { runInGroup } from '@gatehouse/proc-group';
import { invariant } from '@gatehouse/verdict';
import type { CallOptions, GitFailed } from '../outcome.ts';
import { withhold } from '../withheld.ts';
import { gitFailed } from './diagnosis.ts';
import { gitEnvironment, INHERITED, SETTINGS } from './git-environment.ts';
import { explainFailure } from './unreadable-objects.ts';

/** One git command. `args` starts with the subcommand; object names in it are full and checked by the caller. */
export interface GitCall {
  readonly op: string;
  readonly args: readonly string[];
  readonly gitDir?: string;
  /** Present for a slot; everything else runs bare. */
  readonly workTree?: string;
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: readonly string[];
  /** Exit codes that are an answer; default only 0. */
  readonly accept?: readonly number[];
  /** Further ones, if git says nothing beside them: some of its commands end the same way when they cannot read. */
  readonly acceptSilent?: readonly number[];
  readonly protocol?: string;
  /** Texts that no answer may hold: see withheld.ts. */
  readonly withheld?: readonly string[];
  /** Deadline when the request names none, in ms. */
  readonly deadlineMs?: number;
  /** More output than this ends the call as failed. Ignored with `onBytes`. */
  readonly maxBytes?: number;
  /** Takes stdout as it comes; nothing is kept. What it throws ends the call and reaches the caller as a crash. */
  readonly onBytes?: (bytes: Uint8Array) => void;
}

/** Git exited by itself with an accepted code. */
export interface Answered {
  readonly kind: 'answered';
  readonly code: number;
  readonly bytes: Buffer;
  readonly text: string;
  readonly stderr: string;
}

/** Default deadlines in ms: reading and writing objects, touching a work tree, talking to a remote. */
export const DEADLINE = { local: 60_000, workTree: 300_000, remote: 300_000 } as const;

const MAX_BYTES = 256 * 1024 * 1024;
const STDERR_BYTES = 16 * 1024;

/** The argument list and the environment of a call, shared with the landing child. */
export function commandOf(call: GitCall): { readonly args: string[]; readonly set: Record<string, string> } {
  const settings = [...SETTINGS, ...(call.settings ?? [])].flatMap((setting) => ['-c', setting]);
  const place = [
    ...(call.gitDir === undefined ? [] : [`--git-dir=${call.gitDir}`]),
    ...(call.workTree === undefined ? [] : [`--work-tree=${call.workTree}`]),
  ];
  const bare = call.gitDir !== undefined && call.workTree === undefined;
  return { args: [...place, ...settings, ...call.args], set: { ...gitEnvironment(call.protocol, bare), ...call.env } };
}

/** Runs git. An answer is an exit with an accepted code; everything else is a named failure. */
export async function callGit(call: GitCall, options: CallOptions): Promise<Answered | GitFailed> {
  invariant(
    call.gitDir === undefined || (typeof call.gitDir === 'string' && call.gitDir.startsWith('/')),
    'a git directory is absolute',
  );
  const sink = collect(call);
  const { args, set } = commandOf(call);
  const run = await runInGroup({
    command: options.gitPath ?? 'git',
    args,
    cwd: call.workTree ?? '/',
    env: { allow: [...(call.protocol === undefined ? INHERITED.local : INHERITED.remote)], set },
    timeoutMs: options.timeoutMs ?? call.deadlineMs ?? DEADLINE.local,
    graceMs: 1000,
    signal: options.signal === undefined ? sink.stop.signal : AbortSignal.any([options.signal, sink.stop.signal]),
    ...(call.stdin === undefined
      ? {}
      : { stdin: typeof call.stdin === 'string' ? Buffer.from(call.stdin) : call.stdin }),
    output: { headBytes: STDERR_BYTES, tailBytes: 0, onChunk: sink.take },
    containment: 'group',
    trusted: true,
  });
  if (run.kind === 'crashed') throw run.error;
  const withheld = call.withheld ?? [];
  const stderr = withhold(Buffer.from(run.stderr.head).toString('utf8'), withheld);
  const failed = (trouble: GitFailed['trouble'], about: { code?: number; stderr?: string } = {}): GitFailed =>
    gitFailed(call.op, trouble, { stderr, ...about });
  if (sink.full()) return failed('other', { stderr: `git said more than ${call.maxBytes ?? MAX_BYTES} bytes` });
  switch (run.kind) {
    case 'exited': {
      const accepted = [...(call.accept ?? [0]), ...(stderr === '' ? (call.acceptSilent ?? []) : [])];
      if (!accepted.includes(run.code)) return explainFailure(call.op, call.gitDir, { code: run.code, stderr });
      const bytes = Buffer.concat(sink.chunks);
      return { kind: 'answered', code: run.code, bytes, text: withhold(bytes.toString('utf8'), withheld), stderr };
    }
    case 'signaled':
      return failed('killed', { stderr: stderr || `git was ended by ${run.signal}` });
    case 'unknown':
      return failed('killed', { stderr: run.reason });
    case 'timeout':
      return failed('timeout');
    case 'cancelled':
      return failed('cancelled');
    case 'output-limit':
      return failed('other', { stderr: 'git said more than it may' });
    case 'spawn-failed':
      return failed(run.errno === 'ENOENT' ? 'missing-git' : run.errno === 'EACCES' ? 'denied' : 'other', {
        stderr: run.message,
      });
    case 'refused':
      return failed('other', { stderr: run.reason });
  }
}

/** Keeps stdout up to its bound, or passes it to `onBytes`. */
function collect(call: GitCall): {
  readonly chunks: Uint8Array[];
  readonly stop: AbortController;
  readonly full: () => boolean;
  readonly take: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
} {
  const chunks: Uint8Array[] = [];
  const stop = new AbortController();
  const limit = call.maxBytes ?? MAX_BYTES;
  let total = 0;
  const take = (stream: 'stdout' | 'stderr', bytes: Uint8Array): void => {
    if (stream === 'stderr') return;
    call.onBytes?.(bytes);
    if (call.onBytes !== undefined) return;
    total += bytes.length;
    if (total > limit) stop.abort();
    else chunks.push(bytes);
  };
  return { chunks, stop, full: () => total > limit, take };
}
