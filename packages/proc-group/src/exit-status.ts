/** A run's end as the exit status of a program that stands in for the command, as timeout(1) does. */
import { readForeign } from './adapters/safe-read.ts';
import { signalNumber } from './signal-name.ts';
import type { GroupRun } from './verdict.ts';

/** timeout(1): the deadline passed. */
const TIMED_OUT = 124;
/** timeout(1): the stand-in itself failed. */
const OURS = 125;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
/** No fork, or nothing to do it with: about us, and nothing about the command. */
const NOT_FORKED: readonly unknown[] = ['ECONTAIN', 'EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'];

/**
 * The command's own code; 128+n after signal n; 124 on timeout; 126 or 127 if it could not be started or found; 125 for
 * everything else, an answer that is none included. Total.
 */
export function exitStatusOf(run: GroupRun | { readonly kind: 'crashed' }): number {
  const { kind, code, signal, errno } = readForeign(run, ['kind', 'code', 'signal', 'errno']);
  if (kind === 'exited' && typeof code === 'number' && code >= 0 && code <= 255) return code;
  if (kind === 'signaled') return statusOfSignal(signal);
  if (kind === 'timeout') return TIMED_OUT;
  if (kind === 'spawn-failed' && !NOT_FORKED.includes(errno)) return errno === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE;
  return OURS;
}

function statusOfSignal(name: unknown): number {
  const number = typeof name === 'string' ? signalNumber(name) : null;
  return number === null ? OURS : 128 + number;
}
