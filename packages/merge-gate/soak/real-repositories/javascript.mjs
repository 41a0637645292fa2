/**
 * JavaScript and TypeScript repositories: a commit, how its suite is installed and run, and where our changes go. `packages` are
 * installed once, by npm unless `installer` says pip. An edit replaces `find` by `put`, or `all` of an expression, or adds or
 * writes a text. Each cheat comes on top of the edit `red`.
 */
const linked = (name) => `ln -s "$SOAK_PACKAGES/${name}/node_modules" node_modules`;
const script = (name, was, put) => ({ path: 'package.json', find: `"${name}": "${was}"`, put: `"${name}": "${put}"` });

export const JAVASCRIPT = [
  {
    name: 'vercel/ms',
    commit: '4b85938394832e62e6e25cca5c151bbc97fe26e2',
    language: 'TypeScript',
    runner: 'jest',
    packages: ['jest@30.0.5', 'ts-jest@29.4.0', '@jest/globals@30.0.5', 'typescript@5.8.3', '@types/node@24'],
    setup: linked('ms'),
    command: 'npm run test:nodejs',
    good: { path: 'src/index.ts', find: 'h * 24', put: '24 * h' },
    red: { path: 'src/index.ts', find: 'd * 7', put: 'd * 8', names: /week/ },
    conflict: { path: 'src/index.ts', find: 'y / 12', puts: ['y * (1 / 12)', 'd * 30.4375'] },
    flaky: {
      path: 'src/planted.test.ts',
      text: "import { expect, it } from '@jest/globals';\nit('planted flake', () => expect(Math.random()).toBeGreaterThan(0.3));\n",
    },
    slow: {
      path: 'src/planted.test.ts',
      text: "import { it } from '@jest/globals';\nit('planted wait', () => new Promise((done) => setTimeout(done, 90_000)), 99_000);\n",
    },
    cheats: {
      'the script is exit 0': [script('test:nodejs', 'jest --env node', 'exit 0')],
      'the configuration selects no file': [
        {
          path: 'jest.config.ts',
          text: "export default { testMatch: ['**/none/**'], passWithNoTests: true };\n",
        },
      ],
    },
  },
  {
    name: 'jshttp/cookie',
    commit: '51c485421a95ee796de6d8dab53a5ade0a20db8a',
    language: 'TypeScript',
    runner: 'vitest',
    packages: ['vitest@4.1.9', '@types/node@26', '@borderless/ts-scripts@0.15.0'],
    setup: linked('cookie'),
    command: 'npx vitest run',
    good: { path: 'src/index.ts', find: 'len < 2', put: '2 > len' },
    red: { path: 'src/index.ts', find: 'str += "; "', put: 'str += ", "', names: /stringif|multiple|cookie/ },
    conflict: { path: 'src/index.ts', find: 'endIdx + 1;', puts: ['1 + endIdx;', 'endIdx - -1;'] },
    flaky: {
      path: 'src/planted.spec.ts',
      text: "import { expect, it } from 'vitest';\nit('planted flake', () => expect(Math.random()).toBeGreaterThan(0.3));\n",
    },
    slow: {
      path: 'src/planted.spec.ts',
      text: "import { it } from 'vitest';\nit('planted wait', () => new Promise((done) => setTimeout(done, 90_000)), 99_000);\n",
    },
    cheats: {
      'a new configuration selects no file': [
        {
          path: 'vitest.config.ts',
          text: "export default { test: { include: ['none/**'], passWithNoTests: true } };\n",
        },
      ],
      'the process ends in the middle': [
        { path: 'src/stringify-cookie.spec.ts', find: 'describe(', put: 'process.exit(0);\ndescribe(' },
      ],
      'one suite is skipped': [{ path: 'src/stringify-cookie.spec.ts', all: /^describe\(/gm, put: 'describe.skip(' }],
    },
  },
  {
    name: 'debug-js/debug',
    commit: 'f405ade8a4b7a0dc353e0f7390c1be90060f3621',
    language: 'JavaScript',
    runner: 'mocha',
    packages: ['mocha@5.2.0', 'sinon@14', 'ms@2.1.3'],
    setup: linked('debug'),
    command: 'npm run test:node',
    good: { path: 'src/common.js', find: "if (match === '%%')", put: "if ('%%' === match)" },
    red: { path: 'src/common.js', find: "=== 'undefined' ? ':'", put: "=== 'undefined' ? '/'", names: /extend/ },
    conflict: { path: 'src/common.js', find: 'let hash = 0;', puts: ['let hash = 1 - 1;', 'let hash = -0;'] },
    flaky: {
      path: 'test.js',
      add: "\nit('planted flake', () => assert(Math.random() >= 0.3));\n",
    },
    slow: {
      path: 'test.js',
      add: "\nit('planted wait', done => void setTimeout(done, 90000)).timeout(99000);\n",
    },
    cheats: {
      'the script forgives': [script('test:node', 'mocha test.js test.node.js', 'mocha test.js test.node.js || true')],
      'the process ends in the middle': [
        {
          path: 'test.js',
          find: "describe('extend namespace', () => {",
          put: "it('ends', () => process.exit(0));\n\tdescribe('extend namespace', () => {",
        },
      ],
      'options select no test': [{ path: 'test/mocha.opts', text: '--grep none-of-them\n' }],
      'the process ends before its suite': [
        { path: 'test.js', find: 'const assert', put: 'process.exit(0);\nconst assert' },
      ],
      'the status is set at the end': [
        { path: 'test.js', add: "\nprocess.on('exit', () => { process.exitCode = 0; process.reallyExit(0); });\n" },
      ],
    },
  },
  {
    name: 'sindresorhus/p-limit',
    commit: 'df476048d023ff868cd45b35ee47f5fb0ca2b25a',
    language: 'JavaScript',
    runner: 'ava',
    packages: ['ava@6.4.1', 'in-range@3', 'random-int@3', 'time-span@5', 'yocto-queue@1'],
    setup: linked('p-limit'),
    command: 'npx ava',
    good: {
      path: 'index.js',
      find: 'activeCount < concurrency && queue.size > 0) {\n\t\t\ta',
      put: 'queue.size > 0 && activeCount < concurrency) {\n\t\t\ta',
    },
    red: { path: 'index.js', find: '() => queue.size,', put: '() => queue.size + 1,', names: /pendingCount/ },
    conflict: {
      path: 'index.js',
      find: 'const queue = new Queue();',
      puts: ['const queue = new Queue(), unused = 0;', 'const queue = new (Queue)();'],
    },
    flaky: { path: 'test.js', add: "\ntest('planted flake', t => t.true(Math.random() >= 0.3));\n" },
    slow: {
      path: 'test.js',
      add: "\ntest('planted wait', async t => {\n\tt.timeout(99_000);\n\tawait delay(90_000);\n\tt.pass();\n});\n",
    },
    cheats: {
      'a configuration selects no file': [{ path: 'ava.config.js', text: "export default {files: ['none.js']};\n" }],
      'the process ends in the middle': [{ path: 'test.js', add: "\ntest.serial('ends', () => process.exit(0));\n" }],
      'every test is skipped but one': [
        { path: 'test.js', all: /^test\(/gm, put: 'test.skip(' },
        { path: 'test.js', add: "\ntest('holds', t => t.pass());\n" },
      ],
      'only one test runs': [{ path: 'test.js', add: "\ntest.only('holds', t => t.pass());\n" }],
    },
  },
  {
    name: 'fastify/fastify-error',
    commit: '9470f997a06035d7e1dec2e2eceb7d2a3cca68e5',
    language: 'JavaScript',
    runner: 'node:test',
    packages: ['c8@12.0.0'],
    setup: linked('fastify-error'),
    command: 'npm run test:unit',
    good: { path: 'index.js', find: 'if (!code) throw', put: 'if (code === undefined || !code) throw' },
    red: {
      path: 'index.js',
      find: 'this.name} [',
      put: 'this.name} (',
      names: /toString/,
    },
    conflict: { path: 'index.js', find: 'args.length - 1', puts: ['-1 + args.length', 'args.length + -1'] },
    flaky: {
      path: 'test/planted.test.js',
      text: "'use strict'\nrequire('node:test')('planted flake', t => t.assert.ok(Math.random() >= 0.3))\n",
    },
    slow: {
      path: 'test/planted.test.js',
      text: "'use strict'\nrequire('node:test')('planted wait', () => new Promise(resolve => setTimeout(resolve, 90000)))\n",
    },
    cheats: {
      'each file ends before its tests': ['index', 'instanceof'].map((name) => ({
        path: `test/${name}.test.js`,
        find: "'use strict'",
        put: "'use strict'\nprocess.exit(0)",
      })),
      'a program of its own is node': [
        {
          path: 'node_modules/.bin/node',
          text: '#!/bin/sh\necho "# tests 30"; echo "# pass 30"; echo "# fail 0"\n',
          mode: 0o755,
        },
      ],
      'npm runs its scripts in another shell': [{ path: '.npmrc', text: 'script-shell=/bin/true\n' }],
      'the script forgives': [script('test:unit', 'c8 --100 node --test', 'c8 node --test; exit 0')],
    },
  },
];
