/** Every install is the same install. Why: docs/adr/0004-hermetic-toolchain.md. */
import {
  filesMatching,
  type Guard,
  lineAt,
  lineOf,
  type RepoFile,
  type RepoTree,
  readNothing,
  type Violation,
} from '../tree.ts';
import { DEPENDENCY_FIELDS, manifestOf, textField } from '../workspaces.ts';

const EXACT = /^\d+\.\d+\.\d+(-[\w.-]+)?$/;
/** A day in minutes: what the package manager waits before it trusts a new release. */
const DAY = 1440;

export const pins: Guard = {
  name: 'dependencies are pinned, equal everywhere and old enough',
  rules: ['broken-manifest', 'not-exact', 'unequal', 'release-age', 'root-dependency', 'foreign-lockfile'],
  check(tree) {
    const manifests = filesMatching(tree, /(^|\/)package\.json$/).filter(({ path }) => !/\/fixtures\//.test(path));
    if (manifests.length === 0) return readNothing('package.json');
    return [
      ...manifests.flatMap(checkPins),
      ...checkEqual(manifests),
      ...checkAge(tree),
      ...checkRoot(tree),
      ...checkLockfiles(tree),
    ];
  },
};

interface Pin {
  readonly file: RepoFile;
  readonly field: string;
  readonly name: string;
  readonly range: string;
}

function pinsOf(file: RepoFile): Pin[] {
  const manifest = manifestOf(file) ?? {};
  return DEPENDENCY_FIELDS.flatMap((field) =>
    [...textField(manifest, field)].map(([name, range]) => ({ file, field, name, range })),
  );
}

const linePin = ({ file, name, range }: Pin): number => lineOf(file, `"${name}": "${range}"`);

function checkPins(file: RepoFile): Violation[] {
  if (manifestOf(file) === null)
    return [{ rule: 'broken-manifest', path: file.path, line: 1, message: 'is not a JSON object; correct its syntax' }];
  return pinsOf(file)
    .filter(({ field, name, range }) => {
      if (name.startsWith('@gatehouse/')) return range !== 'workspace:*';
      return field !== 'peerDependencies' && !EXACT.test(range);
    })
    .map((pin) => {
      const wanted = pin.name.startsWith('@gatehouse/') ? "'workspace:*'" : 'one exact version';
      const message = `${pin.name} is '${pin.range}'; write ${wanted}, so that every install is the same`;
      return { rule: 'not-exact', path: file.path, line: linePin(pin), message };
    });
}

function checkEqual(manifests: readonly RepoFile[]): Violation[] {
  const first = new Map<string, Pin>();
  // tools/bench has a lockfile of its own, so that peers never decide what a newcomer installs.
  const all = manifests.filter(({ path }) => !path.startsWith('tools/bench/')).flatMap(pinsOf);
  return all.flatMap((pin): Violation[] => {
    const known = first.get(pin.name) ?? pin;
    first.set(pin.name, known);
    if (known.range === pin.range || pin.field === 'peerDependencies' || known.field === 'peerDependencies') return [];
    const message = `${pin.name} is ${pin.range} here and ${known.range} in ${known.file.path}; choose one`;
    return [{ rule: 'unequal', path: pin.file.path, line: linePin(pin), message }];
  });
}

function checkAge(tree: RepoTree): Violation[] {
  const files = filesMatching(
    tree,
    /(^|\/)(pnpm-workspace\.yaml|\.npmrc|package\.json)$|^\.ci\/|^tools\/[^/]+\.m?js$|^\.github\//,
  );
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(/minimum-?release-?age(\w*)["']?\s*[=:]\s*["']?(\w*)/gi)]
      .filter(([, suffix, value]) => suffix !== '' || !(Number(value) >= DAY))
      .map((match) => {
        const message = `'${match[0]}' weakens the release-age check; leave it on, and wait or choose an older version`;
        return { rule: 'release-age', path, line: lineAt(text, match.index), message };
      }),
  );
}

function checkRoot(tree: RepoTree): Violation[] {
  const file = tree.files.get('package.json');
  if (file === undefined || textField(manifestOf(file) ?? {}, 'dependencies').size === 0) return [];
  const message =
    'the root ships nothing and so depends on nothing; move the dependency to the workspace that imports it';
  return [{ rule: 'root-dependency', path: file.path, line: lineOf(file, '"dependencies"'), message }];
}

/** npm run in the checkout leaves a package-lock.json behind; a second lockfile is a second truth. */
function checkLockfiles(tree: RepoTree): Violation[] {
  const ignored = tree.files.get('.gitignore')?.text.split('\n').includes('package-lock.json') ?? false;
  const message = 'pnpm-lock.yaml is the only lockfile; keep package-lock.json ignored and untracked';
  const tracked = filesMatching(tree, /(^|\/)(package-lock\.json|yarn\.lock|npm-shrinkwrap\.json)$/).filter(
    ({ path }) => !/\/fixtures\//.test(path) && !path.startsWith('tools/bench/'),
  );
  const places = [...(ignored ? [] : ['.gitignore']), ...tracked.map(({ path }) => path)];
  return places.map((path) => ({ rule: 'foreign-lockfile', path, line: 0, message }));
}
