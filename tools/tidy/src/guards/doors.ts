/** One door per package, and nothing lives in it. Why: docs/adr/0002-one-door-per-package.md. */
import { type Token, tokensOf } from '../tokens.ts';
import {
  filesMatching,
  type Guard,
  lineOf,
  type RepoFile,
  type RepoTree,
  readNothing,
  type Violation,
} from '../tree.ts';
import { workspacesOf } from '../workspaces.ts';

/** The only shape of `exports`; the order of conditions is part of it, because the first match wins. */
export const EXPORTS: unknown = {
  '.': { 'gatehouse:src': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
  './package.json': './package.json',
};

/** A wrapping longer than this does work, and work lives in a file of its own. */
const WRAPPING_LINES = 12;

export const doors: Guard = {
  name: 'a package has one door and nothing lives in it',
  rules: ['no-door', 'second-door', 'exports-map', 'lives-in-door', 'export-star'],
  check(tree) {
    const packages = workspacesOf(tree).filter(({ group }) => group === 'packages');
    const code = filesMatching(tree, /^(packages|apps|tools)\/.*\.[cm]?[jt]sx?$/);
    if (packages.length === 0 || code.length === 0) return readNothing('package');
    return [
      ...packages.flatMap(({ dir, file, manifest }) => [
        ...checkMap(file, manifest['exports']),
        ...checkDoor(tree, dir),
      ]),
      ...code.flatMap(checkStars),
    ];
  },
};

function checkMap(file: RepoFile, found: unknown): Violation[] {
  if (JSON.stringify(found) === JSON.stringify(EXPORTS)) return [];
  const message = `exports must be exactly ${JSON.stringify(EXPORTS)}, in this order`;
  return [{ rule: 'exports-map', path: file.path, line: lineOf(file, '"exports"'), message }];
}

function checkDoor(tree: RepoTree, dir: string): Violation[] {
  const path = `${dir}/src/index.ts`;
  const door = tree.files.get(path);
  const others = filesMatching(tree, /\/index\.[cm]?[jt]sx?$/).filter(
    (file) => file.path.startsWith(`${dir}/src/`) && file.path !== path,
  );
  const seconds = others.map((file) => {
    const message = `a package has one door; name this file after what is inside, or move its exports to ${path}`;
    return { rule: 'second-door', path: file.path, line: 0, message };
  });
  if (door === undefined)
    return [
      ...seconds,
      { rule: 'no-door', path, line: 0, message: 'the package has no door; add src/index.ts with its re-exports' },
    ];
  return [...seconds, ...statementsOf(tokensOf(door).code).flatMap((statement) => checkStatement(path, statement))];
}

function checkStars(file: RepoFile): Violation[] {
  const { code } = tokensOf(file);
  return code.flatMap((token, at): Violation[] => {
    if (token.kind !== 'word' || token.text !== 'export' || code[at - 1]?.text === '.') return [];
    if (code[at + 1]?.text !== '*' && !(code[at + 1]?.text === 'type' && code[at + 2]?.text === '*')) return [];
    const message = 'export * hides what is public; name each export';
    return [{ rule: 'export-star', path: file.path, line: token.line, message }];
  });
}

const WORK = new Set('if for while do switch try throw class enum let var new'.split(' '));

function checkStatement(path: string, statement: readonly Token[]): Violation[] {
  const words = statement.slice(0, 3).map((token) => token.text);
  const [first = '', second = ''] = words[0] === 'export' ? words.slice(1) : words;
  const line = statement[0]?.line ?? 0;
  if (
    first === 'import' ||
    first === 'type' ||
    first === 'interface' ||
    (words[0] === 'export' && '{*'.includes(first))
  )
    return [];
  const wrapping = first === 'const' || first === 'function' || (first === 'async' && second === 'function');
  const lines = (statement.at(-1)?.line ?? line) - line + 1;
  const work = statement.find((token) => token.kind === 'word' && WORK.has(token.text));
  if (wrapping && work === undefined && lines <= WRAPPING_LINES) return [];
  const why = wrapping
    ? work === undefined
      ? `spans ${lines} lines`
      : `holds '${work.text}'`
    : `begins with '${first}'`;
  const message = `a door holds re-exports, types and wrappings of up to ${WRAPPING_LINES} lines, but this ${why}; move it to a file of its own`;
  return [{ rule: 'lives-in-door', path, line: work?.line ?? line, message }];
}

const STARTS = new Set(
  'import export type interface const let var function async class enum declare abstract'.split(' '),
);

/** The top-level statements: a `;` outside brackets ends one, and so does a `}` before the start of another. */
function statementsOf(code: readonly Token[]): Token[][] {
  const statements: Token[][] = [];
  let current: Token[] = [];
  let depth = 0;
  for (const [at, token] of code.entries()) {
    current.push(token);
    if (token.kind !== 'punct') continue;
    if ('([{'.includes(token.text)) depth += 1;
    if (')]}'.includes(token.text)) depth -= 1;
    const next = code[at + 1];
    const starts = next === undefined || (next.line > token.line && next.kind === 'word' && STARTS.has(next.text));
    if (depth > 0 || !(token.text === ';' || (token.text === '}' && starts))) continue;
    statements.push(current);
    current = [];
  }
  return current.length > 0 ? [...statements, current] : statements;
}
