/** One name, one tree, one report at a time: where it belongs, or why nowhere. */
import { describe, expect, test } from '@jest/globals';
import { parseGoMod } from '../../src/placing/go-modules.ts';
import { RULES } from '../../src/placing/rules.ts';
import type { ReportPlace } from '../../src/placing/scene.ts';
import type { PlacingTree } from '../../src/placing/tree-index.ts';
import { fate, place, tree } from './trees.ts';

type Row = readonly [name: string, wanted: string, more?: Partial<ReportPlace>];

const check = (files: PlacingTree, rows: readonly Row[]): void => {
  for (const [name, wanted, more] of rows)
    expect([name, more?.sources ?? more?.folder ?? '', fate(name, place([name], files, more))]).toEqual([
      name,
      more?.sources ?? more?.folder ?? '',
      wanted,
    ]);
};

test('every rule of the table says why it is there', () => {
  for (const { rule, reason } of RULES) expect([rule, reason.length > 30]).toEqual([rule, true]);
});

test('spellings of one file', () => {
  check(tree('src/a.js', 'src/a b.js', 'src/é.js', 'odd/what?.js', 'odd/back\\slash.js', 'a.vue', 'src/A.ts'), [
    ['file:///app/src/a.js', 'src/a.js'],
    ['file:///slots/1/src/a%20b.js', 'src/a b.js'],
    ['file:///slots/1/src/%C3%A9.js', 'src/é.js'],
    ['file://localhost/slots/1/src/a.js', 'src/a.js'],
    ['file:///C:/checkout/src/a.js', 'src/a.js'],
    ['webpack://shop/./src/a.js', 'src/a.js'],
    ['webpack:///src/a.js?1f2e', 'src/a.js'],
    ['webpack-internal:///./src/a.js', 'src/a.js'],
    ['webpack-internal:///(rsc)/./src/a.js', 'src/a.js'],
    ['turbopack://[project]/src/a.js', 'src/a.js'],
    ['turbopack:///[project]/src/a.js', 'src/a.js'],
    ['file:/slots/1/src/a.js', 'src/a.js'],
    ['http://localhost:5173/src/a.js?t=17', 'src/a.js'],
    ['http://localhost:5173/@fs/slots/1/src/a.js', 'src/a.js'],
    ['https://cdn.example/src/a.js', 'foreign: outside'],
    ['a.vue?vue&type=script&src=/x.ts', 'a.vue'],
    ['odd/what?.js', 'odd/what?.js'],
    ['odd/back\\slash.js', 'odd/back\\slash.js'],
    ['src/./a.js', 'src/a.js'],
    ['src//a.js', 'src/a.js'],
    ['.//src/../lib/../src/a.js', 'src/a.js'],
    ['/slots/1/./src/../src/a.js', 'src/a.js'],
    ['/slots/12/src/a.js', 'src/a.js'],
    ['src\\a.js', 'src/a.js'],
    ['\\\\?\\C:\\work\\src\\a.js', 'src/a.js'],
    ['\\\\server\\share\\work\\src\\a.js', 'src/a.js'],
    ['C:\\Work\\SRC\\a.TS', 'src/A.ts'],
    ['Src/a.js', 'nowhere'],
    ['', 'nowhere'],
    ['/', 'foreign: outside'],
    ['__proto__', 'nowhere'],
  ]);
});

test('a letter with a mark is one name, however it is spelled, and two files where git tracks both', () => {
  const [composed, apart] = ['src/\u00fc.js', 'src/u\u0308.js'];
  check(tree(composed), [
    [apart, composed],
    [`/slots/1/${apart}`, composed],
    ['src/u.js', 'nowhere'],
  ]);
  check(tree(apart), [
    [composed, apart],
    [`/slots/1/${apart}`, apart],
  ]);
  check(tree(composed, apart), [
    [composed, composed],
    [apart, apart],
  ]);
});

test('names of Windows fit two files that differ in case alone', () => {
  check(tree('src/A.ts', 'src/a.ts'), [
    ['C:\\w\\src\\a.ts', 'fits src/A.ts src/a.ts'],
    ['src\\a.ts', 'fits src/A.ts src/a.ts'],
    ['src/a.ts', 'src/a.ts'],
  ]);
});

test('packages of a monorepo with files of one name', () => {
  const files = tree('packages/a/src/x.js', 'packages/b/src/x.js', 'packages/a/src/only.js', 'src/root.js');
  check(files, [
    ['src/x.js', 'fits packages/a/src/x.js packages/b/src/x.js'],
    ['src/x.js', 'fits packages/a/src/x.js packages/b/src/x.js', { folder: 'coverage' }],
    ['src/x.js', 'packages/b/src/x.js', { folder: 'packages/b/coverage' }],
    ['../src/x.js', 'packages/b/src/x.js', { folder: 'packages/b/coverage' }],
    ['../src/x.js', 'may be packages/a/src/x.js packages/b/src/x.js'],
    ['src/only.js', 'packages/a/src/only.js'],
    ['src/only.js', 'packages/a/src/only.js', { folder: 'packages/b/coverage' }],
    ['/ci/w/packages/b/src/x.js', 'packages/b/src/x.js'],
    ['/ci/w/src/x.js', 'foreign: outside'],
  ]);
  const both = tree('src/x.js', 'packages/a/src/x.js');
  check(both, [
    ['src/x.js', 'src/x.js'],
    ['src/x.js', 'fits packages/a/src/x.js src/x.js', { folder: 'packages/a/coverage' }],
    ['packages/a/src/x.js', 'packages/a/src/x.js', { folder: 'packages/a/coverage' }],
    ['/ci/packages/a/src/x.js', 'may be packages/a/src/x.js src/x.js'],
  ]);
});

test('an absolute name outside is foreign, and another root is not believed beside the checkout itself', () => {
  const files = tree('index.js', 'src/a.js', 'src/b.js');
  check(files, [
    ['/usr/lib/node_modules/tool/index.js', 'foreign: outside'],
    ['/opt/venv/lib/site-packages/src/a.js', 'foreign: outside'],
    ['/opt/other/main.c', 'foreign: outside'],
    ['../../etc/passwd', 'foreign: outside'],
    ['../src/a.js', 'may be src/a.js'],
  ]);
  const names = ['/slots/1/src/a.js', '/ci/src/b.js'];
  expect(names.map((name) => fate(name, place(names, files)))).toEqual(['src/a.js', 'may be src/b.js']);
  const projects = ['/ci/shop/src/a.js', '/ci/admin/src/a.js'];
  expect(projects.map((name) => fate(name, place(projects, files)))).toEqual(['may be src/a.js', 'may be src/a.js']);
});

test('links on the way are followed, and those that leave the commit or turn in circles are not', () => {
  const links = new Map([
    ['lib', 'src'],
    ['deep/up', '../src/'],
    ['one.js', 'src/a.js'],
    ['out', '../elsewhere'],
    ['abs', '/src'],
    ['round', 'round/x'],
  ]);
  check({ ...tree('src/a.js'), links }, [
    ['lib/a.js', 'src/a.js'],
    ['/slots/1/deep/up/a.js', 'src/a.js'],
    ['one.js', 'src/a.js'],
    ['out/a.js', 'nowhere'],
    ['abs/a.js', 'nowhere'],
    ['round/a.js', 'nowhere'],
  ]);
});

test('what stands in a submodule is of another repository', () => {
  check({ ...tree('src/a.js'), submodules: new Set(['third/lib']) }, [
    ['third/lib/src/a.js', 'foreign: submodule'],
    ['/slots/1/third/lib/x.c', 'foreign: submodule'],
    ['third/other.js', 'nowhere'],
  ]);
});

describe('sources of Cobertura', () => {
  const cobertura = (...sources: string[]): Partial<ReportPlace> => ({ format: 'cobertura', sources });
  const files = tree('core.py', 'src/alpha/core.py', 'src/beta/core.py', 'src/beta/b.py', 'app/x.cs');

  test('say which of several files is meant, wherever they were', () => {
    check(files, [
      ['core.py', 'src/alpha/core.py', cobertura('/slots/1/src/alpha')],
      ['core.py', 'src/alpha/core.py', cobertura('/slots/1/src/alpha/')],
      ['core.py', 'src/alpha/core.py', cobertura('src/alpha')],
      ['core.py', 'src/alpha/core.py', cobertura('./src/alpha')],
      ['core.py', 'core.py', cobertura('.')],
      ['core.py', 'core.py', cobertura('')],
      ['core.py', 'core.py', cobertura()],
      ['core.py', 'fits core.py src/alpha/core.py', cobertura('.', 'src/alpha')],
      ['core.py', 'fits src/alpha/core.py src/beta/core.py', cobertura('/slots/1/src/alpha', '/slots/1/src/beta')],
      ['b.py', 'src/beta/b.py', cobertura('/slots/1/src/alpha', '/slots/1/src/beta')],
      ['beta/b.py', 'src/beta/b.py', cobertura('/slots/1/src', '/slots/1/src/beta')],
      ['b.py', 'src/beta/b.py', cobertura('/slots/1/src', '/slots/1/src/beta')],
      ['b.py', 'src/beta/b.py', cobertura('/app/src/beta')],
      ['app/x.cs', 'app/x.cs', cobertura('/')],
      ['x.cs', 'app/x.cs', cobertura('C:\\work\\app\\')],
      ['app\\x.cs', 'app/x.cs', cobertura('C:\\work')],
      ['../alpha/core.py', 'src/alpha/core.py', cobertura('src/beta')],
      ['/slots/1/core.py', 'core.py', cobertura('/slots/1/src/alpha')],
      ['/app/src/beta/b.py', 'src/beta/b.py', cobertura('/app/src')],
    ]);
  });

  test('of another place or without the file leave a name unplaced instead of guessing by its ending', () => {
    check(files, [
      ['b.py', 'nowhere', cobertura('/slots/1/src/alpha')],
      ['b.py', 'may be src/beta/b.py', cobertura('/elsewhere/project')],
      ['gone.py', 'foreign: outside', cobertura('/elsewhere/project')],
    ]);
  });
});

describe('import paths of Go', () => {
  const modules = (texts: Readonly<Record<string, string>>) => {
    const read = Object.entries(texts).map(([dir, text]) => parseGoMod(text, dir));
    return {
      goModules: read.flatMap((one) => one.modules),
      goDependencies: read.flatMap((one) => one.dependencies),
    };
  };
  const go: Partial<ReportPlace> = { format: 'go-coverprofile' };

  test('are folders below their module, the longest one', () => {
    const files = tree('cart/cart.go', 'v2/cart/cart.go', 'tools/gen/gen.go', 'forks/log/log.go', 'forks/log/go.mod');
    const says = modules({
      '': 'module example.org/shop // the shop\n\ngo 1.22\n\nrequire (\n\texample.org/log v1.0.0\n\tgithub.com/x/y v1.2.3 // indirect\n)\nreplace example.org/log v1.0.0 => ./forks/log\n',
      v2: 'module "example.org/shop/v2"\n',
      tools: 'module (\n\texample.org/tools\n)\nreplace (\n  example.org/up => ../../outside\n)\n',
      'forks/log': 'module example.org/own-log\n',
    });
    check({ ...files, ...says }, [
      ['example.org/shop/cart/cart.go', 'cart/cart.go', go],
      ['example.org/shop/v2/cart/cart.go', 'v2/cart/cart.go', go],
      ['example.org/tools/gen/gen.go', 'tools/gen/gen.go', go],
      ['example.org/log/log.go', 'forks/log/log.go', go],
      ['example.org/own-log/log.go', 'forks/log/log.go', go],
      ['example.org/shop/tools/gen/gen.go', 'nowhere', go],
      ['example.org/shopping/cart/cart.go', 'nowhere', go],
      ['github.com/other/shop/cart/cart.go', 'nowhere', go],
      ['github.com/x/y/cart/cart.go', 'foreign: dependency', go],
      ['example.org/shop/gone.go', 'nowhere', go],
      ['./cart/cart.go', 'cart/cart.go', go],
      ['/slots/1/cart/cart.go', 'cart/cart.go', go],
      ['cart/cart.go', 'cart/cart.go', go],
      ['example.org/shop/cart/cart.go', 'cart/cart.go', { format: 'lcov' }],
      ['example.org/shop/cart/cart.go', 'cart/cart.go'],
    ]);
  });

  test('of a module named as one of its folders are no paths', () => {
    const says = modules({ '': 'module shop\n' });
    check({ ...tree('cart.go', 'shop/cart.go'), ...says }, [
      ['shop/cart.go', 'cart.go', go],
      ['shop/shop/cart.go', 'shop/cart.go', go],
    ]);
  });

  test('of vendored copies are what the commit tracks, and two modules of one path are none', () => {
    const says = modules({
      '': 'module example.org/a\n',
      copy: 'module example.org/a\n',
      'x/testdata/m': 'module example.org/b\n',
    });
    const files = tree('a.go', 'copy/a.go', 'only.go', 'vendor/github.com/x/y/y.go', 'b.go', 'x/testdata/m/b.go');
    check({ ...files, ...says }, [
      ['github.com/x/y/y.go', 'vendor/github.com/x/y/y.go', go],
      ['example.org/a/a.go', 'fits a.go copy/a.go', go],
      ['example.org/a/only.go', 'only.go', go],
      ['example.org/b/b.go', 'nowhere', go],
    ]);
  });
});

describe('packages of JaCoCo', () => {
  const jacoco = (name: string, ...modules: string[]): Partial<ReportPlace> => {
    const plain = name.slice(modules.join('/').length).replace(/^\//, '');
    return { format: 'jacoco', modules: new Map([[name, { modules, plain }]]) };
  };

  test('are below some source root, and groups name the module', () => {
    const files = tree(
      'm1/src/main/java/org/example/Util.java',
      'm2/src/main/java/org/example/Util.java',
      'm2/sub/src/main/java/org/example/Util.java',
      'm1/src/main/java/org/example/Only.java',
    );
    check(files, [
      ['org/example/Only.java', 'm1/src/main/java/org/example/Only.java', { format: 'jacoco' }],
      ['m1/org/example/Util.java', 'm1/src/main/java/org/example/Util.java', jacoco('m1/org/example/Util.java', 'm1')],
      [
        'm2/sub/org/example/Util.java',
        'm2/sub/src/main/java/org/example/Util.java',
        jacoco('m2/sub/org/example/Util.java', 'm2', 'sub'),
      ],
      [
        'm2/org/example/Util.java',
        'fits m2/src/main/java/org/example/Util.java m2/sub/src/main/java/org/example/Util.java',
        jacoco('m2/org/example/Util.java', 'm2'),
      ],
      ['org/example/Util.java', 'm1/src/main/java/org/example/Util.java', { format: 'jacoco', title: 'm1' }],
      ['org/example/Only.java', 'm1/src/main/java/org/example/Only.java', { format: 'jacoco', title: 'm2' }],
      [
        'org/example/Util.java',
        'm1/src/main/java/org/example/Util.java',
        { format: 'jacoco', folder: 'm1/target/site/jacoco' },
      ],
      [
        'The Core/org/example/Only.java',
        'm1/src/main/java/org/example/Only.java',
        jacoco('The Core/org/example/Only.java', 'The Core'),
      ],
    ]);
  });

  test('of a package at the root and one below a source root fit both', () => {
    check(tree('org/A.java', 'src/org/A.java'), [
      ['org/A.java', 'fits org/A.java src/org/A.java', { format: 'jacoco' }],
    ]);
  });

  test('a file of one group is not taken for that of another', () => {
    const names = ['m1/org/A.java', 'm2/org/A.java'];
    const modules = new Map(names.map((name) => [name, { modules: [name.slice(0, 2)], plain: 'org/A.java' }]));
    const placed = place(names, tree('m1/src/org/A.java'), { format: 'jacoco', modules });
    expect(names.map((name) => fate(name, placed))).toEqual(['m1/src/org/A.java', 'nowhere']);
  });

  test('files of Kotlin without their common folders are known by the package that they declare', () => {
    const files = tree('app/src/main/kotlin/cart/Cart.kt', 'lib/src/main/kotlin/Cart.kt');
    const packages = new Map([
      ['app/src/main/kotlin/cart/Cart.kt', 'org/example/shop/cart'],
      ['lib/src/main/kotlin/Cart.kt', 'org/example/lib'],
    ]);
    check({ ...files, packages }, [
      ['org/example/shop/cart/Cart.kt', 'app/src/main/kotlin/cart/Cart.kt', { format: 'jacoco' }],
      ['org/example/lib/Cart.kt', 'lib/src/main/kotlin/Cart.kt', { format: 'jacoco' }],
      ['com/other/Cart.kt', 'nowhere', { format: 'jacoco' }],
    ]);
  });
});

describe('path_map', () => {
  const files = tree('a/src/x.js', 'b/src/x.js', 'x.js');

  test('the longest beginning that fits decides alone', () => {
    const pathMap = { 'src/': 'a/src/', 'src/deep': 'b/src', 'C:\\w\\': 'a', 'example.org/m': 'b', webpack: 'a' };
    check(files, [
      ['src/x.js', 'a/src/x.js', { pathMap }],
      ['src/deep/x.js', 'b/src/x.js', { pathMap }],
      ['src/deeper/x.js', 'nowhere', { pathMap }],
      ['c:\\W\\src\\x.js', 'a/src/x.js', { pathMap }],
      ['example.org/m/src/x.js', 'b/src/x.js', { pathMap, format: 'go-coverprofile' }],
      ['x.js', 'x.js', { pathMap }],
      ['x.js', 'nowhere', { pathMap: { '': 'a' } }],
      ['src/x.js', 'b/src/x.js', { pathMap: { '': './b/' } }],
      ['../src/x.js', 'nowhere', { pathMap: { '': 'b' } }],
      ['/ci/src/x.js', 'b/src/x.js', { pathMap: { '/ci/': 'b/' } }],
      ['x.js', 'b/src/x.js', { pathMap: { '/ci/': 'b/' }, format: 'cobertura', sources: ['/ci/src'] }],
    ]);
  });
});
