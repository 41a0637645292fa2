/**
 * Reads and writes in a work tree that an agent may have prepared: no link is ever followed, neither at the end of a path
 * nor on the way, and nothing larger than asked for is read.
 */
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileTrouble } from './files.ts';

export type PlainFile =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'absent' }
  /** Something is there, and it is no plain file that may be read. */
  | { readonly kind: 'odd'; readonly reason: string };

/** Reads `path` below `root` when every part of the way is a real directory and the end a plain file of at most `limit` bytes. */
export async function readInside(root: string, path: string, limit: number): Promise<PlainFile> {
  const way = await wayTo(root, dirname(path));
  if (way.kind !== 'directory') return way;
  try {
    const handle = await open(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return { kind: 'odd', reason: 'it is no plain file' };
      if (stat.size > limit) return { kind: 'odd', reason: `it is larger than ${limit} bytes` };
      const buffer = Buffer.alloc(limit + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
        length += bytesRead;
        if (bytesRead === 0 || length > limit) break;
      }
      return length > limit
        ? { kind: 'odd', reason: `it is larger than ${limit} bytes` }
        : { kind: 'bytes', bytes: buffer.subarray(0, length) };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    return oddOrAbsent(thrown);
  }
}

type Way = { readonly kind: 'directory' } | Exclude<PlainFile, { kind: 'bytes' }>;

async function wayTo(root: string, path: string): Promise<Way> {
  let here = root;
  for (const part of ['', ...path.split('/').filter((one) => one !== '' && one !== '.')]) {
    here = join(here, part);
    try {
      if (!(await lstat(here)).isDirectory()) return { kind: 'odd', reason: 'its way leads through a link or a file' };
    } catch (thrown) {
      return oddOrAbsent(thrown);
    }
  }
  return { kind: 'directory' };
}

function oddOrAbsent(thrown: unknown): Exclude<PlainFile, { kind: 'bytes' }> {
  const { code, reason } = fileTrouble(thrown);
  if (code === 'ENOENT') return { kind: 'absent' };
  return { kind: 'odd', reason: code === 'ELOOP' ? 'it is a link' : reason };
}

/** What a file is replaced by; null removes it. */
export interface FileReplacement {
  readonly mode: string;
  readonly bytes: Uint8Array;
}

export type Replaced = { readonly kind: 'replaced' } | { readonly kind: 'odd'; readonly reason: string };

/** Puts `content` at `path` below `root` and replaces what is there. A path through a link is outside: left alone. */
export async function replaceInside(root: string, path: string, content: FileReplacement | null): Promise<Replaced> {
  try {
    const way = await wayTo(root, dirname(path));
    if (way.kind === 'odd' || (way.kind === 'absent' && content === null)) return { kind: 'replaced' };
    const place = join(root, path);
    await rm(place, { recursive: true, force: true });
    if (content === null) return { kind: 'replaced' };
    await mkdir(dirname(place), { recursive: true });
    if (content.mode === '120000') await symlink(Buffer.from(content.bytes).toString('utf8'), place);
    else await writeFile(place, content.bytes, { flag: 'wx' });
    if (content.mode === '100755') await chmod(place, 0o755);
    return { kind: 'replaced' };
  } catch (thrown) {
    return { kind: 'odd', reason: fileTrouble(thrown).reason };
  }
}
