import type { NearMiss, Plant } from '../plant.ts';

const GIT = 'packages/git/src/work.ts';
const add = (path: string, line: string): Plant['overlay'] => ({ [path]: (old) => `${old}${line}\n` });
const git = (line: string): Plant['overlay'] => add(GIT, line);
const DOOR = 'packages/git/src/index.ts';

const throwing = (title: string, line: string, at = 4): Plant => ({
  title,
  rule: 'throw',
  overlay: git(line),
  at: `${GIT}:${at}`,
  says: 'only in invariant',
});
const catching = (title: string, line: string): Plant => ({
  title,
  rule: 'catch',
  overlay: git(line),
  at: `${GIT}:4`,
  says: 'move the call into src/adapters',
});
const power = (rule: string, line: string, says: string, path = GIT, at = 4): Plant => ({
  title: `${path}: ${line}`,
  rule,
  overlay: add(path, line),
  at: `${path}:${at}`,
  says,
});
const lives = (line: string, says: string, at = 3): Plant => ({
  title: `in a door: ${line.split('\n')[0]}`,
  rule: 'lives-in-door',
  overlay: add(DOOR, line),
  at: `${DOOR}:${at}`,
  says,
});

export const plants: readonly Plant[] = [
  throwing('a throw in a package', "export const f = () => { throw new Error('x'); };"),
  throwing(
    'a throw behind a template that holds a brace',
    `export const t = \`\${'}'}\`; export const f = () => { throw 1; };`,
  ),
  throwing('a throw inside a template expression', `export const t = \`a \${(() => { throw 1; })()} b\`;`),
  throwing(
    'a throw behind a regular expression that holds a quote',
    'export const r = /[\'"`]/; export function f() { throw 1; }',
  ),
  throwing('a throw behind a division', 'export const q = (1 + 2) / 3; export function f() { throw q / 2; }'),
  throwing('a rejected promise is a throw', "export const f = () => Promise.reject(new Error('x'));"),
  {
    title: 'an adapter may not throw an error of its own',
    rule: 'throw',
    overlay: {
      'packages/git/src/adapters/disk.ts':
        "export function read() {\n  try {\n    return 1;\n  } catch (error) {\n    throw new Error('worse', { cause: error });\n  }\n}\n",
    },
    at: 'packages/git/src/adapters/disk.ts:5',
    says: 'only in invariant',
  },
  {
    title: 'an adapter may not throw outside its catch',
    rule: 'throw',
    overlay: {
      'packages/git/src/adapters/disk.ts':
        'try {} catch (error) { console.log(error); }\nexport function f(error: Error) {\n  throw error;\n}\n',
    },
    at: 'packages/git/src/adapters/disk.ts:3',
    says: 'only in invariant',
  },
  {
    title: 'a throw between JSX elements with an apostrophe in their text',
    rule: 'throw',
    overlay: {
      'apps/orchestrator/src/http/board.tsx':
        "export const Board = () => <p class='a'>don't {1 > 0 ? <b>it's</b> : null}</p>;\nexport const f = () => {\n  throw 1;\n};\n",
    },
    at: 'apps/orchestrator/src/http/board.tsx:3',
    says: 'only in invariant',
  },
  catching('a catch clause in a package', 'export const f = () => { try { return 1; } catch { return 0; } };'),
  catching('a promise handler', 'export const f = (p: Promise<number>) => p.catch(() => 0);'),
  catching('an optional promise handler', 'export const f = (p?: Promise<number>) => p?.catch(() => 0);'),
  catching('a second argument of then', 'export const f = (p: Promise<number>) => p.then((n) => [n, 1], () => 0);'),
  {
    title: 'a catch in a route of the service',
    rule: 'catch',
    overlay: { 'apps/orchestrator/src/http/routes/queue.ts': 'try {\n} catch {}\n' },
    at: 'apps/orchestrator/src/http/routes/queue.ts:2',
    says: 'src/adapters',
  },
  power('environment', 'export const home = process.env.HOME;', 'take the value as an argument'),
  power('environment', "export const home = process['env'];", 'take the value as an argument'),
  power('environment', 'const { platform, env } = process;', 'take the value as an argument'),
  power('environment', "import { env } from 'node:process';", 'take the value as an argument'),
  power('environment', 'export const home = globalThis.process?.env;', 'settings.ts', 'apps/orchestrator/src/main.ts'),
  power('environment', 'export const e = process.env;', 'settings.ts', 'packages/proc-group/src/work.ts', 3),
  power('start-process', "import { spawn } from 'node:child_process';", 'call runInGroup'),
  power(
    'start-process',
    "const cp = await import('node:child_process');",
    'call runInGroup',
    'apps/orchestrator/src/main.ts',
  ),
  power(
    'run-command',
    "import { outputText, runInGroup as run } from '@gatehouse/proc-group';",
    'runOnCommit of gate-run',
  ),
  power('mint-lease', "export const proof = new LeaseProof('r', 'h', 1);", 'take one as an argument'),
  power('mint-lease', 'class Mine extends LeaseProof {}', 'take one as an argument'),
  power('mint-lease', "import { LeaseProof as P } from '@gatehouse/verdict';", 'take one as an argument'),
  power('text-as-code', "export const x = eval('1');", 'write the code'),
  power(
    'text-as-code',
    "export const x = new Function('return 1');",
    'write the code',
    'packages/git/test/boundary.test.ts',
  ),
  power('module-mock', "jest.mock('../src/work.ts');", 'fake a port', 'packages/git/test/boundary.test.ts'),
  power('focused-test', "test.only('x', () => {});", 'remove the focus', 'packages/git/test/boundary.test.ts'),
  {
    title: 'a package without a door',
    rule: 'no-door',
    overlay: { [DOOR]: null },
    at: `${DOOR}:0`,
    says: 'add src/index.ts',
  },
  {
    title: 'a second door in a folder',
    rule: 'second-door',
    overlay: { 'packages/git/src/slots/index.ts': "export { work } from '../work.ts';\n" },
    at: 'packages/git/src/slots/index.ts:0',
    says: 'a package has one door',
  },
  {
    title: 'conditions of the exports map in another order',
    rule: 'exports-map',
    overlay: {
      'packages/git/package.json': (old) =>
        old.replace(
          '"types": "./dist/index.d.ts",\n      "default": "./dist/index.js"',
          '"default": "./dist/index.js",\n      "types": "./dist/index.d.ts"',
        ),
    },
    at: 'packages/git/package.json:13',
    says: 'in this order',
  },
  {
    title: 'a way past the door in the exports map',
    rule: 'exports-map',
    overlay: {
      'packages/git/package.json': (old) =>
        old.replace(
          '"./package.json": "./package.json"',
          '"./package.json": "./package.json",\n    "./work": "./dist/work.js"',
        ),
    },
    at: 'packages/git/package.json:13',
    says: 'must be exactly',
  },
  lives('export class Gate {}', "begins with 'class'"),
  lives('let count = 0;', "begins with 'let'"),
  lives("console.log('loaded');", "begins with 'console'"),
  lives('export default work;', "begins with 'default'"),
  lives('export const f = (n: number): number => {\n  if (n > 0) return 1;\n  return 0;\n};', "holds 'if'", 4),
  lives(`export function f(): number[] {\n  return [\n${'    1,\n'.repeat(12)}  ];\n}`, 'spans 16 lines'),
  ...['export * from', 'export * as all from', 'export type * from'].map((words) => ({
    title: `${words} in a file behind the door`,
    rule: 'export-star',
    overlay: git(`${words} './other.ts';`),
    at: `${GIT}:4`,
    says: 'name each export',
  })),
];

export const nearMisses: readonly NearMiss[] = [
  {
    title: 'an adapter that passes on a crash it was handed as a value',
    overlay: { 'packages/git/src/adapters/disk.ts': "if (run.kind === 'crashed') throw run.error;\n" },
  },
  {
    title: 'the file of proc-group that filters the environment for a child',
    overlay: { 'packages/proc-group/src/adapters/parent-environment.ts': 'export const all = process.env;\n' },
  },
  {
    title: 'try and finally without a catch',
    overlay: git('export const f = () => { try { return 1; } finally { done(); } };'),
  },
  {
    title: 'words of raising in strings, templates, comments and regular expressions',
    overlay: git(
      `export const a = ['throw', \`catch \${'throw 1'}\`, /throw|catch/g, "} catch (e) {"]; // throw, catch`,
    ),
  },
  {
    title: 'members and keys with those names',
    overlay: git('export const a = { throw: 1, catch: 2 }; a.throw; it.throw(1); a.catch;'),
  },
  {
    title: 'then with one argument and a trailing comma',
    overlay: git('export const a = p.then(\n  (x) => f(x, 1),\n);'),
  },
  {
    title: 'an adapter that maps a code and rethrows the rest',
    overlay: {
      'packages/git/src/adapters/disk.ts':
        'export function read(): number {\n  try {\n    return 1;\n  } catch (error) {\n    const code = f(error);\n    if (code === null) { throw error; }\n    return 0;\n  }\n}\n',
    },
  },
  {
    title: 'a test may throw and catch',
    overlay: add('packages/git/test/boundary.test.ts', 'try { throw 1; } catch {}'),
  },
  {
    title: 'a forge of the service may catch',
    overlay: { 'apps/orchestrator/src/forges/local.ts': 'p.catch(() => 0);\n' },
  },
  {
    title: 'process without its environment',
    overlay: git('export const [a, b] = [process.platform, { env: 1 }, it.env]; const { pid } = process;'),
  },
  { title: 'the environment in a test', overlay: add('packages/git/test/boundary.test.ts', 'process.env;') },
  {
    title: 'proc-group starts processes',
    overlay: add('packages/proc-group/src/work.ts', "import { spawn } from 'node:child_process';"),
  },
  {
    title: 'the landing child of git starts itself',
    overlay: { 'packages/git/src/adapters/landing-child.ts': "import { spawn } from 'node:child_process';\n" },
  },
  {
    title: 'a lease row of the store mints',
    overlay: { 'apps/orchestrator/src/store/lease-rows.ts': "export const p = new LeaseProof('r', 'h', 1);\n" },
  },
  {
    title: 'a lease proof as a type',
    overlay: git('export const held = (proof: LeaseProof): boolean => LeaseProof.isMinted(proof);'),
  },
  {
    title: 'members called eval, only and mock',
    overlay: git('export const a = [db.eval(1), list.only(2), port.mock(3)]; type F = Function;'),
  },
  {
    title: 'a door with wrappings, types and an interface',
    overlay: add(
      DOOR,
      "import type { A } from './work.ts';\nexport type B = { readonly a: A };\nexport interface C {\n  readonly new: A;\n}\nexport const open: (a: A) => Promise<B> = neverRaise('git.open', (a: A) => go(a));\nexport function f<T extends { a: 1 }>(t: T): { b: 2 } {\n  return go(t);\n}\nexport { work as again } from './work.ts';",
    ),
  },
];
