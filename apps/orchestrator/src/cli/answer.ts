/** How a command ends: an exit status with a documented meaning, one object for tools, lines for people. */
import { visibleJson, visibleText } from '../platform/visible-text.ts';

export const EXIT = { pass: 0, fail: 1, usage: 2, error: 3, defer: 75 } as const;

export interface Answer {
  readonly exit: number;
  /** Printed as one JSON object with --json. */
  readonly json?: unknown;
  /** Printed on stdout without --json. */
  readonly text?: string;
  /** One line on stderr: what is wrong, and the next step. */
  readonly problem?: string;
}

export const usage = (problem: string): Answer => ({ exit: EXIT.usage, problem, json: { error: problem } });
export const failure = (problem: string): Answer => ({ exit: EXIT.error, problem, json: { error: problem } });

/** What a stand-in for another command needs of its own process; a terminal that only remembers has none. */
export interface OwnProcess {
  /** Descriptors above 2 that we were given. */
  readonly descriptors: readonly number[];
  readonly hasTerminal: boolean;
  readonly isInForeground: () => boolean;
  readonly isHangupIgnored: boolean;
  readonly exactWords: (words: readonly string[]) => readonly (string | Uint8Array)[];
  /** Settles once the bytes were taken, or with the errno why they cannot be. */
  readonly write: (stream: 'stdout' | 'stderr', said: string | Uint8Array) => Promise<string | null>;
  /** Of every signal that a process can be asked by. */
  readonly onSignal: (listener: (name: NodeJS.Signals) => void) => void;
}

/** What a command may touch of its process. */
export interface Terminal {
  /** Text, or the very bytes of a command that is passed through. */
  readonly out: (said: string | Uint8Array) => void;
  readonly err: (said: string | Uint8Array) => void;
  /** `.` where it was removed, which only `run` accepts. */
  readonly cwd: string;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  readonly interactive: boolean;
  readonly own?: OwnProcess;
}

/** Prints an answer the way the caller asked for and gives its exit status. */
export function print(answer: Answer, terminal: Terminal, asJson: boolean): number {
  if (asJson && answer.json !== undefined) terminal.out(`${visibleJson(answer.json)}\n`);
  else if (answer.text !== undefined) terminal.out(`${visibleText(answer.text).replace(/\n$/, '')}\n`);
  if (answer.problem !== undefined) terminal.err(`gatehouse: ${visibleText(answer.problem)}\n`);
  return answer.exit;
}

/** Columns as wide as their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
