import type { NearMiss, Plant } from '../plant.ts';
import { manifest } from '../small-repository.ts';

const GIT = 'packages/git/src/work.ts';
const importing =
  (line: string) =>
  (old: string): string =>
    `${old}${line}\n`;
const git = (line: string): Plant['overlay'] => ({ [GIT]: importing(line) });
const withDependencies = (short: string, uses: string[], dependencies: object): string => {
  const all = { ...Object.fromEntries(uses.map((name) => [`@gatehouse/${name}`, 'workspace:*'])), ...dependencies };
  return manifest(short, [], { dependencies: all });
};
/** The same fault in every form an import can take. */
const arrowForms = [
  "import { x } from '@gatehouse/merge-gate';",
  "import type { X } from '@gatehouse/merge-gate';",
  "import { type X } from '@gatehouse/merge-gate';",
  "import '@gatehouse/merge-gate';",
  "export { x } from '@gatehouse/merge-gate';",
  "export type { X } from '@gatehouse/merge-gate';",
  "export const x = await import('@gatehouse/merge-gate');",
  'export const x = await import(`@gatehouse/merge-gate`);',
  "export type X = import('@gatehouse/merge-gate').X;",
  "export const x = require('@gatehouse/merge-gate');",
  "export const x = import.meta.resolve('@gatehouse/merge-gate');",
  '/// <reference types="@gatehouse/merge-gate" />',
];
const declaredToo = {
  'packages/git/package.json': (old: string) =>
    old.replace('"@gatehouse/verdict"', '"@gatehouse/merge-gate": "workspace:*",\n    "@gatehouse/verdict"'),
};

export const plants: readonly Plant[] = [
  ...arrowForms.map((line) => ({
    title: `git imports merge-gate by: ${line}`,
    rule: 'arrow',
    overlay: git(line),
    at: `${GIT}:4`,
    says: 'packages/git may not use @gatehouse/merge-gate (allowed: verdict, proc-group)',
    also: ['undeclared'],
  })),
  {
    title: 'a package declares what it may not import',
    rule: 'arrow',
    overlay: { ...declaredToo, [GIT]: (old) => `${old}const door = '@gatehouse/merge-gate';\n` },
    at: 'packages/git/package.json:30',
    says: 'change the arrow by an ADR',
  },
  {
    title: 'verdict imports the service',
    rule: 'arrow',
    overlay: { 'packages/verdict/test/boundary.test.ts': importing("import '@gatehouse/orchestrator';") },
    at: 'packages/verdict/test/boundary.test.ts:4',
    says: 'allowed: nothing',
    also: ['undeclared'],
  },
  {
    title: 'the service imports a private tool',
    rule: 'arrow',
    overlay: { 'apps/orchestrator/src/main.ts': importing("import '@gatehouse/tidy';") },
    at: 'apps/orchestrator/src/main.ts:4',
    says: 'may not use @gatehouse/tidy',
    also: ['undeclared'],
  },
  {
    title: 'a deep import goes past the door',
    rule: 'deep-import',
    overlay: git("import { run } from '@gatehouse/proc-group/src/work.ts';"),
    at: `${GIT}:4`,
    says: "import from '@gatehouse/proc-group'",
  },
  {
    title: 'a relative import leaves its package',
    rule: 'leaves-package',
    overlay: git("import { work } from '../../verdict/src/work.ts';"),
    at: `${GIT}:4`,
    says: 'import the other package by its name',
  },
  {
    title: 'an absolute import names a place on one machine',
    rule: 'leaves-package',
    overlay: git("import '/lib/thing.js';"),
    at: `${GIT}:4`,
    says: 'import a package by its name',
  },
  {
    title: 'a file other than the Jest configuration reaches for the preset',
    rule: 'leaves-package',
    overlay: { 'packages/git/test/preset.ts': "import '../../../jest.preset.mjs';\n" },
    at: 'packages/git/test/preset.ts:1',
    says: 'leaves packages/git',
  },
  {
    title: 'src imports from its tests',
    rule: 'backwards',
    overlay: git("import '../test/boundary.test.ts';"),
    at: `${GIT}:4`,
    says: 'move what it needs into src',
  },
  {
    title: 'src imports its own door',
    rule: 'backwards',
    overlay: git("import '@gatehouse/git';"),
    at: `${GIT}:4`,
    says: 'import the file that holds the name',
  },
  {
    title: 'a computed import hides its arrow',
    rule: 'computed-import',
    overlay: git(`export const load = (name: string) => import(\`@gatehouse/\${name}\`);`),
    at: `${GIT}:4`,
    says: 'name it in a literal',
  },
  {
    title: 'a built-in module without its prefix',
    rule: 'bare-builtin',
    overlay: git("import { join } from 'path';"),
    at: `${GIT}:4`,
    says: "write 'node:path'",
  },
  {
    title: 'a package without an arrow',
    rule: 'unknown-workspace',
    overlay: {
      'tools/extra/package.json': manifest('extra', []),
      'tools/extra/jest.config.mjs': "export { default } from '../../jest.preset.mjs';\n",
      'tools/extra/test/a.test.ts': "import '@jest/globals';\n",
    },
    at: 'tools/extra/package.json:0',
    says: 'has no row in the arrow table',
    also: ['unnamed-package'],
  },
  {
    title: 'a file that the parser does not understand',
    rule: 'lost',
    overlay: git("export const a = 'never closed;"),
    at: `${GIT}:4`,
    says: 'Unterminated string',
  },
  {
    title: 'an undeclared import',
    rule: 'undeclared',
    overlay: git("import { parse } from 'yaml';"),
    at: `${GIT}:4`,
    says: 'yaml is imported but not among the dependencies of packages/git/package.json',
  },
  {
    title: 'a deep import of an undeclared scoped package',
    rule: 'undeclared',
    overlay: { 'packages/git/test/boundary.test.ts': importing("import '@scope/thing/deep.js';") },
    at: 'packages/git/test/boundary.test.ts:4',
    says: '@scope/thing is imported but not among the devDependencies',
  },
  {
    title: 'src imports a development dependency, if only a type of it',
    rule: 'dev-only',
    overlay: git("import type { Config } from '@jest/globals';"),
    at: `${GIT}:4`,
    says: 'not among the dependencies',
  },
  {
    title: 'a dependency nothing imports',
    rule: 'unused',
    overlay: { 'packages/git/package.json': withDependencies('git', ['verdict', 'proc-group'], { yaml: '2.9.1' }) },
    at: 'packages/git/package.json:32',
    says: 'nothing in packages/git/src names it',
  },
  {
    title: 'a development dependency nothing imports',
    rule: 'unused',
    overlay: {
      'packages/git/package.json': (old) => old.replace('"@jest/globals"', '"semver": "7.8.6",\n    "@jest/globals"'),
    },
    at: 'packages/git/package.json:34',
    says: 'remove it or use it',
  },
];

export const nearMisses: readonly NearMiss[] = [
  { title: 'an import in a string', overlay: git('export const text = "import x from \'@gatehouse/merge-gate\'";') },
  { title: 'an import in a template', overlay: git(`export const text = \`import '@gatehouse/\${1}/src/x.ts'\`;`) },
  { title: 'an import in a comment', overlay: git("// import { x } from '@gatehouse/merge-gate';") },
  {
    title: 'an import in a regular expression',
    overlay: git("export const text = /import '@gatehouse\\/merge-gate'/;"),
  },
  { title: 'import.meta', overlay: git('export const here = import.meta.url;') },
  {
    title: 'a method called import or require',
    overlay: git("export const x = { a: db.import('other'), b: db.require('x') };"),
  },
  { title: 'an export of local names', overlay: git("const a = 1;\nexport { a };\nexport const from = 'elsewhere';") },
  {
    title: 'a test imports its own src and its own door',
    overlay: { 'packages/git/test/boundary.test.ts': importing("import '../src/work.ts';\nimport '@gatehouse/git';") },
  },
  { title: 'a built-in module with its prefix', overlay: git("import { join } from 'node:path/posix';") },
  {
    title: 'types of a dependency that is used',
    overlay: {
      'packages/git/package.json': withDependencies('git', ['verdict', 'proc-group'], { semver: '7.8.6' }).replace(
        '"@jest/globals"',
        '"@types/semver": "7.8.0",\n    "@jest/globals"',
      ),
      [GIT]: importing("import semver from 'semver';"),
    },
  },
  {
    title: 'cancel stands on verdict before it has a place on the real map',
    overlay: {
      'docs/architecture.md': (old) =>
        old.replace('| `apps/orchestrator`', '| `packages/cancel` | stops | verdict |\n| `apps/orchestrator`'),
      ...Object.fromEntries(
        Object.entries({
          'package.json': manifest('cancel', ['verdict']),
          'jest.config.mjs': "export { default } from '../../jest.preset.mjs';\n",
          'README.md': '# cancel\n',
          'src/index.ts': "export { stop } from './stop.ts';\n",
          'src/stop.ts': "import '@gatehouse/verdict';\nexport const stop = 1;\n",
          'test/boundary.test.ts': "import '@jest/globals';\nimport '../examples/first.ts';\n",
          'examples/first.ts': "import '@gatehouse/cancel';\n",
        }).map(([path, text]) => [`packages/cancel/${path}`, text]),
      ),
    },
  },
];
