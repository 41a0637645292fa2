/** Every workspace has the same parts in the same places: who knows one package knows them all. */

import { tokensOf } from '../tokens.ts';
import { type Guard, lineOf, type RepoTree, readNothing, type Violation } from '../tree.ts';
import { codeOf, textField, type Workspace, workspacesOf } from '../workspaces.ts';

const PARTS = ['README.md', 'test/boundary.test.ts', 'examples/first.ts'];
const JEST_CONFIG = "export { default } from '../../jest.preset.mjs';\n";
const JEST = 'jest/bin/jest.js --ci ';
const RESULTS = '--json --outputFile=test-results.json';

export const shape: Guard = {
  name: 'every workspace has the same parts',
  rules: ['missing-part', 'example-not-run', 'field', 'script', 'jest-config'],
  check(tree) {
    const workspaces = workspacesOf(tree);
    if (workspaces.length === 0) return readNothing('workspace');
    return workspaces.flatMap((workspace) => [
      ...(workspace.group === 'packages' ? checkParts(tree, workspace) : []),
      ...(workspace.group === 'tools' ? [] : checkFields(workspace)),
      ...checkScripts(workspace),
      ...checkJest(tree, workspace),
    ]);
  },
};

function checkParts(tree: RepoTree, workspace: Workspace): Violation[] {
  const { dir } = workspace;
  const missing = PARTS.filter((part) => !tree.files.get(`${dir}/${part}`)?.text.trim());
  const found = missing.map((part) => {
    const message = `${dir} has no ${part}; every package has ${PARTS.join(', ')}`;
    return { rule: 'missing-part', path: `${dir}/${part}`, line: 0, message };
  });
  const tests = codeOf(tree, workspace).filter(({ path }) => path.startsWith(`${dir}/test/`));
  const runs = tests.some((file) => tokensOf(file).code.some(({ text }) => /examples\/first\b/.test(text)));
  if (runs || missing.includes('examples/first.ts')) return found;
  const message = 'no test names the example, so it can rot; run it in a test';
  return [...found, { rule: 'example-not-run', path: `${dir}/examples/first.ts`, line: 0, message }];
}

function checkFields({ file, manifest, name }: Workspace): Violation[] {
  const wanted: [string, unknown][] = [
    ['license', 'MIT'],
    ['type', 'module'],
    ['engines', { node: '>=22.18' }],
  ];
  return wanted
    .filter(([field, value]) => JSON.stringify(manifest[field]) !== JSON.stringify(value))
    .map(([field, value]) => {
      const message = `${name} needs "${field}": ${JSON.stringify(value)}, like every other package`;
      return { rule: 'field', path: file.path, line: lineOf(file, `"${field}"`), message };
    });
}

function checkScripts({ file, manifest, group }: Workspace): Violation[] {
  const scripts = textField(manifest, 'scripts');
  const at = (message: string): Violation => ({
    rule: 'script',
    path: file.path,
    line: lineOf(file, '"scripts"'),
    message,
  });
  // CI runs `coverage` in place of `test`: a workspace without it would not be tested there.
  const needed = ['test', 'coverage', 'typecheck', ...(group === 'tools' ? [] : ['build'])];
  const found = needed.filter((name) => !scripts.has(name)).map((name) => at(`there is no script '${name}'; add it`));
  const run = scripts.get('test');
  if (run === undefined || (run.includes(JEST) && run.endsWith(RESULTS) && !run.includes('passWithNoTests')))
    return found;
  return [
    ...found,
    at(`the test script must run '${JEST}… ${RESULTS}', so that its tests are counted and none passes unrun`),
  ];
}

function checkJest(tree: RepoTree, { dir }: Workspace): Violation[] {
  const path = `${dir}/jest.config.mjs`;
  if (tree.files.get(path)?.text === JEST_CONFIG) return [];
  return [{ rule: 'jest-config', path, line: 1, message: `must be exactly: ${JEST_CONFIG.trim()}` }];
}
