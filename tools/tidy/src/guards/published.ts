/**
 * What a registry shows of a package, and what its README links to. HOME is the only place that says where the project lives: change it and
 * run `npm run --prefix tools/tidy packages`, which writes the manifests and the links anew.
 */
import { dirname, join } from 'node:path/posix';
import { anchorsOf, linksOf } from '../markdown.ts';
import {
  filesMatching,
  type Guard,
  lineOf,
  type RepoFile,
  type RepoTree,
  readNothing,
  type Violation,
} from '../tree.ts';
import { type Workspace, workspacesOf } from '../workspaces.ts';

/** The project has no public home yet. A name that resolves to nothing (RFC 2606) sends no reader to a stranger's repository. */
export const HOME = 'https://git.example/gatehouse/gatehouse';

/** Where a file of the repository can be read. */
export const BLOB: string = `${HOME}/blob/main/`;

/** What a package brings besides its manifest, README and licence, which are always packed. */
export const FILES: readonly string[] = ['dist', 'src', 'examples', 'api.md', 'CHANGELOG.md', '!**/*.tsbuildinfo'];

/** npm cannot write the versions of a workspace's packages: these do it for its `pack` and `publish`. */
export const PACKING: Readonly<Record<string, string>> = {
  prepack: 'node ../../tools/npm-pack.mjs before',
  postpack: 'node ../../tools/npm-pack.mjs after',
};

/** What somebody who needs the package would type into a search box. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  artefact: ['front-matter', 'markdown', 'verdict', 'report'],
  cancel: ['cancellation', 'stop', 'cleanup', 'tombstone'],
  'coverage-gate': ['coverage', 'lcov', 'cobertura', 'ratchet', 'patch-coverage'],
  'gate-run': ['command', 'runner', 'git', 'deadline', 'ci'],
  git: ['git', 'rebase', 'mirror', 'worktree', 'fast-forward'],
  'merge-gate': ['merge-queue', 'rebase', 'flaky-tests', 'retest', 'ci'],
  'proc-group': ['spawn', 'timeout', 'process-group', 'kill-tree', 'cgroup'],
  'security-gate': ['secrets', 'secret-scanning', 'audit', 'lockfile', 'vulnerabilities'],
  'stage-engine': ['state-machine', 'reducer', 'workflow', 'merge-queue'],
  verdict: ['result', 'outcome', 'error-handling', 'verdict'],
};

/** The fields of the table, as the manifest of the package in that folder must have them; null for one that has no row. */
export function publishedFields(dir: string): Readonly<Record<string, unknown>> | null {
  const keywords = KEYWORDS[dir.slice('packages/'.length)];
  if (keywords === undefined) return null;
  return {
    keywords: ['gatehouse', ...keywords],
    homepage: `${BLOB}${dir}/README.md`,
    bugs: { url: `${HOME}/issues` },
    repository: { type: 'git', url: `git+${HOME}.git`, directory: dir },
    sideEffects: false,
    files: FILES,
  };
}

export const published: Guard = {
  name: 'every package says where it comes from, and links to what an importer has',
  rules: ['published-field', 'unpacked-link', 'dead-home-link'],
  check(tree) {
    const packages = workspacesOf(tree).filter(({ group }) => group === 'packages');
    if (packages.length === 0) return readNothing('package');
    return packages.flatMap((workspace) => [...checkFields(workspace), ...checkLinks(tree, workspace)]);
  },
};

function checkFields({ dir, file, manifest }: Workspace): Violation[] {
  const at = (field: string, message: string): Violation => ({
    rule: 'published-field',
    path: file.path,
    line: lineOf(file, `"${field}"`),
    message,
  });
  const wanted = publishedFields(dir);
  if (wanted === null) return [at('name', `${dir} has no keywords; add its row to tools/tidy/src/guards/published.ts`)];
  const scripts = (manifest['scripts'] ?? {}) as Readonly<Record<string, unknown>>;
  const missing = Object.entries(PACKING).find(([name, script]) => scripts[name] !== script);
  if (missing !== undefined)
    return [at('scripts', `needs "${missing[0]}": "${missing[1]}"; run npm run --prefix tools/tidy packages`)];
  const differing = Object.entries(wanted).filter(
    ([field, value]) => JSON.stringify(manifest[field]) !== JSON.stringify(value),
  );
  return differing.map(([field, value]) =>
    at(field, `needs "${field}": ${JSON.stringify(value)}; run npm run --prefix tools/tidy packages`),
  );
}

function checkLinks(tree: RepoTree, { dir }: Workspace): Violation[] {
  const pages = filesMatching(tree, /\.md$/).filter(({ path }) => dirname(path) === dir);
  return pages.flatMap((page) =>
    linksOf(page).flatMap(({ target, line }): Violation[] => {
      const place = { path: page.path, line };
      if (target.startsWith(HOME))
        return leads(tree, target) ? [] : [{ rule: 'dead-home-link', ...place, message: dead(target) }];
      if (/^[a-z][a-z\d+.-]*:|^#/i.test(target) || isPacked(join(dir, target.split('#')[0] ?? ''), dir)) return [];
      const message = `'${target}' is not in the package, so an importer cannot follow it; link to ${BLOB}…`;
      return [{ rule: 'unpacked-link', ...place, message }];
    }),
  );
}

const dead = (target: string): string => `'${target}' leads to no tracked file or heading; links start with ${BLOB}`;

/** Whether a link below HOME leads to a tracked file, and to a heading where it names one. */
function leads(tree: RepoTree, target: string): boolean {
  if (!target.startsWith(BLOB)) return false;
  const [path = '', anchor = ''] = target.slice(BLOB.length).split('#');
  const file: RepoFile | undefined = tree.files.get(path);
  return file !== undefined && (anchor === '' || anchorsOf(file).has(anchor));
}

/** Sources are packed, so that a debugger and a declaration map find them. */
function isPacked(path: string, dir: string): boolean {
  const inside = path.slice(dir.length + 1);
  return (
    path.startsWith(`${dir}/`) &&
    /^((src|dist|examples)\/|(README|api|CHANGELOG)\.md$|LICENSE$|package\.json$)/.test(inside)
  );
}
