import * as gateRun from '@gatehouse/gate-run';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

const refuse = (): never => {
  throw new Error('not allowed');
};
const hostile: unknown = new Proxy(refuse, {
  get: refuse,
  has: refuse,
  ownKeys: refuse,
  getPrototypeOf: refuse,
  getOwnPropertyDescriptor: refuse,
  apply: refuse,
});

const COMMIT = 'a'.repeat(40);
const SLOT = { kind: 'check-out', git: { gitDir: '/x' }, dir: '/x/y' };
const REQUEST = { purpose: 'branch', commit: COMMIT, slot: SLOT, command: 'true', timeoutMs: 1_000 };

const VALUES: readonly unknown[] = [
  hostile,
  {
    get purpose() {
      return refuse();
    },
  },
  { ...REQUEST, slot: hostile },
  { ...REQUEST, limits: hostile },
  { run: hostile, output: '' },
  undefined,
  null,
  Number.NaN,
  -1,
  '',
  'x'.repeat(1_000_000),
  [],
  {},
  { kind: 'no such kind' },
  { run: { kind: 'no such kind' } },
  { run: { kind: 'exited', code: {} }, output: 7 },
  Symbol('s'),
];

const SYNC = ['fitDeadline', 'classifyEnd', 'gitFault'] as const;
const NAMING = ['faultOf', 'faultOfGit', 'checkoutOfHome'] as const;

type Door = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
const door = gateRun as unknown as Door;
const call = (name: string, ...args: readonly unknown[]): unknown => door[name]?.(...args);

test('every export is held to this file', () => {
  expect(Object.keys(gateRun).sort()).toEqual(
    [...SYNC, ...NAMING, 'runOnCommit', 'tryIsolation', 'removeHomes', 'cachePathsFault', 'ENDINGS'].sort(),
  );
});

describe('runOnCommit', () => {
  test('answers hostile input with a value, and runs nothing', async () => {
    for (const value of VALUES) {
      const answer = (await call('runOnCommit', value)) as { readonly kind: string };
      expect(['crashed', 'refused']).toContain(answer.kind);
    }
  });

  test('answers anything at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (value) => {
        const answer = (await call('runOnCommit', value)) as { readonly kind: unknown };
        return answer.kind === 'crashed' || answer.kind === 'refused';
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    [{ purpose: ' ' }, 'purpose'],
    [{ commit: 'HEAD~1' }, 'commit'],
    [{ commit: `${COMMIT}\n` }, 'commit'],
    [{ slot: { kind: 'elsewhere', dir: '/x' } }, 'slot.kind'],
    [{ slot: { ...SLOT, dir: '' } }, 'slot.dir'],
    [{ command: '' }, 'command'],
    [{ command: { program: '', args: [], shown: 'x' } }, 'command.program'],
    [{ setup: ' ' }, 'setup'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ setupTimeoutMs: -1 }, 'setupTimeoutMs'],
    [{ graceMs: 2 ** 40 }, 'graceMs'],
    [{ limits: { treeKill: 'off' } }, 'limits.treeKill'],
    [{ cache: { paths: ['/etc'], from: null, into: null } }, 'cache.paths'],
    [{ cache: { paths: [], from: 'here', into: null } }, 'cache.from'],
    [{ log: { dir: '/x', name: '' } }, 'log.name'],
    [{ limits: { reaperLimitMs: Number.NaN } }, 'reaper'],
    [{ limits: { reaperLimitMs: 30_000 } }, 'reaper'],
  ])('a request with %j is refused before anything is laid out', async (change, named) => {
    const answer = await gateRun.runOnCommit({ ...REQUEST, ...change } as gateRun.RunRequest);
    expect(answer).toMatchObject({ kind: 'refused', reason: expect.stringContaining(named) });
  });
});

describe.each(SYNC)('%s', (name) => {
  test('answers hostile input at once', () => {
    for (const first of VALUES)
      for (const second of [undefined, hostile, {}]) expect(call(name, first, second)).toMatchObject({});
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (first, second) => typeof call(name, first, second) === 'object'),
    );
  });
});

test('what cannot be read is neither green nor red', () => {
  for (const value of VALUES)
    expect(['infra', 'tool-failed']).toContain(gateRun.classifyEnd(value as gateRun.EndFacts).outcome);
});

test.each(NAMING)('%s names no fault in what cannot be read', (name) => {
  for (const value of VALUES) expect(call(name, value)).toBeNull();
  fc.assert(fc.property(fc.anything(), (value) => call(name, value) === null));
});

test('removeHomes answers hostile input with a value, and removes nothing of the system', async () => {
  for (const value of VALUES) {
    const answer = await call('removeHomes', value);
    expect(Array.isArray(answer) ? answer : (answer as { readonly kind: string }).kind).toEqual(
      Array.isArray(answer) ? [] : 'crashed',
    );
  }
});

test('cachePathsFault names a fault of whatever is no list of paths', () => {
  for (const value of VALUES.filter((one) => !Array.isArray(one)))
    expect(typeof call('cachePathsFault', value)).toBe('string');
  expect(typeof call('cachePathsFault', [hostile])).toBe('string');
});

test('tryIsolation answers hostile input with a value, and tries nothing', async () => {
  for (const value of VALUES)
    expect(['lacks', 'crashed']).toContain(
      ((await call('tryIsolation', value, value)) as { readonly kind: string }).kind,
    );
});
