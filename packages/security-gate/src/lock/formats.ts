/** Every dependency file that is read, one row each, and what belongs to its package manager. Who reads it stands in read-lock.ts. */
import type { Ecosystem } from './locked-package.ts';

export type FormatId =
  | 'npm'
  | 'pnpm'
  | 'yarn'
  | 'requirements'
  | 'poetry'
  | 'uv'
  | 'pylock'
  | 'pipfile'
  | 'go-mod'
  | 'go-sum'
  | 'cargo'
  | 'gradle'
  | 'maven'
  | 'composer'
  | 'bundler';

export interface Format {
  readonly id: FormatId;
  readonly ecosystem: Ecosystem;
  /** Matches the last part of its path, or the whole path. */
  readonly file: RegExp;
  /** `always`: a package without a hash is a fault. `when-used`: only where its other packages have one. */
  readonly hashes: 'always' | 'when-used' | 'never';
  /** Names that other files have, too: one that cannot be read may be none. Absent: no such name. */
  readonly loose?: RegExp;
  /** False: its packages say nothing that a feed should be asked about. */
  readonly isAsked: boolean;
  /** A file that asks for dependencies and needs a lock like this; null where the file itself does. */
  readonly manifest: RegExp | null;
}

const MIB = 1024 * 1024;
/** YAML takes four seconds for 3 MiB, all else is read far faster. */
export const limitBytesOf = ({ id }: Format): number => (id === 'pnpm' || id === 'yarn' ? 8 * MIB : 32 * MIB);

const PYTHON = /^(?:pyproject\.toml|setup\.(?:py|cfg)|Pipfile|requirements[^/]*\.in)$/;
const row = (
  id: FormatId,
  ecosystem: Ecosystem,
  rest: Omit<Format, 'id' | 'ecosystem' | 'isAsked'> & { readonly isAsked?: false },
): Format => ({ id, ecosystem, isAsked: true, ...rest });

export const FORMATS: readonly Format[] = [
  row('npm', 'npm', {
    file: /^(?:package-lock|npm-shrinkwrap)\.json$/,
    hashes: 'always',
    manifest: /^package\.json$/,
  }),
  row('pnpm', 'npm', { file: /^pnpm-lock\.yaml$/, hashes: 'always', manifest: /^package\.json$/ }),
  row('yarn', 'npm', { file: /^yarn\.lock$/, hashes: 'when-used', manifest: /^package\.json$/ }),
  row('requirements', 'PyPI', {
    file: /^(?:[^/]*requirements[^/]*|constraints[^/]*)\.txt$|(?:^|\/)requirements\/[^/]+\.txt$/,
    hashes: 'when-used',
    loose: /^(?!requirements\.txt$)/,
    manifest: PYTHON,
  }),
  row('poetry', 'PyPI', { file: /^(?:poetry|pdm)\.lock$/, hashes: 'always', manifest: PYTHON }),
  row('uv', 'PyPI', { file: /^uv\.lock$/, hashes: 'always', manifest: PYTHON }),
  row('pylock', 'PyPI', { file: /^pylock(?:\.[^/]+)?\.toml$/, hashes: 'always', manifest: PYTHON }),
  row('pipfile', 'PyPI', { file: /^Pipfile\.lock$/, hashes: 'always', manifest: PYTHON }),
  row('go-mod', 'Go', { file: /^go\.mod$/, hashes: 'never', manifest: null }),
  row('go-sum', 'Go', { file: /^go\.sum$/, hashes: 'always', isAsked: false, manifest: /^go\.mod$/ }),
  row('cargo', 'crates.io', { file: /^Cargo\.lock$/, hashes: 'always', manifest: /^Cargo\.toml$/ }),
  row('gradle', 'Maven', {
    file: /^(?:[^/]+-)?gradle\.lockfile$|(?:^|\/)gradle\/dependency-locks\/[^/]+\.lockfile$/,
    hashes: 'never',
    manifest: /^build\.gradle(?:\.kts)?$/,
  }),
  row('maven', 'Maven', {
    file: /^lockfile\.json$/,
    hashes: 'when-used',
    loose: /^/,
    manifest: /^pom\.xml$/,
  }),
  row('composer', 'Packagist', {
    file: /^composer\.lock$/,
    hashes: 'when-used',
    manifest: /^composer\.json$/,
  }),
  row('bundler', 'RubyGems', {
    file: /^(?:Gemfile|gems)\.lock(?:ed)?$|^[^/]+\.gemfile\.lock$|^gems\.locked$/,
    hashes: 'when-used',
    manifest: /^(?:Gemfile|gems\.rb)$/,
  }),
];

/** Hosts whose packages are an ecosystem's public ones. */
export const PUBLIC_HOSTS: { readonly [E in Ecosystem]: readonly string[] } = {
  npm: ['registry.npmjs.org', 'registry.yarnpkg.com'],
  PyPI: ['pypi.org', 'files.pythonhosted.org', 'pypi.python.org'],
  Go: ['proxy.golang.org'],
  'crates.io': ['index.crates.io', 'static.crates.io'],
  Maven: ['repo.maven.apache.org', 'repo1.maven.org'],
  Packagist: ['repo.packagist.org', 'packagist.org'],
  RubyGems: ['rubygems.org', 'index.rubygems.org'],
};

/** The row of a path; null where nothing reads it. What other packages brought along is not the repository's own. */
export function formatOf(path: string): Format | null {
  if (/(?:^|\/)node_modules\//.test(path)) return null;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return FORMATS.find(({ file }) => file.test(name) || file.test(path)) ?? null;
}

/** Whether a file of this path, when it cannot be read, may be no lockfile at all. */
export const mayBeNone = (path: string): boolean =>
  formatOf(path)?.loose?.test(path.slice(path.lastIndexOf('/') + 1)) === true;

/** The folder of a path, `` at the top. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Every ecosystem that a reader is for. */
export const ECOSYSTEMS: readonly Ecosystem[] = [...new Set(FORMATS.map(({ ecosystem }) => ecosystem))];
