/** Whatever it is given, every export answers. */
import * as gate from '@gatehouse/coverage-gate';
import { LeaseProof } from '@gatehouse/verdict';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { baselineAt, measured, request } from './requests.ts';

const refuse = (): never => {
  throw new Error('no access allowed');
};
const HOSTILE: unknown = new Proxy(() => undefined, {
  get: refuse,
  has: refuse,
  ownKeys: refuse,
  getPrototypeOf: refuse,
  getOwnPropertyDescriptor: refuse,
  apply: refuse,
});

const INPUTS: readonly unknown[] = [
  HOSTILE,
  undefined,
  null,
  Number.NaN,
  -1,
  'x'.repeat(1_000_000),
  [],
  {},
  Symbol('s'),
  { kind: 'measured', measured: HOSTILE, evidence: HOSTILE },
  { kind: 'unheard-of' },
  { policy: HOSTILE },
  { ...request(measured(1, 2), null), measurement: { kind: 'unheard-of' } },
  { ...request(measured(1, 2), null), baseline: HOSTILE },
  { ...request(measured(1, 2), null), patch: HOSTILE },
  { bytes: 'not bytes', name: 1 },
  { store: { read: refuse, compareAndSet: refuse }, proof: new LeaseProof('r', 'h', 1), landed: HOSTILE },
  { store: HOSTILE, proof: HOSTILE, landed: {} },
];

type Export = (...args: unknown[]) => unknown;

const functions = Object.entries<unknown>(gate).filter(
  (entry): entry is [string, Export] => typeof entry[1] === 'function',
);

test('the package exports the functions of the contract', () => {
  const names = [
    'computeCoverageVerdict',
    'coverageCheckVerdict',
    'measureCoverage',
    'placeOnCommit',
    'reportPathFault',
    'ratchetBaseline',
    'readReport',
    'writeCoverageReport',
    'fileBaseline',
  ];
  expect(functions.map(([name]) => name)).toEqual(expect.arrayContaining(names));
});

describe.each(functions)('%s', (_, call) => {
  test('answers hostile input', async () => {
    for (const input of INPUTS) expect(await call(input, input)).toBeDefined();
    expect(await call()).toBeDefined();
  });

  test('answers anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.anything(), async (a, b) => {
        expect(await call(a, b)).toBeDefined();
      }),
      { numRuns: 100 },
    );
  });
});

test('what cannot be judged never opens', () => {
  const opening = INPUTS.map((input) =>
    gate.coverageCheckVerdict(gate.computeCoverageVerdict(input as gate.CoverageVerdictRequest)),
  )
    .map(({ status }) => status)
    .filter((status) => status === 'pass' || status === 'skip');
  expect(opening).toEqual([]);
});

test('a verdict over randomly damaged requests is an answer, and never a pass of nothing', () => {
  const fields = ['policy', 'measurement', 'baseline', 'baseTree', 'patch', 'pragmas', 'configs', 'commits'];
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.anything(), (field, value) => {
      const damaged = { ...request(measured(0, 0), baselineAt(9, 10), { failClosed: true }), [field]: value };
      expect(
        gate.coverageCheckVerdict(gate.computeCoverageVerdict(damaged as gate.CoverageVerdictRequest)).status,
      ).not.toBe('pass');
    }),
    { numRuns: 500 },
  );
});

test('a port that fails is a crash, not an exception', async () => {
  const store = { read: () => Promise.reject(new Error('disk')), compareAndSet: refuse };
  const landed = { tree: 't', commit: 'c', measured: measured(1, 2).measured, commandHash: 'h' };
  expect(await gate.ratchetBaseline({ store, proof: new LeaseProof('r', 'h', 1), landed })).toMatchObject({
    kind: 'crashed',
  });
});

test.each([
  ['80', 800_000],
  [80, 800_000],
  [0.1, 1000],
  ['79.9999', 799_999],
  [100, 1_000_000],
])('%p per cent are %d parts per million', (text, ppm) => {
  expect(gate.percentToPpm(text)).toEqual({ kind: 'parsed', ppm });
});

test.each(['', '100.0001', '-1', '1e2', '80%', '1.00001', '٨٠', null, Number.NaN, Infinity])(
  '%p is no percentage',
  (text) => {
    expect(gate.percentToPpm(text)).toMatchObject({ kind: 'invalid' });
  },
);

test('a share is printed as 100 % only when every line is covered', () => {
  expect(gate.formatShare({ covered: 99_999, total: 100_000 })).toBe('99.99 % (99999/100000)');
  expect(gate.formatShare({ covered: 2, total: 2 })).toBe('100.00 % (2/2)');
  expect(gate.ppmOf({ covered: 999_999_999, total: 1_000_000_000 })).toBe(999_999);
});
