import { describe, expect, test } from '@jest/globals';
import { readImports } from '../src/imports.ts';
import { parse } from '../src/syntax.ts';
import { tokenize } from '../src/tokens.ts';

const kinds = (source: string, jsx = false): string[] => {
  const { code, lost } = tokenize(source, jsx);
  expect(lost).toBeNull();
  return code.map(({ kind, text }) => `${kind} ${text}`);
};
const words = (source: string, jsx = false): string[] =>
  kinds(source, jsx)
    .filter((token) => token.startsWith('word '))
    .map((token) => token.slice(5));

describe('code is kept apart from text', () => {
  test.each([
    ['a division', 'a / b / c', ['a', 'b', 'c']],
    ['a division after a bracket', '(a) / b[0] / c', ['a', 'b', 'c']],
    ['a regex after a condition', 'if (a) /b c/.test(d)', ['if', 'a', 'test', 'd']],
    ['a regex after return', '() => { return /a b/ }', ['return']],
    ['a regex after a block', '{ a } /b c/g', ['a']],
    ['a slash inside a class of a regex', 'x = /[/"]b/; y', ['x', 'y']],
    ['a division after a postfix', 'a++ / b; c! / d', ['a', 'b', 'c', 'd']],
    ['nested templates', `\`a \${b(\`c \${d} e\`)} f\` + g`, ['b', 'd', 'g']],
    ['an escaped quote', "'a\\'b' + c", ['c']],
    ['a member called like a keyword', 'a.return / b / c', ['a', 'return', 'b', 'c']],
    ['a comment between', 'a // b\n/* c */ d', ['a', 'd']],
    ['a ternary before a number', 'a?.5:b', ['a', 'b']],
  ])('%s', (_title, source, expected) => {
    expect(words(source)).toEqual(expected);
  });

  test.each([
    [
      'an element with text and an expression',
      "const a = <p class='x'>don't {b} {/* c */}</p>; d",
      ['const', 'a', 'b', 'd'],
    ],
    ['a fragment and a self-closing tag', '() => { return <><br /><B c={d} /></>; }', ['return', 'd']],
    ['nested elements in a list', 'x && <ul>{y.map((z) => <li>{z}</li>)}</ul>', ['x', 'y', 'map', 'z', 'z']],
    ['a comparison', 'a < b && c > d', ['a', 'b', 'c', 'd']],
    ['generics', 'f<A>(b); const g = <T,>(t: T) => t;', ['f', 'A', 'b', 'const', 'g', 'T', 't', 'T', 't']],
  ])('in JSX: %s', (_title, source, expected) => {
    expect(words(source, true)).toEqual(expected);
  });

  test.each(["'a", '`a', '`a ${b`', '/* a', 'x = /a', '(a', 'a)', '(a]'])(
    'what is never closed is lost, not guessed: %s',
    (source) => {
      expect(tokenize(source).lost).not.toBeNull();
    },
  );

  test.each(['<p>a', '<p a="', '<p>{a</p>'])('an element that is never closed is lost: %s', (source) => {
    expect(tokenize(`x = ${source}`, true).lost).not.toBeNull();
  });

  test('lines are counted through strings, templates and comments', () => {
    expect(tokenize(`/*\n*/\`\n\${1}\n\`;\n\na`).code.at(-1)).toEqual({ kind: 'word', text: 'a', line: 6 });
  });
});

test('the names an import takes are those of the other module', () => {
  const source = "import { type A, b as c, type } from 'x';\nimport d, * as e from 'y';";
  expect(readImports(source, parse('text.ts', source))).toEqual([
    { specifier: 'x', line: 1, names: ['A', 'b', 'type'] },
    { specifier: 'y', line: 2, names: [] },
  ]);
});
