/**
 * As much of Jest as the tests of the areas use, so that hundreds of mutants are shown to them in one process: a mutant costs
 * milliseconds here and seconds as a Jest run of its own. `expect` is Jest's.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format as printf } from 'node:util';

const anyPackage = createRequire(new URL('../sim/package.json', import.meta.url));
const globals = createRequire(anyPackage.resolve('@jest/globals/package.json'));
const jestExpect = createRequire(globals.resolve('@jest/expect/package.json'));
const { format } = createRequire(jestExpect.resolve('jest-snapshot/package.json'))('pretty-format');
export const { jestExpect: expect } = globals('@jest/expect');

const AS_JEST = {
  escapeRegex: true,
  escapeString: false,
  indent: 2,
  printBasicPrototype: false,
  printFunctionName: false,
};
expect.extend({
  toMatchInlineSnapshot(received, wanted) {
    const pass = format(received, AS_JEST) === withoutIndent(wanted);
    return { pass, message: () => `${format(received, AS_JEST)} is not ${withoutIndent(wanted)}` };
  },
});

function withoutIndent(snapshot) {
  const lines = snapshot.split('\n');
  if (lines.length <= 2) return snapshot;
  const indent = /^[ \t]*/.exec(lines[1])[0];
  return lines
    .slice(1, -1)
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join('\n');
}

const scopeIn = (above, name) => ({
  above,
  name,
  hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] },
  parts: [],
});
let scope = scopeIn(null, '');

function add(kind, name, body) {
  if (kind === 'test') return void scope.parts.push({ name: `${scope.name} ${name}`, body });
  const inner = scopeIn(scope, `${scope.name} ${name}`);
  scope.parts.push(inner);
  scope = inner;
  body();
  scope = inner.above;
}

function declare(kind) {
  const plain = (name, body) => add(kind, name, body);
  const each = (rows) => (name, body) => {
    for (const row of rows) {
      const given = Array.isArray(row) ? row : [row];
      add(kind, titleOf(name, given), () => body(...given));
    }
  };
  return Object.assign(plain, { each, skip: Object.assign(() => {}, { each: () => () => {} }) });
}

const titleOf = (name, given) => printf(name.replace(/%p|%j|%#|\$\w+/g, '*'), ...given.map(String));

export const test = declare('test');
export const it = test;
export const describe = declare('describe');
const hook = (name) => (body) => void scope.hooks[name].push(body);
export const beforeAll = hook('beforeAll');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');
export const afterAll = hook('afterAll');

/** What `load` declares, as the scope that `runScope` runs. */
export async function declaredBy(load) {
  const all = scopeIn(null, '');
  scope = all;
  await load();
  return all;
}

/** Properties report the first example that fails as it is: nobody reads it, and to make it small costs most of the time. */
export async function stopAtFirstExample(workspace) {
  const paths = createRequire(join(workspace, 'package.json'));
  try {
    const { default: fc } = await import(pathToFileURL(paths.resolve('fast-check')).href.replace('/cjs/', '/'));
    fc.configureGlobal({ endOnFailure: true });
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
  }
}

/** How many tests ran; throws the first failure. `isAsked`: which, by name, asked right before each. */
export async function runScope({ hooks, parts }, isAsked, around = []) {
  let count = 0;
  const inner = [...around, hooks];
  for (const body of hooks.beforeAll) await body();
  try {
    for (const part of parts)
      if (part.parts !== undefined) count += await runScope(part, isAsked, inner);
      else if (isAsked(part.name)) {
        count += 1;
        await runTest(part, inner);
      }
  } finally {
    for (const body of hooks.afterAll) await body();
  }
  return count;
}

async function runTest({ body }, around) {
  for (const { beforeEach: first } of around) for (const one of first) await one();
  try {
    await body();
  } finally {
    for (const { afterEach: last } of around.toReversed()) for (const one of last) await one();
  }
}
