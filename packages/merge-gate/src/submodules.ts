/**
 * The step that fetches submodules where the policy asks for it, ahead of its own setup and in the same environment. Addresses come
 * from base's `.gitmodules` and from nowhere else: a branch says which commit it wants, and never from where.
 */
import { listTree, readBlob } from '@gatehouse/git';
import type { RetestRequest } from './retest.ts';

/** A submodule as base names it. */
export interface NamedSubmodule {
  readonly path: string;
  readonly url: string;
}

const MOST_BYTES = 65_536;
const MOST_MODULES = 200;
const SCHEME = /^(?:https?:\/\/|ssh:\/\/|git:\/\/|file:\/\/|\/|[\w.-]+@[\w.-]+:(?!:))/;

/** A shell text; null: nothing is to be fetched, or what is cannot be read. What is not fetched is named by its empty directory. */
export async function submoduleSetup(request: RetestRequest): Promise<string | null> {
  const { git: repo, commit, policy, purpose = 'branch', signal, gitTimeoutMs: timeoutMs } = request;
  const landed = purpose === 'base' || purpose === 'probe' ? commit : request.base;
  if (policy.submodules !== 'fetch' || landed === undefined) return null;
  const limits = { repo, timeoutMs, signal };
  const [modules, tree] = await Promise.all([
    readBlob({ ...limits, commit: landed, path: '.gitmodules', maxBytes: MOST_BYTES }),
    listTree({ ...limits, commit }),
  ]);
  if (modules.kind !== 'found' || tree.kind !== 'listed') return null;
  const urls = new Map(parseModules(Buffer.from(modules.bytes).toString()).map(({ path, url }) => [path, url]));
  const wanted = tree.entries
    .filter(({ type, path }) => type === 'commit' && urls.has(path))
    .slice(0, MOST_MODULES)
    .map(({ path, oid }) => `fetch_submodule ${[path, urls.get(path) ?? '', oid].map(quoted).join(' ')}`);
  return wanted.length === 0 ? null : ['(', FETCH, ...wanted, ') || exit'].join('\n');
}

/** Sections with a plain path and an absolute address of a known kind; a relative one has nothing here to be relative to. */
export function parseModules(text: string): readonly NamedSubmodule[] {
  const sections = text.split(/^[ \t]*\[submodule [^\]\n]*\][ \t]*$/m).slice(1);
  return sections.flatMap((section) => {
    const [path, url] = ['path', 'url'].map((key) => settingOf(section, key));
    if (path === undefined || url === undefined) return [];
    const isPlain = !path.split('/').includes('..') && !path.startsWith('/') && !/\p{Cc}/u.test(path + url);
    return isPlain && SCHEME.test(url) && !url.includes('::') ? [{ path, url }] : [];
  });
}

const settingOf = (section: string, key: string): string | undefined =>
  new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*"?([^"\\n]*?)"?[ \\t]*$`, 'm').exec(section)?.[1] || undefined;

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** In a shell of its own, so that the setup is read as it was written. Path, address, commit. Servers that give no single commit give their branches and tags. */
const FETCH = `set -e
export GIT_TERMINAL_PROMPT=0
fetch_submodule() {
  git init -q "./$1"
  git -C "./$1" fetch -q --depth 1 "$2" "$3" || git -C "./$1" fetch -q "$2" '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*'
  git -C "./$1" checkout -q --detach "$3"
}`;
