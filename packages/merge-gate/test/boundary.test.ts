import * as gate from '@gatehouse/merge-gate';
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

const VALUES: readonly unknown[] = [
  hostile,
  {
    get kind() {
      return refuse();
    },
  },
  { kind: hostile, policy: hostile },
  undefined,
  null,
  Number.NaN,
  -1,
  '',
  'x'.repeat(1_000_000),
  [],
  {},
  { kind: 'no such kind' },
  { kind: 'exited', code: {} },
  Symbol('s'),
];

/** Every exported function, by what its answer looks like. */
const ASYNC = [
  'checkBranchMergeable',
  'branchIsBehindMain',
  'autoRebaseOntoMain',
  'retestBranch',
  'runBase',
  'readEnvironment',
  'findChangedCommands',
  'checkRegressionMarkers',
  'acquireMergeLease',
  'releaseMergeLease',
  'proveCandidate',
  'proveLanding',
] as const;
const SYNC = [
  'classifyRetestFailure',
  'countTests',
  'resolveRetestTimeout',
  'mergeCheckVerdict',
  'concludeLanding',
  'talliesAfter',
  'validatePathPattern',
] as const;
const NAMING = ['faultOf', 'faultOfGit', 'troubleOf', 'troubleOfGit', 'likelySetup'] as const;
const NAMES = ['testIdentity', 'isFlakyByProof', 'isQuarantineOpen'] as const;
const PORTS = [
  'fileLease',
  'memoryLease',
  'createBaseRunQueue',
  'memoryBase',
  'memoryCertificates',
  'memoryTests',
] as const;
const DATA = ['ENDINGS'] as const;

type Door = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
const door = gate as unknown as Door;
const call = (name: string, ...args: readonly unknown[]): unknown => door[name]?.(...args);

test('every export is held to this file', () => {
  expect(Object.keys(gate).sort()).toEqual([...ASYNC, ...SYNC, ...NAMING, ...NAMES, ...PORTS, ...DATA].sort());
});

describe.each(ASYNC)('%s', (name) => {
  test('answers hostile input with a value that opens nothing', async () => {
    for (const first of VALUES) {
      for (const second of [undefined, hostile, {}]) {
        const answer = (await call(name, first, second)) as { readonly kind: string };
        expect(['crashed', 'tool-failed', 'git-failed', 'present', 'unavailable', 'unprobed']).toContain(answer.kind);
      }
    }
  });

  test('answers anything at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.anything(), async (first, second) => {
        const answer = (await call(name, first, second)) as { readonly kind: unknown };
        return typeof answer.kind === 'string' && answer.kind !== 'mergeable' && answer.kind !== 'acquired';
      }),
      { numRuns: 50 },
    );
  });
});

describe.each(SYNC)('%s', (name) => {
  test('answers hostile input at once', () => {
    for (const first of VALUES) {
      for (const second of [undefined, hostile, {}]) expect(call(name, first, second)).toMatchObject({});
    }
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (first, second) => typeof call(name, first, second) === 'object'),
    );
  });
});

test.each(NAMING)('%s names no fault in what cannot be read', (name) => {
  for (const value of VALUES) expect(call(name, value)).toBeNull();
  fc.assert(fc.property(fc.anything(), (value) => call(name, value) === null));
});

test.each(NAMES)('%s answers hostile input with a plain value, and proves nothing by it', (name) => {
  for (const value of VALUES) expect(['string', 'boolean']).toContain(typeof call(name, value));
  fc.assert(fc.property(fc.anything(), (value) => ['string', 'boolean'].includes(typeof call(name, value))));
  expect(call('isFlakyByProof', hostile)).toBe(false);
});

test('what cannot be read is never green, never red and never a pass', () => {
  for (const value of VALUES) {
    expect(['infra', 'tool-failed']).toContain(gate.classifyRetestFailure(value as gate.RetestFacts).outcome);
    expect(gate.mergeCheckVerdict(value as gate.MergeVerdict, { base: '', head: '' }).status).toBe('error');
  }
});

test('a policy that could call anything green is refused before anything runs', async () => {
  const policy: gate.TestPolicy = { command: 'true', timeoutMs: 1000, minTests: 1, flaky: 'pass', env: [] };
  const request = {
    repo: 'r',
    holder: 't',
    git: { gitDir: '/x' },
    base: 'a'.repeat(40),
    head: 'b'.repeat(40),
    slotDir: '/x/y',
  };
  const bad = [
    { minTests: Number.NaN },
    { minTests: -1 },
    { command: ' ' },
    { timeoutMs: 0 },
    { flaky: 'maybe' },
    { env: 'PATH' },
  ];
  for (const change of bad) {
    const asked = { ...request, policy: { ...policy, ...change } as gate.TestPolicy };
    expect(await gate.checkBranchMergeable(asked, { lease: gate.memoryLease() })).toMatchObject({
      kind: 'tool-failed',
      reason: expect.stringContaining('policy.'),
    });
    const commit = { git: request.git, slotDir: request.slotDir, commit: request.head };
    expect(await gate.retestBranch({ ...commit, policy: asked.policy })).toMatchObject({ kind: 'tool-failed' });
    expect(await gate.runBase({ ...commit, repo: 'r', policy: asked.policy })).toMatchObject({ kind: 'tool-failed' });
  }
});

test('a head that is a revision expression is refused, not resolved', async () => {
  const policy: gate.TestPolicy = { command: 'true', timeoutMs: 1000, minTests: 1, flaky: 'pass', env: [] };
  for (const head of ['HEAD~1', '--upload-pack=x', 'A'.repeat(40), `${'a'.repeat(40)}\n`]) {
    const request = {
      repo: 'r',
      holder: 't',
      git: { gitDir: '/x' },
      base: 'a'.repeat(40),
      head,
      slotDir: '/x/y',
      policy,
    };
    expect(await gate.checkBranchMergeable(request, { lease: gate.memoryLease() })).toMatchObject({
      kind: 'tool-failed',
    });
  }
});
