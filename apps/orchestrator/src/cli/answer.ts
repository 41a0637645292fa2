/** How a command ends: an exit status with a documented meaning, one object for tools, lines for people. */
import { visibleJson, visibleText } from '../platform/visible-text.ts';
import type { ColorWhen } from './look.ts';
import type { Progress } from './progress.ts';
import { type Cell, type Look, PLAIN, type Table, tableLines, toned } from './table.ts';

export const EXIT = { pass: 0, fail: 1, usage: 2, error: 3, defer: 75 } as const;

export interface Answer {
  readonly exit: number;
  /** Printed as one JSON object with --json. */
  readonly json?: unknown;
  /** Printed on stdout without --json. */
  readonly text?: Text;
  /** One line on stderr: what is wrong. */
  readonly problem?: string;
  /** The next command to type, below the problem; where there is none, the help of the command, or `gatehouse doctor`. */
  readonly next?: string;
}

/** Lines, and tables between them. */
export type Text = string | Table | readonly (string | Table)[];

/** The words were wrong, and nothing was done. */
export const usage = (problem: string, next?: string): Answer => wrong(EXIT.usage, problem, next);
/** It could not be done. */
export const failure = (problem: string, next?: string): Answer => wrong(EXIT.error, problem, next);

const wrong = (exit: number, problem: string, next: string | undefined): Answer => ({
  exit,
  problem,
  json: { error: problem },
  ...(next === undefined ? {} : { next }),
});

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
  /** Of stdout, as `--color` has it. [no terminal] */
  readonly look?: (color: ColorWhen) => Look;
  readonly progress?: Progress;
  readonly own?: OwnProcess;
}

export interface Printing {
  readonly asJson: boolean;
  /** The words of the command that answers, for its help. */
  readonly command: string;
  readonly color?: ColorWhen;
}

/** Prints an answer the way the caller asked for and gives its exit status. */
export function print(answer: Answer, terminal: Terminal, { asJson, command, color = 'auto' }: Printing): number {
  if (asJson && answer.json !== undefined) terminal.out(`${visibleJson(answer.json)}\n`);
  else if (answer.text !== undefined)
    terminal.out(`${textFor(answer.text, terminal.look?.(color) ?? PLAIN).replace(/\n$/, '')}\n`);
  if (answer.problem !== undefined)
    terminal.err(`gatehouse: ${visibleText(answer.problem)}\n${nextOf(answer, command)}`);
  return answer.exit;
}

/** The line below a problem that names what to type; none where the problem names it itself. */
function nextOf({ exit, problem = '', next }: Answer, command: string): string {
  if (next === undefined && exit !== EXIT.usage && exit !== EXIT.error) return '';
  if (next === undefined ? /\bgatehouse [a-z]/.test(problem) : problem.includes(next)) return '';
  const help = `gatehouse ${command} --help`.replace('  ', ' ');
  return `  next: ${visibleText(next ?? (exit === EXIT.usage ? help : 'gatehouse doctor'))}\n`;
}

const VERDICT = /^(PASS|SKIP|FAIL|DEFER|ERROR|UNKNOWN)(?= +check_)/gm;
const TONES = { PASS: 'good', SKIP: 'dim', FAIL: 'bad', DEFER: 'wait', ERROR: 'bad', UNKNOWN: 'wait' } as const;

/** The text of an answer as a terminal gets it; what others wrote cannot steer it. */
export const shownText = ({ text = '' }: Answer, { look }: Pick<Terminal, 'look'>): string =>
  textFor(text, look?.('auto') ?? PLAIN);

function textFor(text: Text, look: Look): string {
  const parts = typeof text === 'string' || 'rows' in text ? [text] : text;
  return parts
    .map((part) =>
      typeof part === 'string'
        ? visibleText(part).replace(VERDICT, (word) => toned(word, TONES[word as keyof typeof TONES], look))
        : tableLines(part, look).join('\n'),
    )
    .join('\n');
}

/** A table for an answer. Columns are as wide as their widest cell, or as the terminal allows. */
export const table = (head: readonly string[], rows: readonly (readonly Cell[])[]): Table => ({ head, rows });
