/** A workspace declares exactly what it imports: nothing borrowed from a neighbour, nothing carried unused. */
import { isBuiltin } from 'node:module';
import { importsOf } from '../imports.ts';
import { tokensOf } from '../tokens.ts';
import { type Guard, lineOf, type RepoFile, type RepoTree, readNothing, type Violation } from '../tree.ts';
import { codeOf, textField, type Workspace, workspacesOf } from '../workspaces.ts';

export const declared: Guard = {
  name: 'declared dependencies are the used ones',
  rules: ['undeclared', 'dev-only', 'unused'],
  check(tree) {
    const workspaces = workspacesOf(tree);
    if (workspaces.length === 0) return readNothing('workspace manifest');
    return workspaces.flatMap((workspace) => [...missing(tree, workspace), ...unused(tree, workspace)]);
  },
};

function missing(tree: RepoTree, workspace: Workspace): Violation[] {
  const { dir, manifest, name } = workspace;
  const runtime = new Set(
    ['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap((field) => [
      ...textField(manifest, field).keys(),
    ]),
  );
  const dev = textField(manifest, 'devDependencies');
  return codeOf(tree, workspace).flatMap((file) => {
    const shipped = file.path.startsWith(`${dir}/src/`);
    return importsOf(file).flatMap(({ specifier, line }): Violation[] => {
      const wanted = specifier === null ? null : packageOf(specifier);
      if (wanted === null || wanted === name || runtime.has(wanted) || (dev.has(wanted) && !shipped)) return [];
      const rule = dev.has(wanted) ? 'dev-only' : 'undeclared';
      const where = shipped ? 'dependencies' : 'devDependencies';
      const message = `${wanted} is imported but not among the ${where} of ${dir}/package.json; declare it there`;
      return [{ rule, path: file.path, line, message }];
    });
  });
}

function unused(tree: RepoTree, workspace: Workspace): Violation[] {
  const { dir, file: manifestFile, manifest } = workspace;
  const code = codeOf(tree, workspace);
  // A file that cannot be read may use anything; the guard of the arrows reports it.
  if (code.some((file) => tokensOf(file).lost !== null)) return [];
  const shipped = named(code.filter((file) => file.path.startsWith(`${dir}/src/`)));
  const anywhere = named(code);
  for (const script of textField(manifest, 'scripts').values())
    for (const word of script.split(/\s+/)) anywhere.add(word);
  const find = (field: string, used: ReadonlySet<string>, where: string): Violation[] =>
    [...textField(manifest, field).keys()]
      .filter((name) => !used.has(name) && !used.has(name.replace(/^@types\//, '')))
      .map((name) => {
        const message = `${name} is among the ${field} but nothing in ${where} names it; remove it or use it`;
        return { rule: 'unused', path: manifestFile.path, line: lineOf(manifestFile, `"${name}"`), message };
      });
  return [...find('dependencies', shipped, `${dir}/src`), ...find('devDependencies', anywhere, dir)];
}

/** Package names that imports ask for or strings spell (a binary started by name, a module resolved by hand). */
function named(files: readonly RepoFile[]): Set<string> {
  const specifiers = files.flatMap((file) => importsOf(file).map((use) => use.specifier ?? ''));
  const strings = files.flatMap((file) => tokensOf(file).code.filter((token) => token.kind === 'string'));
  return new Set([...specifiers, ...strings.map((token) => token.text)].map((text) => packageOf(text) ?? ''));
}

/** `@scope/name/deep` → `@scope/name`; null for a relative path or a built-in module. */
function packageOf(specifier: string): string | null {
  if (specifier.startsWith('.') || specifier.startsWith('/') || isBuiltin(specifier)) return null;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
