/** Which package may import which, and that every import goes through a door. The table is the architecture. */

import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path/posix';
import { type ImportUse, importsOf } from '../imports.ts';
import { tokensOf } from '../tokens.ts';
import { type Guard, type RepoFile, readNothing, type Violation } from '../tree.ts';
import { codeOf, textField, type Workspace, workspacesOf } from '../workspaces.ts';

const GATE = ['verdict', 'proc-group', 'git', 'artefact'];

/** Folder → the packages it may import; docs/architecture.md draws the same arrows. */
export const ARROWS: Readonly<Record<string, readonly string[] | 'every package' | 'everything'>> = {
  'packages/verdict': [],
  'packages/artefact': ['verdict'],
  'packages/proc-group': ['verdict'],
  'packages/cancel': ['verdict'],
  'packages/stage-engine': ['verdict'],
  'packages/git': ['verdict', 'proc-group'],
  'packages/gate-run': ['verdict', 'proc-group', 'git'],
  'packages/merge-gate': ['verdict', 'proc-group', 'git', 'gate-run'],
  'packages/coverage-gate': [...GATE, 'gate-run'],
  'packages/security-gate': GATE,
  'apps/orchestrator': 'every package',
  'tools/demo': 'everything',
  'tools/sim': 'everything',
  'tools/doubles': [],
  'tools/bench': 'everything',
  'tools/tidy': 'everything',
};

const SCOPE = '@gatehouse/';

/** What stands for the outside in tests: the service's tests may use it, its code may not. */
const DOUBLES = 'doubles';

export const arrows: Guard = {
  name: 'imports follow the arrows and go through doors',
  rules: [
    'unknown-workspace',
    'arrow',
    'deep-import',
    'leaves-package',
    'backwards',
    'computed-import',
    'bare-builtin',
    'lost',
  ],
  check(tree) {
    const workspaces = workspacesOf(tree);
    const files = workspaces.flatMap((workspace) => codeOf(tree, workspace).map((file) => ({ workspace, file })));
    if (files.length === 0) return readNothing('code file of a workspace');
    if (files.every(({ file }) => importsOf(file).length === 0)) return readNothing('import');
    return [
      ...workspaces.flatMap(checkManifest),
      ...files.flatMap(({ workspace, file }) => checkFile(workspace, file)),
    ];
  },
};

function checkManifest({ dir, file, manifest }: Workspace): Violation[] {
  if (ARROWS[dir] === undefined) {
    const message = `${dir} has no row in the arrow table; add one to tools/tidy and draw it in docs/architecture.md`;
    return [{ rule: 'unknown-workspace', path: file.path, line: 0, message }];
  }
  const declared = ['dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies'].flatMap((field) => [
    ...textField(manifest, field).keys(),
  ]);
  return declared
    .filter((name) => name.startsWith(SCOPE) && !mayImport(dir, name.slice(SCOPE.length)))
    .filter((name) => !(isForTests(dir, name.slice(SCOPE.length)) && textField(manifest, 'devDependencies').has(name)))
    .map((name) => {
      const line = file.text.slice(0, file.text.lastIndexOf(`"${name}"`)).split('\n').length;
      return { rule: 'arrow', path: file.path, line, message: noArrow(dir, name) };
    });
}

function checkFile(workspace: Workspace, file: RepoFile): Violation[] {
  const { lost } = tokensOf(file);
  if (lost !== null) {
    const message = `the parser of tools/tidy stops here (${lost.why}), so no guard can judge this file; correct the line`;
    return [{ rule: 'lost', path: file.path, line: lost.line, message }];
  }
  return importsOf(file).flatMap((use) => {
    const found = judge(workspace, file, use);
    return found === null ? [] : [{ ...found, path: file.path, line: use.line }];
  });
}

type Judgement = Pick<Violation, 'rule' | 'message'> | null;

function judge(workspace: Workspace, file: RepoFile, { specifier }: ImportUse): Judgement {
  if (specifier === null) {
    if (workspace.group === 'tools') return null;
    return {
      rule: 'computed-import',
      message: 'the imported module is computed; name it in a literal so that its arrow can be read',
    };
  }
  if (specifier.startsWith('.')) return judgeRelative(workspace, file, specifier);
  if (specifier.startsWith(SCOPE)) return judgeScoped(workspace, file, specifier);
  if (specifier.startsWith('/') || specifier.startsWith('file:'))
    return {
      rule: 'leaves-package',
      message: `'${specifier}' is a place on one machine; import a package by its name`,
    };
  if (isBuiltin(specifier) && !specifier.startsWith('node:'))
    return {
      rule: 'bare-builtin',
      message: `write 'node:${specifier}', so that no installed package can take its place`,
    };
  return null;
}

function judgeRelative({ dir }: Workspace, { path }: RepoFile, specifier: string): Judgement {
  const target = join(dirname(path), specifier);
  if (!target.startsWith(`${dir}/`)) {
    if (path === `${dir}/jest.config.mjs` && target === 'jest.preset.mjs') return null;
    return { rule: 'leaves-package', message: `'${specifier}' leaves ${dir}; import the other package by its name` };
  }
  if (path.startsWith(`${dir}/src/`) && !target.startsWith(`${dir}/src/`) && target !== `${dir}/package.json`)
    return { rule: 'backwards', message: `src imports '${specifier}' from outside src; move what it needs into src` };
  return null;
}

function judgeScoped({ dir, name, group }: Workspace, { path }: RepoFile, specifier: string): Judgement {
  const [short = '', ...deep] = specifier.slice(SCOPE.length).split('/');
  const target = `${SCOPE}${short}`;
  const entry = deep.join('/');
  // The service has no public door; private tools use the one it declares for tests.
  const isTestEntry = entry === 'testing' && group === 'tools';
  if (deep.length > 0 && entry !== 'package.json' && !isTestEntry)
    return {
      rule: 'deep-import',
      message: `'${specifier}' goes past the door; import from '${target}' or export the name there`,
    };
  if (target === name) {
    if (!path.startsWith(`${dir}/src/`)) return null;
    return { rule: 'backwards', message: `src imports its own door; import the file that holds the name instead` };
  }
  const isTest = path.startsWith(`${dir}/test/`);
  return mayImport(dir, short) || (isTest && isForTests(dir, short))
    ? null
    : { rule: 'arrow', message: noArrow(dir, target) };
}

function mayImport(dir: string, short: string): boolean {
  const row = ARROWS[dir];
  if (row === 'everything') return true;
  if (row === 'every package') return ARROWS[`packages/${short}`] !== undefined;
  return row?.includes(short) ?? false;
}

const isForTests = (dir: string, short: string): boolean => short === DOUBLES && dir === 'apps/orchestrator';

const noArrow = (dir: string, target: string): string => {
  const row = ARROWS[dir];
  const allowed = Array.isArray(row) ? row.join(', ') || 'nothing' : (row ?? 'nothing');
  return `${dir} may not use ${target} (allowed: ${allowed}); pass plain data in, or change the arrow by an ADR`;
};
