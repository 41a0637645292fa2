/** How a command ends: an exit status with a documented meaning, one object for tools, lines for people. */

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

/** What a command may touch of its process. */
export interface Terminal {
  /** Text, or the very bytes of a command that is passed through. */
  readonly out: (said: string | Uint8Array) => void;
  readonly err: (said: string | Uint8Array) => void;
  readonly cwd: string;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  readonly interactive: boolean;
}

/** Prints an answer the way the caller asked for and gives its exit status. */
export function print(answer: Answer, terminal: Terminal, asJson: boolean): number {
  if (asJson && answer.json !== undefined) terminal.out(`${JSON.stringify(answer.json)}\n`);
  else if (answer.text !== undefined) terminal.out(`${plain(answer.text).replace(/\n$/, '')}\n`);
  if (answer.problem !== undefined) terminal.err(`gatehouse: ${plain(answer.problem)}\n`);
  return answer.exit;
}

/** What a branch brought (a path, a test's output) must not steer the terminal it is shown in. */
const plain = (text: string): string =>
  text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);

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
