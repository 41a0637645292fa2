/** One word per idea, and the word is explained: every status, cause and value of the shared vocabulary. */
import { type Token, tokensOf } from '../tokens.ts';
import { type Guard, type RepoFile, readNothing, type Violation } from '../tree.ts';

const GLOSSARY = 'docs/glossary.md';
const VERDICT = 'packages/verdict/src/check-verdict.ts';
const DOOR = 'packages/verdict/src/index.ts';

export const glossary: Guard = {
  name: 'the glossary explains the shared vocabulary',
  rules: ['no-glossary', 'unexplained'],
  check(tree) {
    const [source, door, book] = [VERDICT, DOOR, GLOSSARY].map((path) => tree.files.get(path));
    if (source === undefined || door === undefined) return readNothing('vocabulary');
    const vocabulary = [
      ['cause', causesIn(source)],
      ['verdict status', statusesIn(source)],
      ['exported value', valuesIn(door)],
    ] as const;
    if (vocabulary.some(([, terms]) => terms.length === 0)) return readNothing('cause, status or exported value');
    if (book === undefined)
      return [
        { rule: 'no-glossary', path: GLOSSARY, line: 0, message: 'the glossary is missing; write one line per word' },
      ];
    return vocabulary.flatMap(([what, terms]) =>
      terms.filter((term) => !explains(book, term)).map((term) => unexplained(what, term)),
    );
  },
};

const unexplained = (what: string, term: string): Violation => ({
  rule: 'unexplained',
  path: GLOSSARY,
  line: 0,
  message: `the ${what} \`${term}\` has no row; explain it in plain words`,
});

/** A term is explained where a table row or list item begins with it in backticks. */
const explains = ({ text }: RepoFile, term: string): boolean =>
  text.split('\n').some((line) => /^\s*[|*-]/.test(line) && (line.split('|')[1] ?? line).includes(`\`${term}\``));

/** The literals of `type Cause = …;`. */
function causesIn(file: RepoFile): string[] {
  const { code } = tokensOf(file);
  const start = code.findIndex((token, at) => token.text === 'Cause' && code[at - 1]?.text === 'type');
  return start < 0 ? [] : literals(code, start);
}

/** The literals of every `readonly status: …`. */
function statusesIn(file: RepoFile): string[] {
  const { code } = tokensOf(file);
  return code.flatMap((token, at) => (token.text === 'status' && code[at + 1]?.text === ':' ? literals(code, at) : []));
}

function literals(code: readonly Token[], start: number): string[] {
  const end = code.findIndex((token, at) => at > start && (token.text === ';' || token.text === '}'));
  return code.slice(start, end < 0 ? undefined : end).flatMap((token) => (token.kind === 'string' ? [token.text] : []));
}

/** The names behind `export { … }` that are not types. */
function valuesIn(file: RepoFile): string[] {
  const { code } = tokensOf(file);
  return code.flatMap((token, at) => {
    if (token.text !== 'export' || code[at + 1]?.text !== '{') return [];
    const end = code.findIndex((other, index) => index > at && other.text === '}');
    const list = code.slice(at + 2, end).map(({ text }) => text);
    return list
      .join(' ')
      .split(',')
      .flatMap((entry) => {
        const words = entry.trim().split(' ');
        return words[0] === 'type' || words[0] === '' ? [] : [words.at(-1) ?? ''];
      });
  });
}
