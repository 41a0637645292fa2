import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitLog, fastForward, importHistory, readBlob, refLog, resolveCommit } from '@gatehouse/git';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const who = 'A. Author <author@example.invalid> 1790000000 +0000';
const commit = (mark: number, parent: number | null, text: string): string =>
  [
    'commit refs/heads/trunk',
    `mark :${mark}`,
    `author ${who}`,
    `committer ${who}`,
    `data ${text.length}`,
    text,
    ...(parent === null ? [] : [`from :${parent}`]),
    'M 100644 inline note.txt',
    `data ${text.length}`,
    text,
    '',
  ].join('\n');

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'gatehouse-history-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a history imported from a stream', () => {
  test('is a bare repository with exactly those commits', async () => {
    const dir = join(root, 'one.git');
    const stream = Buffer.from(commit(1, null, 'first') + commit(2, 1, 'second'));
    expect(await importHistory({ dir, main: 'trunk', stream })).toEqual({ kind: 'imported', gitDir: dir });
    const repo = { gitDir: dir };
    const head = await resolveCommit({ repo, ref: 'refs/heads/trunk' });
    if (head.kind !== 'found') throw new Error(head.kind);
    expect(await readBlob({ repo, commit: head.sha, path: 'note.txt' })).toMatchObject({
      kind: 'found',
      bytes: Buffer.from('second'),
    });
  });

  test('reports how its branch moved, oldest first, a landing included', async () => {
    const dir = join(root, 'two.git');
    await importHistory({ dir, main: 'trunk', stream: Buffer.from(commit(1, null, 'first')) });
    const repo = { gitDir: dir };
    const first = await resolveCommit({ repo, ref: 'refs/heads/trunk' });
    if (first.kind !== 'found') throw new Error(first.kind);
    const side = Buffer.from(
      commit(1, null, 'first') + commit(2, 1, 'second').replace('refs/heads/trunk', 'refs/heads/side'),
    );
    const both = join(root, 'four.git');
    await importHistory({ dir: both, main: 'trunk', stream: side });
    const forge = { gitDir: both };
    const next = await resolveCommit({ repo: forge, ref: 'refs/heads/side' });
    if (next.kind !== 'found') throw new Error(next.kind);
    const landed = await fastForward({ repo: forge, ref: 'refs/heads/trunk', from: first.sha, to: next.sha });
    expect(landed).toEqual({ kind: 'moved' });
    const log = await refLog({ repo: forge, ref: 'refs/heads/trunk' });
    if (log.kind !== 'listed') throw new Error(log.kind);
    expect(log.moves.at(-1)).toEqual({ from: log.moves.length > 1 ? first.sha : null, to: next.sha });
    expect(await commitLog({ repo: forge, base: first.sha, head: next.sha })).toMatchObject({
      commits: [{ sha: next.sha }],
    });
  });

  test('a stream git does not understand is git-failed, a hostile place or name is refused', async () => {
    const dir = join(root, 'five.git');
    expect(await importHistory({ dir, main: 'trunk', stream: Buffer.from('nonsense\n') })).toMatchObject({
      kind: 'git-failed',
    });
    expect(await importHistory({ dir: 'relative', main: 'trunk', stream: Buffer.from('') })).toMatchObject({
      kind: 'refused',
    });
    expect(await importHistory({ dir, main: '--output=x', stream: Buffer.from('') })).toMatchObject({
      kind: 'refused',
    });
  });
});
