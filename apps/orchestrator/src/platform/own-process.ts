/**
 * What this very process was given by whoever started it and Node does not tell: the bytes of its words, descriptors above 2, an
 * ignored SIGHUP, a terminal. Read from /proc; where there is none, the answer is what Node knows.
 */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) return null;
    throw error;
  }
}

/** The words as they were typed; bytes for each that is no UTF-8, which Node shows with U+FFFD in it. `words` are the last ones. */
export function exactWords(words: readonly string[]): readonly (string | Uint8Array)[] {
  if (!words.some((word) => word.includes('\uFFFD'))) return words;
  const block = attempt(() => readFileSync('/proc/self/cmdline'));
  if (block === null) return words;
  const all: Uint8Array[] = [];
  for (let from = 0, to = block.indexOf(0); to >= 0; from = to + 1, to = block.indexOf(0, from))
    all.push(block.subarray(from, to));
  const last = all.slice(-words.length);
  return words.map((word, index) => (word.includes('\uFFFD') ? (last[index] ?? word) : word));
}

const CLOSE_ON_EXEC = 0o2000000;
const NONBLOCKING = 0o4000;

interface Open {
  readonly number: number;
  readonly target: string;
  readonly flags: number;
}

/**
 * Descriptors above 2 that were open before this process began. Node sets close-on-exec on them, as on its own: an event queue and
 * what belongs to it, and pipes with both ends in here. Of those pipes only the first is a blocking one.
 */
export function inheritedDescriptors(): readonly number[] {
  const open = listOpen();
  const first = open.find(({ target }) => target === 'anon_inode:[eventpoll]')?.number ?? Number.POSITIVE_INFINITY;
  let blocking: string | null = null;
  const isOurs = ({ number, target, flags }: Open): boolean => {
    if ((flags & CLOSE_ON_EXEC) === 0 || number < first) return false;
    if (target.startsWith('anon_inode:')) return true;
    if (!target.startsWith('pipe:')) return false;
    const ends = open.filter((other) => other.target === target && other.number > first);
    if (ends.length !== 2) return false;
    if (ends.every((end) => (end.flags & NONBLOCKING) !== 0)) return true;
    blocking ??= target;
    return blocking === target;
  };
  return open.filter((one) => !isOurs(one)).map(({ number }) => number);
}

function listOpen(): readonly Open[] {
  const names = attempt(() => readdirSync('/proc/self/fd')) ?? [];
  return names
    .map(Number)
    .filter((number) => number > 2)
    .sort((a, b) => a - b)
    .flatMap((number) => {
      const target = attempt(() => readlinkSync(`/proc/self/fd/${number}`));
      const info = attempt(() => readFileSync(`/proc/self/fdinfo/${number}`, 'latin1'));
      const flags = Number.parseInt(/^flags:\s*(\d+)$/m.exec(info ?? '')?.[1] ?? '', 8);
      // The directory that is being listed is closed by now.
      return target === null || Number.isNaN(flags) || attempt(() => fstatSync(number)) === null
        ? []
        : [{ number, target, flags }];
    });
}

const HANGUP = 1n;

/**
 * Whether SIGHUP was ignored when we began. Node resets it before it runs a line of ours, so what is left to see is who started
 * us: a shell that ignores it itself, or nohup(1), by the variable `_` of most shells or by the standard input that it
 * gives a process on a terminal: /dev/null, open for writing only.
 */
export function isHangupIgnored(): boolean {
  const started = /(?:^|\0)_=(?:[^\0]*\/)?nohup\0/.test(
    attempt(() => readFileSync('/proc/self/environ', 'latin1')) ?? '',
  );
  const isNohupInput = inputOf() === '/dev/null w';
  const status = attempt(() => readFileSync(`/proc/${process.ppid}/status`, 'latin1')) ?? '';
  const ignored = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return started || isNohupInput || (ignored & HANGUP) === HANGUP;
}

function inputOf(): string {
  const info = attempt(() => readFileSync('/proc/self/fdinfo/0', 'latin1')) ?? '';
  const access = Number.parseInt(/^flags:\s*(\d+)$/m.exec(info)?.[1] ?? '0', 8) & 3;
  return `${attempt(() => readlinkSync('/proc/self/fd/0')) ?? ''} ${access === 1 ? 'w' : 'r'}`;
}

/** Whether this process has a terminal that its children could open. */
export function hasTerminal(): boolean {
  const descriptor = attempt(() => openSync('/dev/tty', 'r+'));
  if (descriptor !== null) closeSync(descriptor);
  return descriptor !== null;
}

/** Whether the keys of the terminal send their signals to our process group, and so to a command in it as well. */
export function isInForeground(): boolean {
  const stat = attempt(() => readFileSync('/proc/self/stat', 'latin1')) ?? '';
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group !== undefined && group === foreground;
}

/** The names of our variables. */
export const ownVariableNames = (): readonly string[] =>
  (attempt(() => readFileSync('/proc/self/environ', 'utf8')) ?? '')
    .split('\0')
    .filter((entry) => entry.includes('='))
    .map((entry) => entry.slice(0, entry.indexOf('=', 1)));

/** Null where it was removed. */
export const workingDirectory = (): string | null => attempt(() => process.cwd());
