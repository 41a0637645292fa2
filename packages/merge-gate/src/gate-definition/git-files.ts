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
  const [listed, root] = await Promise.all([
    changedEntries({ ...commits, base, head: tested }),
    listDirectory({ ...commits, commit: base, dir: '' }),
  ]);
  if (listed.kind !== 'listed') return gitFault('list of changed paths', listed);
  const files = new GitFiles(commits, listed.entries);
  await files.take('', root);
  return files.fault ?? files;
}

/** The files of a branch. Once `fault` is set, its answers are worth nothing. */
export class GitFiles implements BranchFiles {
  readonly changed: Set<string>;
  readonly aliases: Map<string, string> = new Map();
  /** The difference itself, nothing behind a link. */
  readonly entries: readonly ChangedEntry[];
  fault: GitFault | null = null;
  readonly #commits: Commits;
  readonly #entries: Map<string, ChangedEntry>;
  /** Links of base that the branch left as they are, and where they lead. */
  readonly #links = new Map<string, string>();
  readonly #listed = new Map<string, ReadonlyMap<string, BlobName>>();
  /** What base has where the branch changed nothing. */
  readonly #unchanged = new Map<string, FileSide>();
  readonly #contents = new Map<string, FileSide>();

  constructor(commits: Commits, entries: readonly ChangedEntry[]) {
    this.#commits = commits;
    this.entries = entries;
    this.#entries = new Map(entries.map((entry) => [entry.path, entry]));
    this.changed = new Set(this.#entries.keys());
  }

  async list(dir: string): Promise<ReadonlyMap<string, string>> {
    const known = this.#listed.get(dir);
    if (known === undefined) {
      await this.take(dir, await listDirectory({ ...this.#commits, commit: this.#commits.base, dir }));
    }
    return new Map([...(this.#listed.get(dir) ?? [])].map(([path, { mode }]) => [posix.basename(path), mode]));
  }

  /** Remembers the answer of a listing of base, and follows the links in it. */
  async take(dir: string, found: Awaited<ReturnType<typeof listDirectory>>): Promise<void> {
    if (found.kind !== 'listed') {
      if (found.kind !== 'absent') this.fault ??= gitFault(`list of ${dir === '' ? 'the root' : dir}`, found);
      return;
    }
    this.#listed.set(dir, new Map(found.entries.map((entry) => [entry.path, entry])));
    await this.#followLinks(found.entries.filter(({ mode, path }) => mode === LINK && !this.#entries.has(path)));
  }

  async prefetch(paths: readonly string[], maxBytes?: number): Promise<void> {
    const names = paths.flatMap((path) => [this.#entries.get(path)?.before, this.#entries.get(path)?.after]);
    await this.#load(names, maxBytes);
  }

  async read(path: string): Promise<FilePair> {
    const entry = this.#entries.get(path);
    if (entry !== undefined) {
      await this.#load([entry.before, entry.after]);
      return { before: this.#side(entry.before), after: this.#side(entry.after) };
    }
    const known = this.#unchanged.get(path) ?? (await this.#sideAtBase(this.#throughLinks(path)));
    this.#unchanged.set(path, known);
    return { before: known, after: known };
  }

  async #sideAtBase(path: string): Promise<FileSide> {
    const listed = this.#listed.get(path.split('/').slice(0, -1).join('/'));
    if (listed === undefined) return this.#readAtBase(path);
    const name = listed.get(path) ?? null;
    if (name?.mode === LINK) return this.#readAtBase(path);
    await this.#load([name]);
    return this.#side(name);
  }

  /** A file that changed behind a link of base changed at the link, too. */
  async #followLinks(found: readonly { readonly path: string; readonly oid: string }[]): Promise<void> {
    await this.#load(found.map(({ oid }) => ({ mode: LINK, oid })));
    // Twice, for a link to a link.
    for (const { path, oid } of [...found, ...found]) {
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

  async #load(names: readonly (BlobName | null | undefined)[], maxObjectBytes: number = MAX_BYTES): Promise<void> {
    const wanted = names.flatMap((name) => (name && /^1[02]/.test(name.mode) ? [name.oid] : []));
    const oids = [...new Set(wanted)].filter((oid) => !this.#contents.has(oid));
    if (oids.length === 0) return;
    const read = await readObjects({
      ...this.#commits,
      oids,
      maxObjectBytes,
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
    if (name.mode === DIRECTORY) return ABSENT;
    return this.#contents.get(name.oid) ?? { kind: 'opaque', why: 'not read' };
  }

  async #readAtBase(path: string, left: number = MAX_LINKS): Promise<FileSide> {
    const blob = await readBlob({ ...this.#commits, commit: this.#commits.base, path, maxBytes: MAX_BYTES });
    if (blob.kind === 'absent') return ABSENT;
    if (blob.kind === 'too-large') return TOO_LARGE;
    if (blob.kind !== 'found') {
      this.fault ??= gitFault(`read of ${path}`, blob);
      return ABSENT;
    }
    if (blob.mode !== LINK) return sideOf(blob.bytes);
    const target = targetOf(path, Buffer.from(blob.bytes).toString());
    return target === null || left === 0 ? A_LINK : this.#readAtBase(target, left - 1);
  }
}

const LINK = '120000';
const SUBMODULE = '160000';
const DIRECTORY = '040000';
const TOO_LARGE: FileSide = { kind: 'opaque', why: 'too large' };
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
