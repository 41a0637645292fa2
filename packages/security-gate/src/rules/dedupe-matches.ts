/** Several rules may see one secret: it counts once, under the rule that says most, as the part that is secret. */
import { GENERIC_ID } from './generic-assignment.ts';
import type { Match } from './run-rules.ts';
import { isExample, isStandInPassword } from './stand-in.ts';

const IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:(?<password>[^\s@/]+)@/i;

/** `"+password+"`, `'.$password.'`, `#{password}`: code that puts the URL together. */
const PUT_TOGETHER = /^(["'`]).*\1$|^#\{/;

/** Matches that do not overlap, in order. In a URL the password is the secret, not the host it is used at. */
export function dedupeMatches(text: string, matches: readonly Match[]): readonly Match[] {
  const narrowed = matches.flatMap((match) => narrow(text, match));
  narrowed.sort((a, b) => a.start - b.start || rank(a) - rank(b) || b.end - a.end);
  const settled: Match[] = [];
  for (const match of narrowed) {
    const last = settled.at(-1);
    if (last === undefined || match.start >= last.end) settled.push(match);
    else if (rank(match) < rank(last)) settled[settled.length - 1] = match;
  }
  return settled;
}

const rank = ({ rule }: Match): number => (rule === GENERIC_ID ? 1 : 0);

function narrow(text: string, match: Match): readonly Match[] {
  const whole = text.slice(match.start, match.end);
  if (whole.length < 200 && isExample(whole)) return [];
  const url = IN_URL.exec(whole.length < 4096 && whole.includes('://') ? `${whole}@` : '');
  const password = url?.groups?.['password'];
  if (password === undefined) return [match];
  if (isStandInPassword(password) || PUT_TOGETHER.test(password)) return [];
  if (password.length < 6) return [match];
  const start = match.start + whole.indexOf(`:${password}`) + 1;
  return [{ ...match, start, end: start + password.length }];
}
