import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { scanSecrets } from '@gatehouse/security-gate';
import { describe, expect, test } from '@jest/globals';
import { type ScanEngine, startEmbedded } from '../src/engine.ts';
import { scan } from '../src/scan.ts';
import type { Order, Reply } from '../src/worker/protocol.ts';
import { githubToken } from './fake-secrets.ts';
import { planting } from './planted.ts';
import { scanned } from './scanned.ts';

const plant = planting();

function leaking() {
  const repo = plant();
  const base = repo.commit({ a: 'x' });
  return { repo, request: { git: repo.git, base, head: repo.commit({ b: githubToken('b') }) } };
}

describe('a scanner is never believed when', () => {
  /** The real engine with its answers bent. */
  const bent =
    (bend: (reply: Reply, order: Order) => Reply) =>
    (signal: AbortSignal): ScanEngine => {
      const real = startEmbedded(signal);
      return { ...real, ask: async (order) => bend(await real.ask(order), order) };
    };
  const onScan = (change: (reply: Extract<Reply, { kind: 'scanned' }>) => Reply) =>
    bent((reply) => (reply.kind === 'scanned' ? change(reply) : reply));

  test.each<[string, (signal: AbortSignal) => ScanEngine]>([
    ['it finds nothing at all', onScan((reply) => ({ ...reply, hits: [] }))],
    [
      'one of its rule sets is blind',
      onScan((r) => ({ ...r, hits: r.hits.filter(({ rule }) => rule !== 'secret/github') })),
    ],
    ['it leaves an object out', onScan((reply) => ({ ...reply, ids: reply.ids.slice(1) }))],
    [
      'it names an object it was not given',
      onScan((r) => ({ ...r, hits: r.hits.map((hit) => ({ ...hit, id: 'x' })) })),
    ],
    ['it fails', bent(() => ({ kind: 'engine-failed', reason: 'out of memory' }))],
    ['it answers another question', bent(() => ({ kind: 'known', secrets: [] }))],
    ['it cannot say what base has', bent((r, o) => (o.kind === 'known' ? { kind: 'engine-failed', reason: 'x' } : r))],
    [
      'it cannot make fingerprints',
      bent((r, o) => (o.kind === 'fingerprint' ? { kind: 'fingerprinted', fingerprints: [] } : r)),
    ],
  ])('%s', async (_name, start) => {
    expect((await scan(leaking().request, start)).kind).toBe('tool-failed');
  });

  test('it breaks in an unforeseen way, and is closed all the same', async () => {
    let closed = 0;
    const start = (): ScanEngine => ({
      names: [],
      ask: () => Promise.reject(new Error('unforeseen')),
      close: async () => {
        closed += 1;
      },
    });
    await expect(scan(leaking().request, start)).rejects.toThrow('unforeseen');
    expect(closed).toBe(1);
  });

  test('it is stopped by the deadline: a timeout is no fault of the change', async () => {
    expect(await scanSecrets({ ...leaking().request, timeoutMs: 1 })).toEqual({ kind: 'timeout' });
  });

  test('it is cancelled', async () => {
    const answer = await scanSecrets({ ...leaking().request, signal: AbortSignal.abort() });
    expect(answer).toEqual({ kind: 'tool-failed', reason: 'cancelled' });
  });
});

test('a branch that has no commit in common with base is no fault of the machine', async () => {
  const { repo, request } = leaking();
  repo.run('checkout', '-q', '--orphan', 'other');
  const head = repo.commit({ c: '1' });
  expect(await scanSecrets({ ...request, head })).toEqual({ kind: 'unrelated' });
});

test('against a commit without a file all of the branch is new, its first commit too', async () => {
  const { repo, request } = leaking();
  repo.run('checkout', '-q', '--orphan', 'nothing');
  repo.run('rm', '-rfq', '--cached', '.');
  repo.run('-c', 'user.name=A', '-c', 'user.email=a@b.invalid', 'commit', '-q', '--allow-empty', '-m', 'nothing');
  const base = repo.run('rev-parse', 'HEAD').trim();
  expect((await scanned({ ...request, base })).findings).toHaveLength(1);
});

describe('a repository that hides history is an error:', () => {
  test('a shallow one', async () => {
    const { repo, request } = leaking();
    repo.run('checkout', '-q', '-b', 'ahead', request.base);
    const ahead = repo.commit({ c: '1' });
    for (const [hidden, base] of [
      [request.head, request.base],
      [ahead, ahead],
    ]) {
      writeFileSync(join(repo.git.gitDir, 'shallow'), `${hidden}\n`);
      expect(await scanSecrets({ ...request, base: base ?? '' })).toMatchObject({
        kind: 'tool-failed',
        reason: expect.stringContaining('shallow'),
      });
    }
  });

  test('but not one that is cut where base and head have the same history', async () => {
    const { repo, request } = leaking();
    writeFileSync(join(repo.git.gitDir, 'shallow'), `${request.base}\n`);
    expect((await scanned(request)).findings).toHaveLength(1);
  });

  test('a missing object', async () => {
    const { repo, request } = leaking();
    const oid = repo.run('rev-parse', 'HEAD:b');
    repo.run('gc', '-q', '--prune=now');
    repo.run('unpack-file', oid);
    repo.run('config', 'core.repositoryformatversion', '0');
    const pruned = repo.commit({ d: 'lost' });
    const lost = repo.run('rev-parse', 'HEAD:d');
    repo.write({ [`.git/objects/${lost.slice(0, 2)}/${lost.slice(2)}`]: null });
    expect((await scanSecrets({ ...request, head: pruned })).kind).toBe('tool-failed');
  });

  test('a base or head that is not a full object name, or not there', async () => {
    const { request } = leaking();
    for (const head of ['main', '--output=x', 'f'.repeat(40), request.head.slice(0, 12), `${request.head}\n`])
      expect((await scanSecrets({ ...request, head })).kind).toBe('tool-failed');
  });
});

test('the event loop turns while patterns work on hostile text', async () => {
  const repo = plant();
  const base = repo.commit({ a: 'x' });
  const head = repo.commit({
    newlines: '\n'.repeat(4_000_000),
    dots: 'a.'.repeat(400_000),
    quotes: 'password="'.repeat(60_000),
    runs: 'A'.repeat(1_000_000),
    keys: '-----BEGIN PRIVATE KEY-----\n'.repeat(20_000),
    urls: 'a://b:'.repeat(100_000),
  });
  let turns = 0;
  let running = true;
  const answer = scanned({ git: repo.git, base, head }).finally(() => {
    running = false;
  });
  while (running) {
    turns += 1;
    await turn();
  }
  expect((await answer).findings).toEqual([]);
  expect(turns).toBeGreaterThan(100);
});
