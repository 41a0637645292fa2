import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type GitRepo, refreshMirror } from '@gatehouse/git';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readRefFiles } from '../src/adapters/ref-files.ts';
import { git, Planted } from './planted-repository.ts';

let planted: Planted;
let first: string;
const dir = () => join(planted.root, 'mirror');
const refresh = (further: { main?: string; gitPath?: string } = {}) =>
  refreshMirror({ dir: dir(), url: planted.dir, ...further });
const inMirror = (...args: string[]): string => git('/', `--git-dir=${dir()}`, ...args);
const loseObject = (sha: string): void => rmSync(join(dir(), 'objects', sha.slice(0, 2), sha.slice(2)));

beforeEach(() => {
  planted = new Planted();
  first = planted.commit({ a: '1' });
});

describe('a refresh', () => {
  test('opens a mirror, brings every branch and follows what moved and what is gone', async () => {
    const x = planted.branch('x').commit({ b: '1' });
    const repo: GitRepo = { gitDir: dir() };
    expect(await refresh()).toEqual({ kind: 'fetched', repo, heads: { main: first, x }, ignored: [], broken: [] });
    const second = planted.on('main').commit({ a: '2' });
    planted.git('branch', '-D', 'x');
    expect(await refresh()).toEqual({ kind: 'fetched', repo, heads: { main: second }, ignored: [], broken: [] });
  });

  test('fetches once the first time, and starts two processes of git each time', async () => {
    const log = join(planted.root, 'log');
    const gitPath = planted.script(
      `for word in "$@"; do case $word in fetch|cat-file|for-each-ref|rev-parse) printf '%s\\n' "$word" >> '${log}';; esac; done; exec git "$@"`,
    );
    const started = async () => {
      rmSync(log, { force: true });
      expect(await refresh({ gitPath })).toMatchObject({ kind: 'fetched' });
      return readFileSync(log, 'utf8').trim().split('\n');
    };
    expect(await started()).toEqual(['fetch', 'cat-file']);
    planted.commit({ a: '2' });
    expect(await started()).toEqual(['fetch', 'cat-file']);
  });

  test('of a remote without main brings what there is', async () => {
    expect(await refresh({ main: 'trunk' })).toMatchObject({ kind: 'fetched', heads: { main: first } });
  });

  test('that finds the own main without its tree is a failure about objects, which a fetch alone does not see', async () => {
    await refresh();
    loseObject(planted.git('rev-parse', 'main^{tree}'));
    expect(await refresh()).toMatchObject({ kind: 'git-failed', trouble: 'missing-object' });
  });

  test('that finds the own main without its commit has it again afterwards, or fails about objects', async () => {
    planted.branch('other').commit({ b: '1' });
    planted.on('main').commit({ a: '2' });
    await refresh();
    loseObject(planted.git('rev-parse', 'main'));
    const answer = await refresh();
    if (answer.kind === 'git-failed') expect(answer.trouble).toBe('missing-object');
    else expect(inMirror('cat-file', '-t', 'main')).toBe('commit');
  });

  test('is refused where the mirror belongs to another url', async () => {
    await refresh();
    expect(await refreshMirror({ dir: dir(), url: '/somewhere/else' })).toMatchObject({ kind: 'refused' });
  });
});

describe('the files of refs', () => {
  /** What git itself lists, its complaints left aside. */
  const asGit = (): [string, string][] =>
    inMirror('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads/')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ') as [string, string]);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(dir(), name)), { recursive: true });
    writeFileSync(join(dir(), name), text);
  };
  const read = () => readRefFiles(dir(), 'heads');

  test('are read as git reads them, wherever each ref stands', async () => {
    await refresh();
    const shas = [first, planted.commit({ a: '2' }), planted.commit({ a: '3' })];
    await refresh();
    const names = ['main', 'a', 'b/c', 'b/d', 'b-e', 'x.y', 'Z', 'b/f/g'].map((name) => `refs/heads/${name}`);
    const step = fc.oneof(
      fc.record({ name: fc.constantFrom(...names), sha: fc.constantFrom(...shas) }),
      fc.record({ name: fc.constantFrom(...names), sha: fc.constant(null) }),
      fc.constant('pack' as const),
    );
    await fc.assert(
      fc.property(fc.array(step, { maxLength: 5 }), (steps) => {
        for (const taken of steps) {
          if (taken === 'pack') inMirror('pack-refs', '--all');
          else if (taken.sha === null) inMirror('update-ref', '-d', taken.name);
          else inMirror('update-ref', taken.name, taken.sha);
        }
        expect([...(read() ?? [])]).toEqual(asGit());
      }),
      { numRuns: 8 },
    );
  });

  test('a lock beside a ref, a half-packed ref and an empty folder change nothing', async () => {
    await refresh();
    write('refs/heads/x.lock', '');
    mkdirSync(join(dir(), 'refs/heads/empty/below'), { recursive: true });
    inMirror('pack-refs', '--all', '--no-prune');
    expect(existsSync(join(dir(), 'refs/heads/main'))).toBe(true);
    expect([...(read() ?? [])]).toEqual([['refs/heads/main', first]]);
  });

  test.each([
    ['a symbolic ref', () => write('refs/heads/x', 'ref: refs/heads/main\n')],
    ['a link', () => symlinkSync('main', join(dir(), 'refs/heads/x'))],
    ['a ref that was cut off', () => write('refs/heads/x', first.slice(0, 20))],
    ['an empty ref', () => write('refs/heads/x', '')],
    ['a ref to nothing', () => write('refs/heads/x', `${'0'.repeat(40)}\n`)],
    ['a packed file that was cut off', () => write('packed-refs', `# pack-refs with: peeled\n${first.slice(0, 30)}`)],
    [
      'more loose refs than are quickly read',
      () => {
        for (let at = 0; at < 300; at += 1) write(`refs/heads/many/${at}`, `${first}\n`);
      },
    ],
    ['no refs at all', () => rmSync(join(dir(), 'refs'), { recursive: true })],
  ])('%s is left to git', async (_what, plant) => {
    await refresh();
    plant();
    expect(read()).toBeNull();
  });
});
