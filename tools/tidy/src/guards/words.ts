/** Comments say why, in the present: no history, no narration, no banners, no promises to return. */
import { COMMENTED, commentsOf, type Passage } from '../comments.ts';
import { filesMatching, type Guard, lineAt, type RepoFile, readNothing, type Violation } from '../tree.ts';

const RULES: readonly { readonly rule: string; readonly pattern: RegExp; readonly message: string }[] = [
  {
    rule: 'history',
    // After a form of "be" the phrase states a purpose, as in "is used to measure"; alone it states history.
    pattern:
      /\bpreviously\b|\bno\s+longer\b|(?<!\b(?:is|are|was|were|be|been|being|get|gets|and|or|only)\s+)\bused\s+to\b/gi,
    message: 'tells what was; say what is, and leave history to git',
  },
  {
    rule: 'narration',
    // Only at the start of a sentence: "appended to this file" may well mean another one.
    pattern: /\b[Tt]his\s+(?:function|method|class)\b|\bThis\s+(?:file|module)\b/g,
    message: 'narrates the code; begin with the verb, or say why',
  },
  {
    rule: 'banner',
    pattern: /^[ \t]*([=*#~─━_-])\1{3,}(?=\s|$)|([=*#~─━])\2{3,}[ \t]*$/gm,
    message: 'is a banner; a file with sections is two files',
  },
  {
    rule: 'promise',
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/g,
    message: 'is a promise nobody tracks; do it, or open an issue',
  },
];

export const words: Guard = {
  name: 'comments say why, in the present',
  rules: RULES.map(({ rule }) => rule),
  check(tree) {
    const files = filesMatching(tree, COMMENTED);
    const passages = files.flatMap((file) => commentsOf(file).map((passage) => ({ file, passage })));
    if (passages.length === 0) return readNothing('comment');
    return passages.flatMap(({ file, passage }) => judge(file, passage));
  },
};

function judge({ path }: RepoFile, { text, line }: Passage): Violation[] {
  return RULES.flatMap(({ rule, pattern, message }) =>
    [...text.matchAll(pattern)].map((match) => ({
      rule,
      path,
      line: line + lineAt(text, match.index) - 1,
      message: `the comment's '${match[0].trim().replace(/\s+/g, ' ')}' ${message}`,
    })),
  );
}
