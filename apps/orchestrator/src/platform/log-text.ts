/** The logs of a job as one text: each under its name, secrets masked. */
import { maskTexts } from './mask-text.ts';

export interface LogPart {
  readonly name: string;
  readonly text: string;
  /** How much came before `text`. */
  readonly skippedBytes: number;
}

/** Empty where there is no log. */
export async function logText(logs: readonly LogPart[]): Promise<string> {
  const parts = logs.map(({ name, text, skippedBytes }) =>
    [`==> ${name}${skippedBytes > 0 ? ` (${skippedBytes} bytes before this)` : ''}`, text].join('\n'),
  );
  return (await maskTexts(parts)).join('\n');
}
