/** How many lines one comment takes out of the measurement, and which statement a line belongs to. */
import { expect, test } from '@jest/globals';
import { hiddenLines } from '../src/hidden-lines.ts';
import { sourceLines } from '../src/source-lines.ts';

/** Numbers of the lines that a comment on `line` hides. */
function hidden(path: string, text: readonly string[], line: number): number[] {
  const ranges = hiddenLines({ comment: text[line - 1] ?? '', line, lines: sourceLines(text.join('\n'), path), text });
  return (ranges ?? []).flatMap(({ start, end }) => Array.from({ length: end - start + 1 }, (_, i) => start + i));
}

/** The line of the comment; the first one unless it is said. */
const AT = new Map([
  ['the whole file', 2],
  ['a whole function of Python, on whichever line of its head the comment stands', 3],
  ['a suite below a condition of two lines', 3],
]);

const body = ['function f() {', '  one();', '', '  // a remark', '  two(', '    three,', '  );', '}', 'after();'];

test.each<[string, string, readonly string[], readonly number[]]>([
  ['the next function', 'a.js', ['// istanbul ignore next', ...body], [2, 3, 6, 7]],
  ['the next function of V8', 'a.ts', ['/* v8 ignore next */', ...body], [2, 3, 6, 7]],
  ['one line of c8', 'a.ts', ['/* c8 ignore next */', ...body], [2]],
  ['three lines of c8', 'a.ts', ['/* c8 ignore next 3 */', ...body], [2, 3]],
  [
    'an if with its else',
    'a.js',
    ['/* istanbul ignore if */', 'if (a) {', '  b();', '}', 'else {', '  c();', '}', 'd();'],
    [2, 3, 5, 6],
  ],
  ['up to the end mark', 'a.ts', ['/* c8 ignore start */', 'a();', '/* c8 ignore stop */', 'b();'], [2]],
  [
    'up to the end of the file where there is no end mark',
    'a.js',
    ['/* node:coverage disable */', 'a();', 'b();'],
    [2, 3],
  ],
  ['the whole file', 'a.js', ['a();', '/* istanbul ignore file */', 'b();'], [1, 3]],
  [
    'a suite of Python',
    'a.py',
    ['def f():  # pragma: no cover', '    a()', '', '    b(', '        c,', '    )', 'd()'],
    [1, 2, 4, 5],
  ],
  [
    'a suite below a long header',
    'a.py',
    ['def f(  # pragma: no cover', '    a,', '):', '    b()', 'c()'],
    [1, 2, 3, 4],
  ],
  ['a plain statement of Python', 'a.py', ['a()  # pragma: no cover', 'b()'], [1]],
  [
    'a block of C',
    'a.c',
    ['/* LCOV_EXCL_START */', 'int f(void) { return 1; }', '/* LCOV_EXCL_STOP */', 'int g;'],
    [2],
  ],
  ['one line of C', 'a.c', ['int f(void) { // LCOV_EXCL_LINE', '  return 1;', '}'], [1]],
  ['a block of Ruby', 'a.rb', ['# :nocov:', 'def f', '  a', 'end', '# :nocov:', 'b'], [2, 3, 4]],
  ['a method of PHP', 'a.php', ['/** @codeCoverageIgnore */', 'function f()', '{', '  a();', '}', 'b();'], [2, 3, 4]],
  ['a function of Rust', 'a.rs', ['#[coverage(off)]', "fn f<'a>(x: &'a str) {", '  a();', '}', 'fn g() {}'], [2, 3]],
  ['a method of C#', 'a.cs', ['[ExcludeFromCodeCoverage]', 'void F()', '{', '  A();', '}', 'void G() {}'], [2, 3, 4]],
  ['a class of Java', 'A.java', ['@Generated', 'class A {', '  int f() { return 1; }', '}'], [2, 3]],
  ['a block of Scala', 'a.scala', ['// $COVERAGE-OFF$', 'val a = 1', '// $COVERAGE-ON$', 'val b = 2'], [2]],
  ['a file of Dart', 'a.dart', ['// coverage:ignore-file', 'var a = 1;'], [2]],
  ['a branch of Go', 'a.go', ['if err != nil { // coverage-ignore', '  return err', '}', 'ok()'], [1, 2]],
  [
    'a whole function of Python, on whichever line of its head the comment stands',
    'a.py',
    ['x = 0', 'def f(  # head', '    a,  # pragma: no cover', '):', '    b()', 'c()'],
    [2, 3, 4, 5],
  ],
  [
    'a suite below a condition of two lines',
    'a.py',
    ['x = 0', 'if (a and', '        b):  # pragma no cover', '    c()', 'd()'],
    [2, 3, 4],
  ],
  ['lines of V8 where it counts them', 'a.ts', ['/* v8 ignore next 2 */', 'a();', 'b();', 'c();'], [2, 3]],
  ['a block of Deno', 'a.ts', ['// deno-coverage-ignore-start', 'a();', '// deno-coverage-ignore-stop', 'b();'], [2]],
  ['a file of Deno', 'a.ts', ['// deno-coverage-ignore-file', 'a();', 'b();'], [2, 3]],
  ['a block of Elixir', 'a.ex', ['# coveralls-ignore-start', 'a', 'b', '# coveralls-ignore-stop', 'c'], [2, 3]],
  [
    'a block of OCaml',
    'a.ml',
    ['[@@@coverage off]', 'let a = 1', 'let b = 2', '[@@@coverage on]', 'let c = 3'],
    [2, 3],
  ],
  ['a block of old OCaml', 'a.ml', ['(*BISECT-IGNORE-BEGIN*)', 'let a = 1', '(*BISECT-IGNORE-END*)', 'let c = 3'], [2]],
  ['a file of OCaml', 'a.ml', ['[@@@coverage exclude_file]', 'let a = 1', 'let b = 2'], [2, 3]],
  [
    'unreachable lines of LCOV',
    'a.c',
    ['/* LCOV_UNREACHABLE_START */', 'a();', '/* LCOV_UNREACHABLE_STOP */', 'b();'],
    [2],
  ],
  ['one of them', 'a.c', ['if (a) { // LCOV_UNREACHABLE_LINE', '  b();', '}'], [1]],
  ['a file of Rust', 'a.rs', ['#![coverage(off)]', 'fn a() {}', 'fn b() {}'], [2, 3]],
  ['a file of Kotlin', 'a.kt', ['@file:Generated', 'fun a() = 1', 'fun b() = 2'], [2, 3]],
  ['an assembly of .NET', 'a.cs', ['[assembly: ExcludeFromCodeCoverage]', 'void A() {}', 'void B() {}'], [2, 3]],
  ['no lines, but branches', 'a.c', ['// LCOV_EXCL_BR_START', 'a();', 'b();'], []],
  ['a line of kcov', 'a.sh', ['a # kcov-ignore-line', 'b'], [1]],
  [
    'brackets in strings and in patterns',
    'a.js',
    ['// istanbul ignore next', 'function f() {', "  a('}', /[}]/, `}`);", '}', 'b();'],
    [2, 3],
  ],
])('%s', (name, path, lines, expected) => {
  expect(hidden(path, lines, AT.get(name) ?? 1)).toEqual(expected);
});

test('a hundred lines under one comment are a hundred lines', () => {
  const many = Array.from({ length: 100 }, (_, i) => `  y${i} = ${i};`);
  expect(hidden('a.js', ['// istanbul ignore next', 'function f() {', ...many, '}'], 1)).toHaveLength(101);
});

test('a line inside a statement knows where the statement may have begun; one of a block does not', () => {
  const text = [
    'const a = call(', // 1
    '  first,', // 2
    '  inner({', // 3
    '    key: 4,', // 4
    '  }),', // 5
    ');', // 6
    'run(() => {', // 7
    '  own();', // 8
    '});', // 9
    'chain', // 10
    '  .map(one)', // 11
    '  .filter(two);', // 12
    'const s = `', // 13
    '  text a`;', // 14
  ].join('\n');
  const lines = sourceLines(text, 'a.ts');
  expect(
    lines.flatMap(({ isCode, continues }, at) => (isCode && continues.length > 0 ? [[at + 1, continues]] : [])),
  ).toEqual([
    [2, [1]],
    [3, [1]],
    [4, [3, 1]],
    [11, [10]],
    [12, [11, 10]],
    [14, [13]],
  ]);
});

test.each([
  ['c8', ['/* c8 ignore start */', 'a();', '/* c8 ignore stop */', 'b();']],
  ['Ruby', ['# :nocov:', 'a', '# :nocov:', 'b']],
])('the end mark of %s hides nothing', (_, lines) => {
  expect(hidden('a.rb', lines, 3)).toEqual([]);
});
