/** Texts that may hold a secret, masked and then cut. */
import { BEFORE, endOf, startOf } from './cut-text.ts';
import { maskText } from './mask-text.ts';

/** The beginning of a text that is masked as a whole later on: only one that is cut is masked here. */
export async function maskedStart(text: string, limit: number): Promise<string> {
  if (text.length <= limit) return text;
  return maskedBeginning(text, limit);
}

/** The beginning of a text with its secrets masked, however short it is; nothing of what could not be searched is shown. */
export async function maskedBeginning(text: string, limit: number, rest = ''): Promise<string> {
  return startOf((await maskText(text.slice(0, limit + BEFORE))).padEnd(text.length), limit, rest);
}

/** The end of a text with its secrets masked. Stars keep the length, so what is cut off is counted truly. */
export async function maskedEnd(text: string, limit: number, rest = ''): Promise<string> {
  const ahead = Math.max(0, text.length - limit - BEFORE);
  return endOf(' '.repeat(ahead) + (await maskText(text.slice(ahead))), limit, rest);
}
