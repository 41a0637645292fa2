import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { clearStaleLocks, fastForward, listLocks } from '@gatehouse/git';
import { LeaseProof } from '@gatehouse/verdict';
import { describe, expect, test } from '@jest/globals';
import { Planted } from './planted-repository.ts';

const proof = new LeaseProof('repo', 'test', 1);
const HOUR_MS = 3_600_000;
/** Older than any process of the machine that runs the test. */
const YEARS_MS = 100_000 * HOUR_MS;

/** Leaves a lock behind, as a killed git does. */
function leave(gitDir: string, path: string, ageMs: number): string {
  const file = join(gitDir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  const then = (Date.now() - ageMs) / 1000;
  utimesSync(file, then, then);
  return file;
}

describe('locks', () => {
  test('are listed wherever git puts them, oldest first, with who has them open', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const gitDir = join(planted.dir, '.git');
    expect(await listLocks({ repo: { gitDir } })).toEqual({ kind: 'listed', locks: [] });
    const places = ['refs/heads/main.lock', 'packed-refs.lock', 'index.lock', 'worktrees/x/index.lock', 'gc.pid'];
    for (const [at, path] of places.entries()) leave(gitDir, path, (at + 1) * HOUR_MS);
    leave(gitDir, 'refs/heads/deep/er/x.lock', 6 * HOUR_MS);
    const held = openSync(join(gitDir, 'index.lock'), 'r');
    const listed = await listLocks({ repo: { gitDir } });
    closeSync(held);
    expect(listed).toMatchObject({
      kind: 'listed',
      locks: [
        { path: 'refs/heads/deep/er/x.lock', guards: 'ref', openBy: [] },
        { path: 'gc.pid', guards: 'other' },
        { path: 'worktrees/x/index.lock', guards: 'other' },
        { path: 'index.lock', guards: 'other', openBy: [process.pid] },
        { path: 'packed-refs.lock', guards: 'ref' },
        { path: 'refs/heads/main.lock', guards: 'ref' },
      ],
    });
    expect(listed.kind === 'listed' && listed.locks[5]?.ageMs).toBeGreaterThanOrEqual(HOUR_MS);
    expect(await listLocks({ repo: { gitDir: planted.root } })).toMatchObject({ trouble: 'not-a-repository' });
  });

  test('a ref lock whose maker is gone is cleared, and the landing it stopped goes through', async () => {
    const planted = new Planted();
    const from = planted.commit({ a: '1' });
    const to = planted.branch('side').commit({ a: '2' });
    const repo = { gitDir: join(planted.dir, '.git') };
    const landing = { repo, ref: 'refs/heads/main', from, to };
    leave(repo.gitDir, 'refs/heads/main.lock', YEARS_MS);
    leave(repo.gitDir, 'packed-refs.lock', YEARS_MS);
    expect(await fastForward(landing)).toMatchObject({ kind: 'git-failed', trouble: 'locked' });
    const cleared = await clearStaleLocks({ repo, proof });
    expect(cleared).toMatchObject({ kind: 'cleared', kept: [] });
    expect(cleared.kind === 'cleared' && [...cleared.removed].sort()).toEqual([
      'packed-refs.lock',
      'refs/heads/main.lock',
    ]);
    expect(await fastForward(landing)).toEqual({ kind: 'moved' });
    expect(await clearStaleLocks({ repo, proof })).toEqual({ kind: 'cleared', removed: [], kept: [] });
  });

  test('every other lock stays, with the reason', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const repo = { gitDir: join(planted.dir, '.git') };
    const long = YEARS_MS;
    leave(repo.gitDir, 'index.lock', long);
    leave(repo.gitDir, 'refs/heads/young.lock', 30_000);
    leave(repo.gitDir, 'refs/heads/future.lock', -long);
    const held = openSync(leave(repo.gitDir, 'refs/heads/open.lock', long), 'r');
    symlinkSync(join(planted.dir, 'a'), join(repo.gitDir, 'refs/heads/link.lock'));
    const before = readdirSync(join(repo.gitDir, 'refs/heads'));
    const cleared = await clearStaleLocks({ repo, proof, olderThanMs: 60_000 });
    closeSync(held);
    expect(cleared).toMatchObject({ kind: 'cleared', removed: [] });
    const reasons = cleared.kind === 'cleared' ? cleared.kept.map(({ path, why, pids }) => [path, why, pids]) : [];
    expect(reasons.sort()).toEqual([
      ['index.lock', 'other', []],
      ['refs/heads/future.lock', 'young', []],
      ['refs/heads/link.lock', 'foreign', []],
      ['refs/heads/open.lock', 'open', [process.pid]],
      ['refs/heads/young.lock', 'young', []],
    ]);
    expect(readdirSync(join(repo.gitDir, 'refs/heads'))).toEqual(before);
  });

  test('a living git that may have made the lock protects it, and no longer', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const repo = { gitDir: join(planted.dir, '.git') };
    const transaction = spawn('git', ['update-ref', '--stdin'], {
      cwd: planted.dir,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = new Promise((resolve) => transaction.once('exit', resolve));
    const prepared = new Promise((resolve) =>
      transaction.stdout.on('data', (text) => String(text).includes('prepare: ok') && resolve(null)),
    );
    transaction.stdin.write('start\nupdate refs/heads/side HEAD\nprepare\n');
    await prepared;
    const lock = join(repo.gitDir, 'refs/heads/side.lock');
    expect(existsSync(lock)).toBe(true);
    const request = { repo, proof, nowMs: Date.now() + HOUR_MS };
    const kept = await clearStaleLocks(request);
    expect(kept).toMatchObject({ removed: [], kept: [{ path: 'refs/heads/side.lock', why: 'maker-may-live' }] });
    expect(kept.kind === 'cleared' && kept.kept[0]?.pids).toContain(transaction.pid);
    transaction.kill('SIGKILL');
    await ended;
    expect(existsSync(lock)).toBe(true);
    // Other gits of this machine may be older than the lock for a moment.
    let cleared = await clearStaleLocks(request);
    while (cleared.kind === 'cleared' && cleared.removed.length === 0) cleared = await clearStaleLocks(request);
    expect(cleared).toMatchObject({ removed: ['refs/heads/side.lock'] });
    expect(existsSync(lock)).toBe(false);
  });

  test('nothing is cleared without a minted lease, nor in a hurry', async () => {
    const planted = new Planted();
    planted.commit({ a: '1' });
    const repo = { gitDir: join(planted.dir, '.git') };
    const lock = leave(repo.gitDir, 'refs/heads/main.lock', YEARS_MS);
    const forged = { repo: 'repo', holder: 'test', token: 1 } as unknown as LeaseProof;
    expect(await clearStaleLocks({ repo, proof: forged })).toMatchObject({ kind: 'refused' });
    expect(await clearStaleLocks({ repo, proof, olderThanMs: 1 })).toMatchObject({ kind: 'crashed' });
    expect(existsSync(lock)).toBe(true);
  });
});
