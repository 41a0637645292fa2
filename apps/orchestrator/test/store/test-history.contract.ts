import { expect, test } from '@jest/globals';
import type { Store } from '../../src/store/port/index.ts';
import { testMemoryPort } from '../../src/worker/store-ports.ts';
import type { Subject } from './store.contract.ts';
import { REPO, T0, withRepo } from './world.ts';

const KEY = { tree: 't', gateDigest: 'g', envDigest: 'e' };
/** As many as the store keeps of each; see its port. */
const LIMITS = { unproven: 5000, flaky: 1000, suites: 1000 };

interface Ran {
  readonly tree?: string;
  readonly complete?: boolean;
  readonly atMs?: number;
}

const ran = (store: Store, failed: readonly string[], { tree = 't', complete = false, atMs = T0 }: Ran = {}) =>
  store.recordTests({ repoId: REPO, key: { ...KEY, tree }, failed, complete, atMs });
const green = { complete: true };
const manyNames = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

export function testHistoryContract(subject: Subject): void {
  test('a test that was red and green on one tree is flaky by proof, in either order of runs', async () => {
    const { store } = subject();
    await ran(store, ['a', 'b']);
    await ran(store, ['b'], green);
    await ran(store, ['c'], { tree: 'u' });
    await ran(store, [], { tree: 'v', ...green });
    await ran(store, ['c', 'd'], { tree: 'v' });
    expect(await store.provenFlaky(REPO, ['d', 'b', 'a', 'c', 'x'])).toEqual(['d', 'a', 'c']);
    await ran(store, [], green);
    expect(await store.provenFlaky(REPO, ['b'])).toEqual(['b']);
  });

  test('the number of tests of a tree is that of its newest counted green run', async () => {
    const { store } = subject();
    const counted = (envDigest: string, ran: number | undefined, atMs: number) =>
      store.recordTests({ repoId: REPO, key: { ...KEY, envDigest }, failed: [], complete: true, ran, atMs });
    expect(await store.testsRun(REPO, KEY)).toBeNull();
    await counted('e', 111, T0);
    await counted('f', 98, T0 + 1);
    await counted('f', undefined, T0 + 2);
    expect(await store.testsRun(REPO, KEY)).toBe(98);
    expect(await store.testsRun(REPO, { ...KEY, tree: 'u' })).toBeNull();
    expect(await store.testsRun('other', KEY)).toBeNull();
  });

  test('the list sums the trees of a proof, the last seen first, and leaves out what is only red', async () => {
    const { store } = subject();
    for (const tree of ['t', 'u']) {
      await ran(store, ['slow'], { tree, atMs: T0 + 1 });
      await ran(store, ['slow'], { tree, atMs: T0 + 2 });
      await ran(store, [], { tree, ...green, atMs: T0 + 3 });
    }
    await ran(store, ['slow', 'red'], { tree: 'w', atMs: T0 + 4 });
    await ran(store, ['late'], { atMs: T0 + 5 });
    const slow = { name: 'slow', reds: 4, greens: 2, trees: 2, provenFlakyAt: T0 + 3, lastSeen: T0 + 3 };
    const late = { name: 'late', reds: 1, greens: 1, trees: 1, provenFlakyAt: T0 + 5, lastSeen: T0 + 5 };
    expect(await store.flakyTests({ repoId: REPO })).toEqual([late, slow]);
    expect(await store.flakyTests({ repoId: REPO, limit: 1 })).toEqual([late]);
    expect(await store.flakyTests({ repoId: 'other' })).toEqual([]);
  });

  test('the gates see it as a memory of their own, apart for each repository and key', async () => {
    const { store } = subject();
    await withRepo(store, 'other');
    const memory = testMemoryPort(store, () => T0);
    const names = ['\u001b[31mred', '\u202Egnp.exe', 'nul\0', 'half\uD800', 'x'.repeat(10_000), "'; DROP TABLE t; --"];
    const red = { failed: names, complete: false };
    await memory.record({ repo: REPO, key: KEY, tests: red });
    const done = { failed: [], complete: true };
    await memory.record({ repo: 'other', key: KEY, tests: done });
    for (const change of [{ tree: 'u' }, { gateDigest: 'h' }, { envDigest: 'f' }])
      await memory.record({ repo: REPO, key: { ...KEY, ...change }, tests: done });
    expect(await memory.knownFlaky(REPO, names)).toEqual([]);
    await memory.record({ repo: REPO, key: KEY, tests: done });
    expect(await memory.knownFlaky(REPO, [...names, 'nul', 'x'.repeat(10_001)])).toEqual(names);
    expect(await memory.knownFlaky('other', names)).toEqual([]);
    for (const { name } of await store.flakyTests({ repoId: REPO })) expect(name.length).toBeLessThanOrEqual(300);
  });

  test('what is kept per repository is bounded: the oldest goes first, and what is proven outlives what is not', async () => {
    const { store } = subject();
    await ran(store, ['proven']);
    await ran(store, [], green);
    await ran(store, ['oldest'], { tree: 'old', atMs: T0 + 1 });
    for (let n = 0; n < LIMITS.unproven / 500; n += 1)
      await ran(store, manyNames(`n${n}-`, 501), { tree: `m${n}`, atMs: T0 + 2 + n });
    await ran(store, [], { tree: 'old', ...green, atMs: T0 + 99 });
    expect(await store.provenFlaky(REPO, ['proven', 'oldest'])).toEqual(['proven']);
    await ran(store, [], { tree: 'm9', ...green, atMs: T0 + 100 });
    expect(await store.provenFlaky(REPO, ['n9-499', 'n9-500'])).toEqual(['n9-499']);
    for (const tree of ['m8', 'm7']) await ran(store, [], { tree, ...green, atMs: T0 + 101 });
    expect(await store.flakyTests({ repoId: REPO, limit: 9999 })).toHaveLength(LIMITS.flaky);
    expect(await store.provenFlaky(REPO, ['proven'])).toEqual([]);
  });

  test('a suite that was forgotten proves nothing any more', async () => {
    const { store } = subject();
    await ran(store, ['a'], { ...green });
    for (let n = 0; n < LIMITS.suites; n += 1) await ran(store, [], { tree: `s${n}`, ...green, atMs: T0 + 1 + n });
    await ran(store, ['a', 'b'], { atMs: T0 + 9999 });
    expect(await store.provenFlaky(REPO, ['a', 'b'])).toEqual([]);
  });

  test('pruning forgets old suites with their tests and old proofs, and never invents a green by it', async () => {
    const { store } = subject();
    await ran(store, ['old'], { tree: 'gone', ...green });
    await ran(store, ['kept'], { ...green });
    await ran(store, ['other'], { atMs: T0 + 500 });
    await store.prune(T0 + 100);
    await ran(store, ['old'], { tree: 'gone', atMs: T0 + 600 });
    await ran(store, ['kept'], { atMs: T0 + 600 });
    expect(await store.provenFlaky(REPO, ['old', 'kept', 'other'])).toEqual(['other']);
    await store.prune(T0 + 1e9);
    expect(await store.flakyTests({ repoId: REPO })).toEqual([]);
  });
}
