/**
 * Writes git directories by hand: the repository format is six lines, and what no template and no earlier run wrote
 * cannot run. Writing one again removes everything that is not listed here, hooks, locks and half-done rebases included.
 */
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { absent, ensureDirectory, readText, removeAll } from './disk.ts';
import { type MainRef, readMain } from './main-ref.ts';
import { copyTagList } from './tag-list.ts';

/** A git directory to be. */
export interface PlainRepository {
  readonly gitDir: string;
  readonly bare: boolean;
  /** Further files by name, kept next to git's own. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Writes configuration and skeleton; keeps objects and refs. For a mirror. */
export async function writePlainRepository({ gitDir, bare, files = {} }: PlainRepository): Promise<void> {
  await ensureDirectory(gitDir);
  for (const part of ['objects/info', 'objects/pack', 'refs/heads'])
    await mkdir(join(gitDir, part), { recursive: true });
  for (const part of ['hooks', 'info/attributes', 'config.worktree', 'commondir']) await removeAll(join(gitDir, part));
  await write(join(gitDir, 'config'), configText(bare));
  if (await absent(join(gitDir, 'HEAD'))) await write(join(gitDir, 'HEAD'), 'ref: refs/heads/main\n');
  for (const [name, text] of Object.entries(files)) await write(join(gitDir, name), text);
}

/**
 * Whether a bare repository is configured as we write it, and has no attributes of its own. Any other may name a merge
 * driver, and git would run it.
 */
export async function isAsWritten(gitDir: string): Promise<boolean> {
  const [plain, config] = await Promise.all([
    absent(join(gitDir, 'info/attributes')),
    readText(join(gitDir, 'config')),
  ]);
  return plain && config === configText(true);
}

/** A slot's own git directory: borrows every object from `objects`, keeps nothing of earlier runs but the index. */
export async function writeSlotDirectory(gitDir: string, objects: string, head: string): Promise<void> {
  await ensureDirectory(gitDir);
  for (const name of await readdir(gitDir)) if (name !== 'index') await removeAll(join(gitDir, name));
  await writeSkeleton(gitDir, objects, head);
}

/**
 * The `.git` that a command in the slot sees: the commit on a branch of its own, its history, the tags of the source and, as
 * `main` and `origin/main`, where main was at the last fetch. What a command does to it is never read by us.
 * Without one, a command that asks git anything would find whatever repository the slot happens to lie in.
 */
export async function writeDecoy({
  workTree,
  slotDirectory,
  objects,
  head,
}: {
  readonly workTree: string;
  readonly slotDirectory: string;
  readonly objects: string;
  readonly head: string;
}): Promise<void> {
  const gitDir = join(workTree, '.git');
  await removeAll(gitDir);
  await mkdir(gitDir);
  const main = await readMain(dirname(objects));
  const branch = `refs/heads/${branchBeside(main?.name)}`;
  await writeSkeleton(gitDir, objects, `ref: ${branch}`);
  await writeFile(join(gitDir, branch), `${head}\n`);
  await copyTagList(dirname(objects), gitDir);
  await copyCut(dirname(objects), gitDir);
  if (main !== null) await showMain(main, gitDir);
  await copyFile(join(slotDirectory, 'index'), join(gitDir, 'index'));
}

/** The same for every commit, main's own included, and in nobody's way: `main/x` would need a directory in place of a file. */
const branchBeside = (main: string | undefined): string =>
  main?.split('/')[0] === 'candidate' ? 'tested-candidate' : 'candidate';

/** Where the mirror's history ends, so does that of the decoy: a command that asks for more would find damage. */
async function copyCut(mirror: string, gitDir: string): Promise<void> {
  const cut = await readText(join(mirror, 'shallow'));
  if (cut !== null) await writeFile(join(gitDir, 'shallow'), cut);
}

/** Main may be ahead of what the commit was caught up with; its merge base with the commit is the same all the same. */
async function showMain({ name, sha }: MainRef, gitDir: string): Promise<void> {
  const remote = 'refs/remotes/origin';
  for (const ref of [join(gitDir, remote, name), join(gitDir, 'refs/heads', name)]) {
    await mkdir(dirname(ref), { recursive: true });
    await writeFile(ref, `${sha}\n`);
  }
  await writeFile(join(gitDir, remote, 'HEAD'), `ref: ${remote}/${name}\n`);
}

/** A repository in the temporary directory that borrows `objects` and has one branch; the caller removes it. */
export async function makeScratchRepository(objects: string, commit: string): Promise<string> {
  const gitDir = await mkdtemp(join(tmpdir(), 'gatehouse-import-'));
  await writeSkeleton(gitDir, objects, 'ref: refs/heads/import');
  await writeFile(join(gitDir, 'refs/heads/import'), `${commit}\n`);
  return gitDir;
}

async function writeSkeleton(gitDir: string, objects: string, head: string): Promise<void> {
  await mkdir(join(gitDir, 'objects/info'), { recursive: true });
  await mkdir(join(gitDir, 'refs/heads'), { recursive: true });
  await writeFile(join(gitDir, 'objects/info/alternates'), `${objects}\n`);
  await writeFile(join(gitDir, 'config'), configText(false));
  await writeFile(join(gitDir, 'HEAD'), `${head}\n`);
}

/** The mirror whose objects a slot borrows. */
export const mirrorOfAlternates = (alternates: string): string => dirname(alternates.trim());

/** Replaces a file as a whole, so that a crash leaves the old or the new one. */
async function write(path: string, text: string): Promise<void> {
  const next = `${path}.gatehouse-${process.pid}`;
  await rm(next, { recursive: true, force: true });
  await writeFile(next, text, { flag: 'wx' });
  await rename(next, path);
}

const configText = (bare: boolean): string =>
  [
    '[core]',
    '\trepositoryformatversion = 0',
    `\tbare = ${bare}`,
    `\tfilemode = ${process.platform !== 'win32'}`,
    `\tignorecase = ${process.platform !== 'linux'}`,
    '\tlogallrefupdates = false',
    '[gc]',
    '\tauto = 0',
    '[maintenance]',
    '\tauto = false',
    '',
  ].join('\n');
