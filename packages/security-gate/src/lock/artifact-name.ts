/** Whether an archive's address names another package or another version than the lockfile says. */
import type { Ecosystem, LockedPackage } from './locked-package.ts';
import { pypiName } from './pypi-name.ts';

/** An archive's address; `isPublic`: the host's addresses have one form. */
export interface Archive {
  readonly ecosystem: Ecosystem;
  readonly url: URL;
  readonly isPublic: boolean;
}

/** What is wrong, in words; null when the address fits or says nothing. */
export function namesOther(one: LockedPackage, { ecosystem, url, isPublic }: Archive): string | null {
  const path = decoded(url.pathname);
  if (path === null) return 'has an address that cannot be read';
  if (ecosystem === 'npm') return npmOther(one, path, isPublic);
  if (ecosystem === 'PyPI') return pypiOther(one, path);
  return null;
}

const ANY = /\/((?:@[^/]+\/)?[^/]+)\/-\/((?:@[^/]+\/)?[^/]+)\.tgz$/;
const PUBLIC = new RegExp(`^${ANY.source}`);

/** `/NAME/-/BASENAME-VERSION.tgz`, as every npm registry has it; a mirror may have a path before it. */
function npmOther({ name, version }: LockedPackage, path: string, isPublic: boolean): string | null {
  const match = (isPublic ? PUBLIC : ANY).exec(path);
  if (match === null) return isPublic ? 'has an address that is no package of the registry' : null;
  const [, owner = '', file = ''] = match;
  if (owner.toLowerCase() !== name.toLowerCase()) return `comes from the archive of ${owner}`;
  const bare = (file.split('/').at(-1) ?? '').toLowerCase();
  const basename = (name.split('/').at(-1) ?? '').toLowerCase();
  if (!bare.startsWith(`${basename}-`)) return isPublic ? `comes from the archive ${file}.tgz` : null;
  const rest = bare.slice(basename.length + 1);
  const plain = version.toLowerCase().replace(/\+.*$/, '');
  return version === '' || rest.replace(/\+.*$/, '') === plain ? null : `comes from the archive of version ${rest}`;
}

/** Wheels are `NAME-VERSION-TAGS.whl`; source archives `NAME-VERSION.tar.gz`, where NAME may hold dashes. */
function pypiOther({ name, version }: LockedPackage, path: string): string | null {
  const file = path.split('/').at(-1) ?? '';
  if (name === 'unnamed') return null;
  const wheel = /^([^-]+)-([^-]+)-.*\.whl$/i.exec(file);
  if (wheel !== null) {
    if (pypiName(wheel[1] ?? '') !== pypiName(name)) return `comes from the wheel of ${wheel[1]}`;
    return sameVersion(version, wheel[2] ?? '') ? null : `comes from the wheel of version ${wheel[2]}`;
  }
  const bare = /^(.*)\.(?:tar\.gz|tar\.bz2|zip|tgz)$/i.exec(file)?.[1];
  if (bare === undefined || !/-v?\d/.test(bare)) return null;
  return pypiName(bare).startsWith(`${pypiName(name)}-`) ? null : `comes from the archive ${file}`;
}

/** Only plain numbers are compared: other versions have several spellings. */
function sameVersion(left: string, right: string): boolean {
  const plain = (some: string): string | null =>
    /^\d+(?:\.\d+)*$/.test(some)
      ? some
          .split('.')
          .map(Number)
          .join('.')
          .replace(/(?:\.0)+$/, '')
      : null;
  const [a, b] = [plain(left), plain(right)];
  return a === null || b === null || a === b;
}

/** Null for an address with a broken escape. */
function decoded(path: string): string | null {
  if (/%(?![0-9a-f]{2})/i.test(path)) return null;
  return path.replace(/%([2-7][0-9a-f])/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
