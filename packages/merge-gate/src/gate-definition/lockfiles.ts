/** Where a lockfile takes packages from. A new place is told: an archive from there can be any program, under any version. */
import { type FilePair, textOf } from './branch-files.ts';
import { type Finding, shadow } from './finding.ts';

const LOCKFILE =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|Cargo\.lock|uv\.lock|poetry\.lock|Gemfile\.lock|composer\.lock)$/;
/** Lines that say where a package comes from, in the lockfiles above. */
const PLACE =
  /^\s*(?:"resolved":|resolved\s|resolution:|tarball:|source\s*=|url\s*=|remote:|"url":|"(?:@?[\w./-]+)": \[")(.*)$/gm;
const ORIGIN = /(?:git\+)?(?:https?|ssh|git|file|link|portal):(?:\/\/(?:[^/\s"'@]*@)?[^/\s"':?#]+)?/g;
const NAME = 'where packages come from';

export const isLockfile = (path: string): boolean => LOCKFILE.test(path);

/** One finding where the branch adds a host, a directory or a repository that base takes nothing from. */
export function lockfileFindings(path: string, { before, after }: FilePair): readonly Finding[] {
  if (after.kind === 'absent' || before.kind === 'absent') return [];
  if (before.kind === 'opaque' || after.kind === 'opaque')
    return [{ ...shadow('warn', path, `${NAME}, not compared`), shadows: true }];
  const [was, is] = [originsIn(textOf(before) ?? ''), originsIn(textOf(after) ?? '')];
  const fresh = [...is].filter((origin) => !was.has(origin));
  if (fresh.length === 0) return [];
  return [
    {
      weight: 'warn',
      path,
      name: NAME,
      before: [...was].join(' ').slice(0, 300),
      after: fresh.join(' ').slice(0, 300),
    },
  ];
}

function originsIn(text: string): ReadonlySet<string> {
  const origins = new Set<string>();
  // A key spelled with an escape is a key nobody would write.
  if (/"(?:[^"\\\n]|\\[^u\n])*\\u00[2-7][^"\n]*"\s*:/.test(text)) origins.add('\\u');
  for (const [, place = ''] of text.matchAll(PLACE)) for (const [origin] of place.matchAll(ORIGIN)) origins.add(origin);
  return origins;
}
