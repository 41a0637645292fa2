/** One word per idea, and the word is explained once: compared with the code in both directions. */
import { rowsOf } from '../markdown.ts';
import { type Token, tokensOf } from '../tokens.ts';
import { filesMatching, type Guard, type RepoFile, type RepoTree, readNothing, type Violation } from '../tree.ts';

const GLOSSARY = 'docs/glossary.md';
const VERDICT = 'packages/verdict/src/check-verdict.ts';
const DOOR = 'packages/verdict/src/index.ts';

/** Types whose literals are shown to people or stored: each literal stands in a row of the glossary. */
const CLOSED: readonly { readonly type: string; readonly what: string }[] = [
  { type: 'StopWord', what: 'answer to a stop' },
  { type: 'Level', what: 'containment level' },
  { type: 'TaskStatus', what: 'status of a task' },
  { type: 'Profile', what: 'profile' },
  { type: 'JobKind', what: 'kind of a job' },
];

export const glossary: Guard = {
  name: 'the glossary explains the shared vocabulary, each word once',
  rules: ['no-glossary', 'unexplained', 'no-such-type', 'explained-twice', 'unused-word'],
  check(tree) {
    const [source, door, book] = [VERDICT, DOOR, GLOSSARY].map((path) => tree.files.get(path));
    if (source === undefined || door === undefined) return readNothing('vocabulary');
    const vocabulary = [
      ['cause', literalsOfType(source, 'Cause')],
      ['verdict status', statusesIn(source)],
      ['exported value', valuesIn(door)],
    ] as const;
    if (vocabulary.some(([, terms]) => terms.length === 0)) return readNothing('cause, status or exported value');
    if (book === undefined)
      return [
        { rule: 'no-glossary', path: GLOSSARY, line: 0, message: 'the glossary is missing; write one line per word' },
      ];
    return [
      ...vocabulary.flatMap(([what, terms]) =>
        terms.filter((term) => !explains(book, term)).map((term) => unexplained(what, term)),
      ),
      ...checkClosed(tree, book),
      ...checkWords(tree, book),
    ];
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

/** The literals of a closed type may share the row of the word they belong to. */
function checkClosed(tree: RepoTree, book: RepoFile): Violation[] {
  const rows = rowsOf(book).map(({ cells }) => cells.join(' | '));
  const files = filesMatching(tree, /^(packages|apps)\/[^/]+\/src\/.*\.ts$/);
  return CLOSED.flatMap(({ type, what }) => {
    const terms = new Set(files.flatMap((file) => literalsOfType(file, type)));
    if (terms.size === 0) {
      const message = `no type ${type} of literals is declared any more; correct the table of tools/tidy/src/guards/glossary.ts`;
      return [{ rule: 'no-such-type', path: GLOSSARY, line: 0, message }];
    }
    return [...terms]
      .filter((term) => !rows.some((row) => row.includes(`\`${term}\``)))
      .map((term) => unexplained(what, term));
  });
}

/** Each word has one row, and the code uses it: in a name, a text or a comment. */
function checkWords(tree: RepoTree, book: RepoFile): Violation[] {
  const code = filesMatching(tree, /^(packages|apps|tools)\/.*\.([cm]?[jt]sx?|sql)$/)
    .filter(({ path }) => !path.startsWith('tools/tidy/'))
    .map(({ text }) => text)
    .join('\n')
    .toLowerCase();
  const first = new Map<string, number>();
  return rowsOf(book).flatMap(({ cells, line }) =>
    wordsOf(cells[0] ?? '').flatMap((word): Violation[] => {
      const place = { path: GLOSSARY, line };
      const before = first.get(word);
      if (before !== undefined) {
        const message = `'${word}' is explained in line ${before} already; keep one row per word`;
        return [{ rule: 'explained-twice', ...place, message }];
      }
      first.set(word, line);
      if (spelled(word).test(code)) return [];
      const message = `no code says '${word}'; explain the word that the code uses, or remove the row`;
      return [{ rule: 'unused-word', ...place, message }];
    }),
  );
}

const wordsOf = (cell: string): string[] =>
  cell
    .replaceAll('`', '')
    .toLowerCase()
    .split(/,\s*/)
    .filter((word) => word !== '');

/** `merge lease` is also `mergeLease`, `merge-lease` and `merge_lease`. */
const spelled = (word: string): RegExp =>
  new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[\s-]+/g, '[\\s_*/-]*'));

/** The literals of `type Name = …;`. */
function literalsOfType(file: RepoFile, name: string): string[] {
  const { code } = tokensOf(file);
  const start = code.findIndex((token, at) => token.text === name && code[at - 1]?.text === 'type');
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
