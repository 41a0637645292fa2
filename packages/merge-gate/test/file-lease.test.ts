import { mkdtemp, readdir, readFile, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileLease } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type DurableLeaseSubject, durableLeaseContract } from './lease.contract.ts';

const CHILD = fileURLToPath(new URL('./file-lease.child.ts', import.meta.url));
const TTL_MS = 60_000;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'file-lease-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

durableLeaseContract('file', async (): Promise<DurableLeaseSubject> => {
  const leases = await mkdtemp(join(tmpdir(), 'file-lease-'));
  return {
    port: fileLease(leases, { ttlMs: TTL_MS }),
    another: () => fileLease(leases, { ttlMs: TTL_MS }),
    silence: () => silence(leases),
    children: (mode, repo, holder, arena) => [
      process.execPath,
      '--conditions=gatehouse:src',
      '--disable-warning=ExperimentalWarning',
      CHILD,
      ...[mode, leases, repo, holder, arena],
    ],
    damage: {
      garble: async () => writeFile((await newest(leases)).path, '{"holder":'),
      lose: async () => unlink((await newest(leases)).path),
    },
    close: () => rm(leases, { recursive: true, force: true }),
  };
});

async function newest(
  leases: string,
): Promise<{ readonly home: string; readonly number: number; readonly path: string }> {
  const [name = ''] = await readdir(leases);
  const home = join(leases, name);
  const number = Math.max(...(await readdir(home)).map((file) => Number.parseInt(file, 10)));
  return { home, number, path: join(home, String(number)) };
}

async function silence(leases: string): Promise<void> {
  const { home, number } = await newest(leases);
  const past = (Date.now() - 2 * TTL_MS) / 1000;
  for (const name of await readdir(home))
    if (name.startsWith(String(number))) await utimes(join(home, name), past, past);
}

describe('the files of a lease', () => {
  test('a reused pid does not keep a dead holder alive', async () => {
    const port = fileLease(dir);
    await port.acquire({ repo: 'r', holder: 'dead' });
    const { path } = await newest(dir);
    const record = JSON.parse(await readFile(path, 'utf8'));
    expect(record.pid).toBe(process.pid);
    expect(await port.acquire({ repo: 'r', holder: 'next' })).toMatchObject({ kind: 'busy', holder: 'dead' });
    await writeFile(path, JSON.stringify({ ...record, startTime: '1' }));
    expect(await port.acquire({ repo: 'r', holder: 'next' })).toMatchObject({ kind: 'acquired', proof: { token: 2 } });
  });

  test('a pid of another machine says nothing: only silence ends its lease', async () => {
    const port = fileLease(dir, { ttlMs: TTL_MS });
    await port.acquire({ repo: 'r', holder: 'far' });
    const { path } = await newest(dir);
    const record = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...record, pid: 4_000_000, scope: 'elsewhere' }));
    expect(await port.acquire({ repo: 'r', holder: 'next' })).toMatchObject({ kind: 'busy', holder: 'far' });
    await silence(dir);
    expect(await port.acquire({ repo: 'r', holder: 'next' })).toMatchObject({ kind: 'acquired' });
  });

  test('old grants are forgotten, the newest is never unlinked', async () => {
    const port = fileLease(dir);
    for (let turn = 1; turn <= 30; turn += 1) {
      const answer = await port.acquire({ repo: 'r', holder: 'task' });
      if (answer.kind === 'acquired') await port.release(answer.proof);
    }
    const { home, number } = await newest(dir);
    expect(number).toBe(30);
    expect((await readdir(home)).length).toBeLessThanOrEqual(3 * 9);
  });

  test('files are private to their owner', async () => {
    await fileLease(dir).acquire({ repo: 'r', holder: 'task' });
    const { home, path } = await newest(dir);
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect((await stat(home)).mode & 0o077).toBe(0);
  });

  test('a directory that cannot be used is unavailable, not busy and not granted', async () => {
    await writeFile(join(dir, 'file'), '');
    const answer = await fileLease(join(dir, 'file')).acquire({ repo: 'r', holder: 'task' });
    expect(answer).toMatchObject({ kind: 'unavailable' });
  });
});
