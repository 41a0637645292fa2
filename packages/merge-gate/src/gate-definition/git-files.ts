/** Reads base and the tested commit from the mirror: the difference once, contents only of what a rule asks for. */
import { posix } from 'node:path';
import { type GitFault, gitFault } from '@gatehouse/gate-run';
import {
  type BlobName,
  type ChangedEntry,
  changedEntries,
  type GitRepo,
  listDirectory,
  readBlob,
  readObjects,
} from '@gatehouse/git';
import { ABSENT, type BranchFiles, type FilePair, type FileSide } from './branch-files.ts';

/** Larger files are not read: what stands in them counts as changed when they are. */
const MAX_BYTES = 1_048_576;
const MAX_LINKS = 5;

interface Commits {
  readonly repo: GitRepo;
  readonly base: string;
  readonly tested: string;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
}

/** Opens the difference between two commits. */
export async function openGitFiles(commits: Commits): Promise<GitFiles | GitFault> {
  const { base, tested } = commits;
  const listed = await changedEntries({ ...commits, base, head: tested });
  if (listed.kind === 'listed') return new GitFiles(commits, listed.entries);
  return gitFault('list of changed paths', listed);
}

/** The files of a branch. Once `fault` is set, its answers are worth nothing. */
export class GitFiles implements BranchFiles {
  readonly changed: Set<string>;
  readonly aliases: Map<string, string> = new Map();
  fault: GitFault | null = null;
  readonly #commits: Commits;
  readonly #entries: Map<string, ChangedEntry>;
  /** Links of base that the branch left as they are, and where they lead. */
  readonly #links = new Map<string, string>();
  readonly #contents = new Map<string, FileSide>();

  constructor(commits: Commits, entries: readonly ChangedEntry[]) {
    this.#commits = commits;
    this.#entries = new Map(entries.map((entry) => [entry.path, entry]));
    this.changed = new Set(this.#entries.keys());
  }

  async list(dir: string): Promise<ReadonlyMap<string, string>> {
    const found = await listDirectory({ ...this.#commits, commit: this.#commits.base, dir });
    if (found.kind === 'absent') return new Map();
    if (found.kind !== 'listed') {
      this.fault ??= gitFault(`list of ${dir === '' ? 'the root' : dir}`, found);
      return new Map();
    }
    await this.#followLinks(found.entries.filter(({ mode, path }) => mode === LINK && !this.#entries.has(path)));
    return new Map(found.entries.map(({ path, mode }) => [posix.basename(path), mode]));
  }

  async prefetch(paths: readonly string[]): Promise<void> {
    await this.#load(paths.flatMap((path) => [this.#entries.get(path)?.before, this.#entries.get(path)?.after]));
  }

  async read(path: string): Promise<FilePair> {
    const entry = this.#entries.get(path);
    if (entry !== undefined) {
      await this.#load([entry.before, entry.after]);
      return { before: this.#side(entry.before), after: this.#side(entry.after) };
    }
    const real = this.#throughLinks(path);
    const before = await this.#unchanged(this.#commits.base, real);
    return { before, after: real === path ? before : await this.#unchanged(this.#commits.tested, real) };
  }

  /** A file that changed behind a link of base changed at the link, too. */
  async #followLinks(found: readonly { readonly path: string; readonly oid: string }[]): Promise<void> {
    await this.#load(found.map(({ oid }) => ({ mode: LINK, oid })));
    for (const { path, oid } of found) {
      const text = this.#contents.get(oid);
      const target = text?.kind === 'text' ? targetOf(path, text.text) : null;
      if (target === null) continue;
      this.#links.set(path, target);
      const behind = [...this.#entries.values()].filter(
        (one) => one.path === target || one.path.startsWith(`${target}/`),
      );
      for (const entry of behind) {
        const alias = path + entry.path.slice(target.length);
        this.#entries.set(alias, { ...entry, path: alias });
        this.changed.add(alias);
        this.aliases.set(alias, entry.path);
      }
    }
  }

  #throughLinks(path: string): string {
    const link = [...this.#links].find(([from]) => path === from || path.startsWith(`${from}/`));
    return link === undefined ? path : link[1] + path.slice(link[0].length);
  }

  async #load(names: readonly (BlobName | null | undefined)[]): Promise<void> {
    const wanted = names.flatMap((name) => (name && name.mode !== SUBMODULE ? [name.oid] : []));
    const oids = [...new Set(wanted)].filter((oid) => !this.#contents.has(oid));
    if (oids.length === 0) return;
    const read = await readObjects({
      ...this.#commits,
      oids,
      maxObjectBytes: MAX_BYTES,
      onObject: ({ oid, bytes }) => void this.#contents.set(oid, sideOf(bytes)),
    });
    const [gone] = read.kind === 'read' ? read.missing : [];
    if (read.kind !== 'read') this.fault ??= gitFault('read of changed files', read);
    else if (gone !== undefined)
      this.fault ??= gitFault('read of changed files', { kind: 'git-failed', trouble: 'missing-object', stderr: gone });
    else for (const { oid } of read.oversized) this.#contents.set(oid, TOO_LARGE);
  }

  #side(name: BlobName | null): FileSide {
    if (name === null) return ABSENT;
    if (name.mode === LINK) return A_LINK;
    if (name.mode === SUBMODULE) return { kind: 'opaque', why: 'a submodule' };
    return this.#contents.get(name.oid) ?? { kind: 'opaque', why: 'not read' };
  }

  async #unchanged(commit: string, path: string, left = MAX_LINKS): Promise<FileSide> {
    const blob = await readBlob({ ...this.#commits, commit, path, maxBytes: MAX_BYTES });
    if (blob.kind === 'absent') return ABSENT;
    if (blob.kind === 'too-large') return TOO_LARGE;
    if (blob.kind !== 'found') {
      this.fault ??= gitFault(`read of ${path}`, blob);
      return ABSENT;
    }
    if (blob.mode !== LINK) return sideOf(blob.bytes);
    const target = targetOf(path, Buffer.from(blob.bytes).toString());
    return target === null || left === 0 ? A_LINK : this.#unchanged(commit, target, left - 1);
  }
}

const LINK = '120000';
const SUBMODULE = '160000';
const TOO_LARGE: FileSide = { kind: 'opaque', why: 'larger than 1 MiB' };
const A_LINK: FileSide = { kind: 'opaque', why: 'a symbolic link' };

/** Text is UTF-8; a byte order mark stays, so that a reader sees it. */
function sideOf(bytes: Uint8Array): FileSide {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? { kind: 'text', text } : { kind: 'opaque', why: 'not UTF-8' };
}

/** Where a link leads below the root; null: out of the tree. */
function targetOf(path: string, text: string): string | null {
  if (text.startsWith('/') || text === '') return null;
  const target = posix.join(posix.dirname(path), text).replace(/\/$/, '');
  return target === '.' || target.startsWith('..') ? null : target;
}
