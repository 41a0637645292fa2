/** The mirror's tags in the format of `packed-refs`, as a checkout's own git reads them: one file to copy, sorted and peeled. */
import { constants } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { absent, readText, removeAll } from './disk.ts';

/** Where a mirror keeps the tags of its source. */
export const TAGS = 'refs/gatehouse/tags/';

const LIST = 'gatehouse-tags';
/** Which `packed-refs` the list was made from. */
const MADE_FROM = 'gatehouse-tags-from';

/** Whether tags came or moved since they were packed the last time. */
export async function hasLooseTags(gitDir: string): Promise<boolean> {
  const root = join(gitDir, TAGS);
  if (await absent(root)) return false;
  return (await readdir(root, { recursive: true, withFileTypes: true })).some((entry) => entry.isFile());
}

/** Writes the list anew when `packed-refs` is another one than last time. */
export async function writeTagList(gitDir: string): Promise<'written' | 'unreadable'> {
  const packed = join(gitDir, 'packed-refs');
  if (await absent(packed)) {
    await removeAll(join(gitDir, LIST));
    return 'written';
  }
  const { mtimeMs, size, ino } = await stat(packed);
  const source = `${mtimeMs} ${size} ${ino}\n`;
  if ((await readText(join(gitDir, MADE_FROM))) === source) return 'written';
  const list = tagsOf(await readFile(packed, 'latin1'));
  if (list === null) return 'unreadable';
  await replace(join(gitDir, LIST), list);
  await replace(join(gitDir, MADE_FROM), source);
  return 'written';
}

/** Gives a git directory the tags of the mirror. A copy: what is done to it stays there. */
export async function copyTagList(mirror: string, gitDir: string): Promise<void> {
  const list = join(mirror, LIST);
  if (!(await absent(list))) await copyFile(list, join(gitDir, 'packed-refs'), constants.COPYFILE_FICLONE);
}

const LINE = /^[0-9a-f]{40} refs\//;

/** Names are bytes, and stay what they are: the text is latin1. The order stays as well, since all lose the same prefix. */
function tagsOf(packed: string): string | null {
  const lines = packed.split('\n');
  const head = lines[0]?.startsWith('# pack-refs with:') === true ? [lines[0]] : [];
  const kept: string[] = [...head];
  let isTag = false;
  for (const line of lines.slice(head.length)) {
    if (line === '') continue;
    const isPeeled = line.startsWith('^');
    if (!isPeeled && !LINE.test(line)) return null;
    if (!isPeeled) isTag = line.startsWith(TAGS, 41);
    if (isTag) kept.push(isPeeled ? line : `${line.slice(0, 41)}refs/tags/${line.slice(41 + TAGS.length)}`);
  }
  return `${kept.join('\n')}\n`;
}

/** Two that write at the same time write the same. */
async function replace(path: string, text: string): Promise<void> {
  const own = await mkdtemp(join(dirname(path), 'gatehouse-new-'));
  await writeFile(join(own, 'text'), text, 'latin1');
  await rename(join(own, 'text'), path);
  await rm(own, { recursive: true, force: true });
}
