/** Finds, in a long log, the lines that explain why a named test failed: what its author would scroll to. Pure and bounded. */
import type { FailedTest } from './reports/report-reading.ts';
import { linesOf } from './split-lines.ts';

const MAX_TESTS = 10;
const MAX_PLACES = 40;
const LINES_AFTER = 16;
const MAX_CHARS = 1_200;
/** A name is looked for by so much of it: a search costs at most as much as it is long. */
const MAX_WORD_CHARS = 60;
const TELLING =
  /error|assert|expect|actual|received|traceback|panicked|^\s*at \S|^E\s{2,}|^\s*[+-]\s|!==?|!=|\.go:\d|fail/i;

/** The passage of the output for each of the first few names; a name that the output does not explain is left out. */
export function failureDetails(output: string, failed: readonly string[]): readonly FailedTest[] {
  if (failed.length === 0) return [];
  const lines = linesOf(output);
  return failed.slice(0, MAX_TESTS).flatMap((name) => {
    const detail = passageFor(lines, lastPart(name));
    return detail === '' ? [] : [{ name, detail }];
  });
}

/** A name is mentioned in lists, headings and recaps; the mention followed by most of the explaining lines is the account. */
function passageFor(lines: readonly string[], word: string): string {
  let best = { telling: 0, text: '' };
  let places = 0;
  for (const [at, line] of lines.entries()) {
    if (!line.includes(word)) continue;
    places += 1;
    if (places > MAX_PLACES) break;
    const passage = lines.slice(at, at + 1 + LINES_AFTER);
    const telling = passage.filter((one) => TELLING.test(one)).length;
    if (telling > best.telling) best = { telling, text: passage.join('\n').slice(0, MAX_CHARS).trimEnd() };
  }
  return best.text;
}

/** Runners print the innermost part of a name; parts too short to be searched for stay with their parents. */
function lastPart(name: string): string {
  const part =
    name
      .split(/ > | › |::/)
      .at(-1)
      ?.trim() ?? '';
  return beforePlaceholder(part.length < 3 ? name : part).slice(0, MAX_WORD_CHARS);
}

/** The output has the port or the path that the name has a placeholder for. */
function beforePlaceholder(part: string): string {
  const [before = '', ...rest] = part.split(/\(?<[a-z]+>/);
  return rest.length > 0 && before.trim().length >= 3 ? before.trimEnd() : part;
}
