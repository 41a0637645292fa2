/** The logs of a job as one text: each under its name, secrets masked. */
import { lastOf } from './cut-text.ts';
import { maskTexts, WITHHELD } from './mask-text.ts';

export interface LogPart {
  readonly name: string;
  readonly text: string;
  /** How much came before `text`. */
  readonly skippedBytes: number;
  /** So many characters are shown, from the end; what `text` has before them is searched for secrets that reach into them. */
  readonly limit: number;
}

/** Empty where there is no log. */
export async function logText(logs: readonly LogPart[]): Promise<string> {
  const masked = await maskTexts(logs.map(({ text }) => text));
  return logs
    .map(({ name, text, skippedBytes, limit }, at) => {
      const found = masked[at] ?? WITHHELD;
      const shown = found.length === text.length ? lastOf(found, limit) : found;
      const before = skippedBytes + Buffer.byteLength(text.slice(0, text.length - shown.length));
      return [`==> ${name}${before > 0 ? ` (${before} bytes before this)` : ''}`, shown].join('\n');
    })
    .join('\n');
}
