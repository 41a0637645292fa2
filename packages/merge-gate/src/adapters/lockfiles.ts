/** Digests of the lockfiles at a slot's root. The branch wrote these names: only small regular files are read. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './system-error.ts';

const LOCKFILES: readonly string[] = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'Cargo.lock',
  'go.sum',
  'poetry.lock',
  'uv.lock',
  'Pipfile.lock',
  'requirements.txt',
  'Gemfile.lock',
  'composer.lock',
];

const MAX_BYTES = 67_108_864;
const NOT_A_FILE = new Set(['ENOENT', 'ELOOP', 'EISDIR', 'ENXIO', 'ENOTDIR', 'EACCES']);

/** One line per lockfile that is there: name and SHA-256. */
export async function lockfileDigests(dir: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const name of LOCKFILES) {
    const file = await openPlain(join(dir, name));
    if (file === null) continue;
    try {
      const { size } = await file.stat();
      const digest =
        size > MAX_BYTES
          ? `${size} bytes`
          : createHash('sha256')
              .update(await file.readFile())
              .digest('hex');
      lines.push(`${name} ${digest}`);
    } finally {
      await file.close();
    }
  }
  return lines;
}

/** Neither follows a link nor waits for a pipe's other end. */
async function openPlain(path: string): Promise<FileHandle | null> {
  const file = await openIfThere(path);
  if (file === null || (await file.stat()).isFile()) return file;
  await file.close();
  return null;
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    if (NOT_A_FILE.has(codeOf(thrown) ?? '')) return null;
    throw thrown;
  }
}
