import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArtefact, type WriteRequest, writeArtefact } from '@gatehouse/artefact';
import { describe, expect, test } from '@jest/globals';
import { freshStore } from './store.ts';

const fresh = freshStore();
const name = '17-security-report.md';
const keys = { status: ['PASS', 'FAIL'] } as const;
const fail = (dir: string, mode: 'create' | 'replace'): WriteRequest => ({
  dir,
  name,
  front: { status: 'FAIL' },
  body: 'why\n',
  mode,
});
const made = (): string => {
  const dir = fresh();
  mkdirSync(dir, { recursive: true });
  return dir;
};

describe('writing', () => {
  test('makes the directory, leaves exactly the document, and says its digest', async () => {
    const dir = join(fresh(), 'deep', 'store');
    const written = await writeArtefact(fail(dir, 'create'));
    expect(written).toMatchObject({ kind: 'written', path: join(dir, name) });
    expect(readdirSync(dir)).toEqual([name]);
    expect(readFileSync(join(dir, name), 'utf8')).toBe('---\nstatus: FAIL\n---\nwhy\n');
    const read = await readArtefact({ dir, name, keys });
    expect(read.kind === 'read' && read.digest).toBe(written.kind === 'written' && written.digest);
  });

  test('refuses a second document under the same name and keeps the first', async () => {
    const dir = made();
    await writeArtefact(fail(dir, 'create'));
    const again = await writeArtefact({ ...fail(dir, 'create'), front: { status: 'PASS' } });
    expect(again).toEqual({ kind: 'refused', reason: 'something already stands there' });
    expect(await readArtefact({ dir, name, keys })).toMatchObject({ front: { status: 'FAIL' } });
    expect(readdirSync(dir)).toEqual([name]);
  });

  test('of many at once lets exactly one through', async () => {
    const dir = made();
    const answers = await Promise.all(Array.from({ length: 20 }, () => writeArtefact(fail(dir, 'create'))));
    expect(answers.filter(({ kind }) => kind === 'written')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === 'refused')).toHaveLength(19);
  });

  test('follows no link: a planted one is refused on create and loses its place on replace', async () => {
    const dir = made();
    const outside = join(made(), 'outside.md');
    writeFileSync(outside, 'untouched');
    symlinkSync(outside, join(dir, name));
    expect((await writeArtefact(fail(dir, 'create'))).kind).toBe('refused');
    expect((await readArtefact({ dir, name, keys })).kind).toBe('malformed');
    expect((await writeArtefact(fail(dir, 'replace'))).kind).toBe('written');
    expect(await readArtefact({ dir, name, keys })).toMatchObject({ front: { status: 'FAIL' } });
    expect(readFileSync(outside, 'utf8')).toBe('untouched');
  });

  test('a dangling link is in the way as well', async () => {
    const dir = made();
    const target = join(dir, 'made-by-following.md');
    symlinkSync(target, join(dir, name));
    expect((await writeArtefact(fail(dir, 'create'))).kind).toBe('refused');
    expect(readdirSync(dir)).toEqual([name]);
  });

  test.each(['create', 'replace'] as const)(
    'a directory in the way is refused by %s, with nothing left over',
    async (mode) => {
      const dir = made();
      mkdirSync(join(dir, name, 'inside'), { recursive: true });
      expect((await writeArtefact(fail(dir, mode))).kind).toBe('refused');
      expect((await readArtefact({ dir, name, keys })).kind).toBe('malformed');
      expect(readdirSync(dir)).toEqual([name]);
    },
  );

  test('a store that is a file is a fault of the file system, named by its code', async () => {
    const dir = fresh();
    writeFileSync(dir, '');
    expect(await writeArtefact(fail(dir, 'create'))).toMatchObject({ kind: 'io-failed' });
    expect((await readArtefact({ dir, name, keys })).kind).toBe('malformed');
  });

  const root = process.getuid?.() === 0;
  (root ? test.skip : test)('a store without write permission is io-failed (not as root)', async () => {
    const dir = made();
    chmodSync(dir, 0o500);
    expect(await writeArtefact(fail(dir, 'create'))).toMatchObject({ kind: 'io-failed', code: 'EACCES' });
  });

  test('a file system that takes no files is io-failed', async () => {
    expect(await writeArtefact(fail('/proc', 'create'))).toMatchObject({ kind: 'io-failed' });
  });
});

describe('reading', () => {
  test('nothing there is missing', async () => {
    expect(await readArtefact({ dir: fresh(), name, keys })).toEqual({ kind: 'missing' });
  });

  test('a FIFO is refused without waiting for a writer', async () => {
    const dir = made();
    execFileSync('mkfifo', [join(dir, name)]);
    expect((await readArtefact({ dir, name, keys })).kind).toBe('malformed');
  });

  test('a document over the limit is malformed, one exactly at it is read', async () => {
    const dir = made();
    writeFileSync(join(dir, name), '---\nstatus: PASS\n---\n');
    expect((await readArtefact({ dir, name, keys, maxBytes: 21 })).kind).toBe('read');
    expect((await readArtefact({ dir, name, keys, maxBytes: 20 })).kind).toBe('malformed');
  });

  test('a truncated document is never a verdict, wherever it was cut', async () => {
    const dir = made();
    const whole = '---\nstatus: PASS\n---\n';
    for (let end = 0; end < whole.length; end += 1) {
      writeFileSync(join(dir, name), whole.slice(0, end));
      expect((await readArtefact({ dir, name, keys })).kind).toBe('malformed');
    }
  });
});
