/**
 * The shell line that marks itself and then becomes the command: no process stays in between, so the exit status and the
 * pid are the command's own. If the shell cannot become the command it says so on stderr under a name no command has.
 */
import type { CommandLine } from './containment/containment.ts';
import type { OutputCapture } from './verdict.ts';

/** Which letter this /bin/sh gives RLIMIT_LOCKS in `ulimit`: `w` in dash and busybox, `x` in bash. */
export type LocksFlag = 'w' | 'x';

export interface Marks {
  readonly flag: LocksFlag;
  readonly low: bigint;
  readonly high: bigint;
  /** The cgroup v2 leaf of the run, or null. */
  readonly leaf: string | null;
  /** Whether the shell has to move itself there: a keeper starts it inside. */
  readonly joins: boolean;
  readonly cpuSeconds: number | null;
  /** Bounds the private memory of each process (RLIMIT_DATA). */
  readonly dataBytes: number | null;
}

/** Shell exit statuses that a failed exec can have (POSIX, Command Search and Execution), and ours for a failed mark. */
const FAILED: readonly (number | null)[] = [125, 126, 127];

/** What the shell calls itself; no command knows it. */
export const nameOf = (marks: Marks): string => `gatehouse-exec-${marks.low}`;

/** `line.file` must contain a slash, so that the shell neither searches it nor takes it for an option. */
export function execThrough(line: CommandLine, marks: Marks): CommandLine {
  const leaf = marks.joins ? marks.leaf : null;
  const script = [
    `ulimit -S -${marks.flag} ${marks.low} && ulimit -H -${marks.flag} ${marks.high} || exit 125`,
    ...(marks.cpuSeconds === null ? [] : [`ulimit -t ${marks.cpuSeconds} || exit 125`]),
    ...(marks.dataBytes === null ? [] : [`ulimit -d ${Math.max(1, Math.floor(marks.dataBytes / 1024))} || exit 125`]),
    ...(leaf === null ? [] : ['echo 0 > "$1/cgroup.procs" || exit 125', 'shift']),
    line.tail ?? 'exec "$@"',
  ];
  const joined = leaf === null ? [] : [leaf];
  return { file: '/bin/sh', args: ['-c', script.join('\n'), nameOf(marks), ...joined, line.file, ...line.args] };
}

export type ExecFailure = { readonly errno: string; readonly message: string };

/** Recognises the complaint of a shell of one of these names; null if the command was started and whatever happened is its own doing. */
export function execFailure(names: readonly string[], code: number | null, stderr: OutputCapture): ExecFailure | null {
  if (!FAILED.includes(code)) return null;
  const said = new TextDecoder().decode(stderr.head.subarray(0, 500));
  const name = names.find((name) => said.startsWith(`${name}:`));
  if (name === undefined) return null;
  const message = said.slice(name.length + 1).trim();
  if (code === 125) return { errno: 'ECONTAIN', message };
  if (/argument list too long/i.test(message)) return { errno: 'E2BIG', message };
  if (/exec format/i.test(message)) return { errno: 'ENOEXEC', message };
  return { errno: code === 127 ? 'ENOENT' : 'EACCES', message };
}

/** 126 and 127 are of setsid that could not become the command, whatever language it says so in. */
const OPENER_CODES: { readonly [Program: string]: readonly number[] } = { bwrap: [1], setsid: [126, 127] };

/**
 * Recognises that bubblewrap itself gave up, or setsid behind it: by the status of each, and its complaint is all that was said. A
 * command that says the very same has itself to thank that it counts as not started.
 */
export function openerFailure(
  code: number | null,
  { stdout, stderr }: { readonly stdout: OutputCapture; readonly stderr: OutputCapture },
): ExecFailure | null {
  if (code === null || stdout.totalBytes > 0 || stderr.totalBytes > 4096) return null;
  const said = new TextDecoder().decode(stderr.head);
  const [, program, complaint = ''] = /^(bwrap|setsid): ([^\n]+)\n$/.exec(said) ?? [];
  if (program === undefined || !(OPENER_CODES[program] ?? []).includes(code)) return null;
  const isMissing = program === 'setsid' ? code === 127 : /^execvp .*: No such file or directory$/.test(complaint);
  return { errno: isMissing ? 'ENOENT' : 'ECONTAIN', message: `${program}: ${complaint}` };
}
