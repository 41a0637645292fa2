/** The baseline: what a landing moves, and that of many writers none is lost. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Baseline,
  type BaselinePort,
  computeCoverageVerdict,
  fileBaseline,
  type RatchetRequest,
  ratchetBaseline,
} from '@gatehouse/coverage-gate';
import { LeaseProof } from '@gatehouse/verdict';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { measured, request } from './requests.ts';

const proof = new LeaseProof('repo', 'task', 1);
let folder: string;
let store: BaselinePort;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'baseline-')), 'main');
  store = fileBaseline(folder);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const landing = (covered: number, total: number, name = `${covered}-of-${total}`): RatchetRequest['landed'] => ({
  tree: `tree-${name}`,
  commit: `commit-${name}`,
  measured: measured(covered, total).measured,
  commandHash: 'h',
});

const ratchet = (covered: number, total: number, name?: string): ReturnType<typeof ratchetBaseline> =>
  ratchetBaseline({ store, proof, landed: landing(covered, total, name) });

/** Compare-and-set in memory, for laws over many steps. */
function memoryBaseline(): BaselinePort {
  let stored: Baseline | null = null;
  return {
    read: async () => stored,
    compareAndSet: async (expected, next) => {
      if ((stored?.seq ?? 0) !== expected) return false;
      stored = next;
      return true;
    },
  };
}

describe('a landing', () => {
  test('the first one is mark, reference and last', async () => {
    expect(await store.read()).toBeNull();
    expect(await ratchet(90, 100)).toEqual({ kind: 'ratcheted', seq: 1, moved: 'mark' });
    expect(await store.read()).toMatchObject({
      mark: { covered: 90, total: 100 },
      ref: { uncovered: 10, total: 100 },
      last: { covered: 90, total: 100, tree: 'tree-90-of-100' },
    });
  });

  test('at or above the mark mark and reference move; a deletion moves the reference; anything else only last', async () => {
    await ratchet(90, 100);
    expect(await ratchet(10, 20)).toMatchObject({ moved: 'ref' });
    expect(await store.read()).toMatchObject({ mark: { covered: 90, total: 100 }, ref: { uncovered: 10, total: 20 } });
    expect(await ratchet(15, 26)).toMatchObject({ moved: 'last' });
    expect(await store.read()).toMatchObject({ ref: { uncovered: 10, total: 20 }, last: { covered: 15, total: 26 } });
    expect(await ratchet(180, 200)).toMatchObject({ moved: 'mark' });
    expect(await store.read()).toMatchObject({
      mark: { covered: 180, total: 200 },
      ref: { uncovered: 20, total: 200 },
    });
  });

  test('recorded twice counts once', async () => {
    await ratchet(90, 100);
    expect(await ratchet(90, 100)).toEqual({ kind: 'ratcheted', seq: 1, moved: 'none' });
  });

  test('a file that vanished from the report is remembered as uncovered', async () => {
    const first = landing(100, 200);
    const files = { 'src/a.ts': [50, 100] as const, 'src/b.ts': [50, 100] as const };
    await ratchetBaseline({ store, proof, landed: { ...first, measured: { ...first.measured, files } } });
    const second = landing(100, 100, 'second');
    const tracked = new Set(['src/a.ts', 'src/b.ts']);
    await ratchetBaseline({
      store,
      proof,
      landed: { ...second, measured: { ...second.measured, tracked, files: { 'src/a.ts': [100, 100] } } },
    });
    expect(await store.read()).toMatchObject({ last: { covered: 100, total: 200 }, files: { 'src/b.ts': [0, 100] } });
  });

  test('of another command is refused and changes nothing', async () => {
    await ratchet(90, 100);
    const landed = { ...landing(50, 60), commandHash: 'other' };
    expect(await ratchetBaseline({ store, proof, landed })).toMatchObject({ kind: 'refused' });
    expect(await store.read()).toMatchObject({ seq: 1 });
  });

  test('without a minted lease is refused', async () => {
    const forged = { repo: 'repo', holder: 'task', token: 1 } as unknown as LeaseProof;
    expect(await ratchetBaseline({ store, proof: forged, landed: landing(1, 1) })).toMatchObject({ kind: 'refused' });
    expect(await store.read()).toBeNull();
  });
});

describe('the file store', () => {
  test('of 64 writers at once none is lost and the mark is the best of them', async () => {
    const shares = Array.from({ length: 64 }, (_, i) => 30 + ((i * 7) % 64));
    const answers = await Promise.all(
      shares.map((covered) => ratchetBaseline({ store: fileBaseline(folder), proof, landed: landing(covered, 100) })),
    );
    expect(answers.map((answer) => answer.kind)).toEqual(shares.map(() => 'ratcheted'));
    expect(new Set(answers.map((answer) => (answer.kind === 'ratcheted' ? answer.seq : 0))).size).toBe(64);
    expect(await store.read()).toMatchObject({ seq: 64, mark: { covered: 93, total: 100 } });
  });

  test('refuses a stale writer, however many records it missed', async () => {
    for (let i = 1; i <= 70; i++) await ratchet(i, 200);
    const current = await store.read();
    const stale = { ...(current as Baseline), seq: 2 };
    expect(await store.compareAndSet(1, stale, proof)).toBe(false);
    expect(await store.read()).toEqual(current);
    expect(readdirSync(folder).length).toBeLessThanOrEqual(65);
  });

  test('a half-written record of a killed writer is invisible', async () => {
    await ratchet(90, 100);
    writeFileSync(join(folder, '.new-0000'), '{"seq":2,');
    expect(await store.read()).toMatchObject({ seq: 1 });
    expect(await ratchet(91, 100)).toMatchObject({ kind: 'ratcheted', seq: 2 });
  });

  test.each([
    ['garbage', 'x'],
    ['nothing', ''],
    ['another number', '{"seq":7}'],
    ['a list', '[]'],
  ])('a highest record that holds %s is a crash, never a fresh start', async (_, text) => {
    await ratchet(90, 100);
    writeFileSync(join(folder, '2.json'), text);
    expect(await ratchet(91, 100)).toMatchObject({ kind: 'crashed' });
  });

  test('names like __proto__ survive the way through the file', async () => {
    const files = Object.fromEntries([
      ['__proto__', [1, 2] as const],
      ['a "b"\n', [0, 3] as const],
    ]);
    const first = landing(1, 5);
    await ratchetBaseline({ store, proof, landed: { ...first, measured: { ...first.measured, files } } });
    expect(Object.entries((await store.read())?.files ?? {})).toEqual([
      ['__proto__', [1, 2]],
      ['a "b"\n', [0, 3]],
    ]);
  });
});

describe('laws', () => {
  test('two landings leave the same mark in either order', async () => {
    const share = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 100, max: 200 }));
    await fc.assert(
      fc.asyncProperty(share, share, async (a, b) => {
        const marks = await Promise.all(
          [
            [a, b],
            [b, a],
          ].map(async (order) => {
            const memory = memoryBaseline();
            for (const [covered, total] of order)
              await ratchetBaseline({ store: memory, proof, landed: landing(covered, total) });
            const mark = (await memory.read())?.mark ?? { covered: 0, total: 1 };
            return mark.covered / mark.total;
          }),
        );
        expect(marks[0]).toBe(marks[1]);
      }),
      { numRuns: 100 },
    );
  });

  test('small losses cannot add up: of a thousand landings that each lose 0.9 of the tolerance the second is refused', async () => {
    const memory = memoryBaseline();
    let covered = 900_000;
    await ratchetBaseline({ store: memory, proof, landed: landing(covered, 1_000_000) });
    let landed = 0;
    for (let i = 0; i < 1000; i++) {
      const head = measured(covered - 900, 1_000_000);
      const verdict = computeCoverageVerdict(request(head, await memory.read(), { mode: 'baseline' }));
      if (verdict.kind !== 'passed') continue;
      covered -= 900;
      landed++;
      await ratchetBaseline({ store: memory, proof, landed: landing(covered, 1_000_000) });
    }
    expect(landed).toBe(1);
  });

  test('while nothing is deleted, whatever lands keeps the share of the mark within the tolerance', async () => {
    const change = fc.record({ added: fc.integer({ min: 0, max: 50 }), hit: fc.integer({ min: 0, max: 50 }) });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => {
        const memory = memoryBaseline();
        let head = { covered: 800, total: 1000 };
        await ratchetBaseline({ store: memory, proof, landed: landing(800, 1000, 'start') });
        for (const [i, { added, hit }] of changes.entries()) {
          const next = { covered: head.covered + Math.min(added, hit), total: head.total + added };
          const record = await memory.read();
          const verdict = computeCoverageVerdict(
            request(measured(next.covered, next.total), record, { mode: 'baseline' }),
          );
          if (verdict.kind !== 'passed') {
            refused++;
            continue;
          }
          head = next;
          await ratchetBaseline({ store: memory, proof, landed: landing(head.covered, head.total, String(i)) });
        }
        const mark = (await memory.read())?.mark ?? { covered: 0, total: 1 };
        const kept = head.covered * mark.total * 1_000_000 + 1000 * head.total * mark.total;
        expect(kept).toBeGreaterThanOrEqual(mark.covered * head.total * 1_000_000);
      }),
      { numRuns: 60 },
    );
    expect(refused).toBeGreaterThan(0);
  });
});
