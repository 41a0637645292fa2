/** Gemfile.lock: sections by source, specs four spaces deep, hashes under CHECKSUMS where bundler writes them. */
import { type LockAnswer, type LockedPackage, locked, lockOf, malformed, textList } from '../locked-package.ts';

const SOURCES = new Set(['GEM', 'GIT', 'PATH', 'PLUGIN SOURCE']);
const SECTION = /^(?:[A-Z]+(?: [A-Z]+)*)$/;

export function readBundler(content: string): LockAnswer {
  const found: LockedPackage[] = [];
  const sums = new Map<string, string[]>();
  let section = '';
  let remotes: string[] = [];
  let revision = '';
  for (const [at, line] of content.split('\n').entries()) {
    if (line.trim() === '') continue;
    if (SECTION.test(line.trimEnd())) {
      section = line.trimEnd();
      remotes = [];
      revision = '';
      continue;
    }
    if (section === '' || !/^ {1,}\S/.test(line)) return malformed(`line ${at + 1}: outside every section`);
    const field = /^ {2}(remote|revision): (.+)$/.exec(line.trimEnd());
    if (SOURCES.has(section) && field?.[1] === 'remote') remotes.push(field[2] ?? '');
    if (SOURCES.has(section) && field?.[1] === 'revision') revision = field[2] ?? '';
    const spec = /^ {4}(\S+) \(([^)]+)\)$/.exec(line.trimEnd());
    if (SOURCES.has(section) && spec !== null)
      found.push(specOf(section, { name: spec[1] ?? '', version: spec[2] ?? '', remotes, revision }));
    const sum = /^ {2}(\S+) \(([^)]+)\)(?: (\S+))?$/.exec(line.trimEnd());
    if (section === 'CHECKSUMS' && sum !== null)
      sums.set(
        `${sum[1]} ${sum[2]}`,
        (sum[3] ?? '')
          .split(',')
          .filter(Boolean)
          .map((one) => one.replace('=', ':')),
      );
  }
  if (section === '') return malformed('no section of a Gemfile.lock');
  return lockOf(
    found.map((one) => ({ ...one, hashes: [...one.hashes, ...(sums.get(`${one.name} ${one.version}`) ?? [])] })),
  );
}

interface Spec {
  readonly name: string;
  readonly version: string;
  readonly remotes: readonly string[];
  readonly revision: string;
}

function specOf(section: string, { name, version, remotes, revision }: Spec): LockedPackage {
  const isFolder = section === 'PATH';
  const remote = remotes[0] ?? '';
  const sources = isFolder ? [`link:${remote}`] : section === 'GIT' ? [`git+${remote}`] : remotes;
  return locked(name, version, {
    sources,
    hashes: textList(revision === '' ? '' : `commit:${revision}`),
    role: isFolder ? 'local' : 'package',
  });
}
