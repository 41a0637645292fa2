/**
 * The true status of a command on Linux. Node says "exited 0" of a process that a real-time signal ended, so its word for
 * success is not taken: a small shell stands between, waits, and tells what the kernel told it. Why this way and what it
 * costs: docs/adr/0017-success-is-told-and-never-assumed.md.
 */

import type { Exit } from './adapters/child.ts';
import { randomBytes } from './adapters/random.ts';
import type { CommandLine } from './containment/containment.ts';
import { signalName } from './signal-name.ts';

/** The shell talks on its descriptor 2; the command's stderr waits at this number meanwhile. */
export interface StatusShell {
  readonly stderrAt: number;
  /** What the shell calls itself when it cannot become the command; no command knows it. */
  readonly name: string;
}

/** dash reads a single digit before a redirection. */
const PARKING: readonly number[] = [3, 4, 5, 6, 7, 8, 9];

/** A number that no passed-on descriptor has; null if there is none. */
export function parkStderr(taken: readonly number[]): StatusShell | null {
  const stderrAt = PARKING.find((number) => !taken.includes(number));
  return stderrAt === undefined ? null : { stderrAt, name: `gatehouse-status-${randomBytes(6).toString('hex')}` };
}

/**
 * Every signal that can be caught, but CHLD and CONT: what is sent to the whole process group must not end the shell before
 * the command. A subshell gives the command the default action back. The C library keeps 32 and 33.
 */
const CAUGHT: string = Array.from({ length: 64 }, (_, index) => index + 1)
  .filter((number) => ![9, 17, 18, 19, 32, 33].includes(number))
  .join(' ');

/**
 * A signal that comes before the command has begun would end with the shell's trap, and the command would never know. The
 * subshell, in which it has its default action, sends it to itself. `deafTo` is what the command is to ignore. What comes while the
 * subshell is forked and has the traps yet is lost all the same; `BEGUN` tells us from when on we may send.
 */
const remember = (variable: string): string =>
  `for ${variable} in ${CAUGHT}; do trap "${variable}_came=$${variable}" $${variable}; done`;
const handOn = (variable: string, deafTo: number): string =>
  `case "$${variable}_came" in ''|${deafTo}) ;; *) /bin/sh -c "kill -$${variable}_came \\$PPID" ;; esac`;

const BEGUN = '+';

/**
 * `#` once the shell has nothing to complain about any more, `+` once a signal reaches the command, then what the shell remarks
 * when a signal ended the command (`Killed`), then the status as shells have it. Other shells than dash and busybox remark less, and
 * name themselves.
 */
export function throughStatusShell(
  { file, args, tail = 'exec "$@"' }: CommandLine,
  { stderrAt, name }: StatusShell,
  deafTo = 0,
): CommandLine {
  const variable = name.replaceAll('-', '_');
  const script = [
    remember(variable),
    'echo "#" >&2',
    `(\n${handOn(variable, deafTo)}\necho ${BEGUN} >&2\nexec 2>&${stderrAt} ${stderrAt}>&-\n${tail}\n)`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
    'echo "=$? ${BASH_VERSION:+other}${ZSH_VERSION:+other}${KSH_VERSION:+other}" >&2',
  ];
  return { file: '/bin/sh', args: ['-c', script.join('\n'), name, file, ...args] };
}

/** From here on the process that becomes the command takes signals itself. */
export const hasBegun = (said: string): boolean => /(?:^|\n)#\n\+\n/.test(said);

const TOLD = /^(?:[\s\S]*?\n)?#\n(?:\+\n)?([\s\S]*?)=(\d{1,3}) (other)*\n$/;
/** Of these deaths dash says nothing. */
const UNREMARKED: readonly number[] = [2, 13];
const LAST_SIGNAL = 64;

/** What the shell told. `shell`: how it ended itself, which counts only if it was kept from telling. */
export function readTold(said: string, shell: Exit): Exit {
  const [, remark, status, other] = TOLD.exec(said) ?? [];
  if (remark === undefined || status === undefined) {
    // Who kills the shell kills its group, and the command with it.
    if (shell.signal !== null) return { ...shell, inferred: true };
    return { code: null, signal: null };
  }
  const code = Number(status);
  const number = code - 128;
  if (number < 1 || number > LAST_SIGNAL) return { code, signal: null };
  if (remark !== '') return { code: null, signal: signalName(number) };
  const inferred = other !== undefined || UNREMARKED.includes(number);
  return inferred ? { code: null, signal: signalName(number), inferred } : { code, signal: null };
}
