import { type MergeVerdict, mergeCheckVerdict, type NothingToLand, type RecordedRun } from '@gatehouse/merge-gate';
import { type Cause, LeaseProof } from '@gatehouse/verdict';
import { describe, expect, test } from '@jest/globals';

const RUN: RecordedRun = {
  purpose: 'branch',
  commit: 'c'.repeat(40),
  tree: 't'.repeat(40),
  command: 'npm test',
  startedAt: 0,
  durationMs: 1,
  outcome: 'red',
  reason: 'exit status 1',
  level: 'group',
  leftovers: 0,
  verified: true,
  excerpt: 'AssertionError: 1 == 2',
};
const DIGESTS = { gateDigest: 'g', hostDigest: 'h', envDigest: 'e' };
const CERTIFICATE = {
  ...DIGESTS,
  tested: RUN.commit,
  base: 'b'.repeat(40),
  first: RUN,
  second: RUN,
  baseRun: RUN,
  lostCount: false,
  bound: 2 ** -10,
  runs: { full: 10, single: 0 },
};
const COMMITS = { base: 'b'.repeat(40), head: 'd'.repeat(40) };
const MARKER = { ticket: 'ORCH-1', symbol: 'theFix', file: 'src/fix.ts' };

/** One of each kind; a kind that is missing here does not compile. */
const EACH: {
  readonly [Kind in MergeVerdict['kind']]: readonly [Extract<MergeVerdict, { kind: Kind }>, string, Cause?];
} = {
  mergeable: [
    {
      kind: 'mergeable',
      ...COMMITS,
      tested: RUN.commit,
      tree: RUN.tree ?? '',
      proof: new LeaseProof('r', 't', 1),
      evidence: { kind: 'first-try', run: RUN, ...DIGESTS },
      warnings: ['leftovers: 1'],
    },
    'pass',
  ],
  'nothing-to-land': [{ kind: 'nothing-to-land', why: 'on-main', commits: 2 }, 'skip'],
  conflicted: [{ kind: 'conflicted', paths: ['a', 'b'] }, 'fail'],
  'unrelated-history': [{ kind: 'unrelated-history' }, 'fail'],
  red: [{ kind: 'red', certificate: { ...CERTIFICATE, failing: ['suite > x'] } }, 'fail'],
  'tests-fell': [{ kind: 'tests-fell', onMain: 111, ran: 98 }, 'fail'],
  'marker-lost': [{ kind: 'marker-lost', markers: [MARKER] }, 'fail'],
  'gate-changed': [
    { kind: 'gate-changed', changes: [{ path: 'package.json', name: 'scripts.test', before: 'jest', after: null }] },
    'fail',
  ],
  'timed-out': [{ kind: 'timed-out', reason: 'the deadline passed', run: RUN }, 'fail'],
  busy: [{ kind: 'busy', holder: 'task-2', retryAfterMs: 5 }, 'defer', 'lock-busy'],
  infra: [{ kind: 'infra', reason: 'the disk was full' }, 'defer', 'infra'],
  'flaky-blocked': [{ kind: 'flaky-blocked', first: RUN, second: RUN }, 'defer', 'infra'],
  'main-broken': [{ kind: 'main-broken', base: COMMITS.base, certificate: CERTIFICATE }, 'defer', 'main-broken'],
  'base-moved': [{ kind: 'base-moved', found: 'f'.repeat(40) }, 'defer', 'base-moved'],
  'branch-moved': [{ kind: 'branch-moved', found: 'gone' }, 'defer', 'branch-moved'],
  'tool-failed': [{ kind: 'tool-failed', reason: 'no test ran' }, 'error', 'tool-failed'],
  crashed: [{ kind: 'crashed', op: 'merge-gate.x', error: new Error('bug') }, 'error', 'crashed'],
};

describe('what the engine receives', () => {
  test.each(Object.entries(EACH))('%s', (_kind, [verdict, status, cause]) => {
    const check = mergeCheckVerdict(verdict, COMMITS);
    expect(check).toMatchObject({ status, ...(cause === undefined ? {} : { cause }), commits: { base: COMMITS.base } });
    expect(check.reason).toMatch(/^[^\n]+$/);
    expect('cause' in check).toBe(cause !== undefined);
    expect(check.findings.length > 0).toBe(status === 'fail');
  });

  test('exactly one kind opens', () => {
    const open = Object.values(EACH).filter(([verdict]) => mergeCheckVerdict(verdict, COMMITS).status === 'pass');
    expect(open.map(([{ kind }]) => kind)).toEqual(['mergeable']);
  });

  test('red states the bound on blaming an innocent branch, and what it cost', () => {
    const reason = (changes: object): string =>
      mergeCheckVerdict({ kind: 'red', certificate: { ...CERTIFICATE, failing: [], ...changes } }, COMMITS).reason;
    expect(reason({})).toBe(
      'red twice with the branch, green without it; an innocent branch shows this with a probability of at most 0.098 % (10 whole runs)',
    );
    expect(reason({ runs: { full: 3, single: 10 } })).toMatch(/\(3 whole runs and 10 of the failing tests alone\)$/);
    expect(reason({ lostCount: true })).toMatch(/^ends without a summary with the branch;/);
  });

  test('a branch that changes nothing is a skip with a code, and the reason says why', () => {
    const saying = (why: NothingToLand['why'], commits: number): string => {
      const check = mergeCheckVerdict({ kind: 'nothing-to-land', why, commits }, COMMITS);
      expect(check).toMatchObject({ status: 'skip', code: 'nothing-to-land', findings: [] });
      return check.reason;
    };
    expect([
      saying('equal', 0),
      saying('contained', 0),
      saying('on-main', 1),
      saying('on-main', 3),
      saying('no-change', 1),
      saying('no-change', 2),
    ]).toMatchInlineSnapshot(`
[
  "nothing to land: the branch is equal to its base",
  "nothing to land: its base contains the branch already",
  "nothing to land: its commit is on its base already",
  "nothing to land: all 3 commits are on its base already",
  "nothing to land: its commit changes nothing against its base",
  "nothing to land: its 2 commits change nothing against its base",
]
`);
  });

  test('red names the failing tests to the author, with the end of the log', () => {
    const { findings } = mergeCheckVerdict(EACH.red[0], COMMITS);
    expect(findings.map(({ rule }) => rule)).toEqual(['red-run', 'red-test']);
    expect(findings[0]?.message).toContain('AssertionError: 1 == 2');
    expect(findings[1]?.message).toContain('suite > x');
  });

  test.each([
    [
      'npm',
      'npm error code ENOVERSION\nnpm error no such version\nnpm error A complete log of this run can be found in: /x/_logs/1.log',
    ],
    [
      'npm of old',
      'npm error no such version\nnpm ERR! \nnpm ERR! A complete log of this run can be found in:\nnpm ERR!     /x/_logs/1.log',
    ],
    ['pnpm', 'npm error no such version\n\u2009ELIFECYCLE\u2009 Command failed with exit code 1.\n'],
    [
      'yarn',
      'npm error no such version\nerror Command failed with exit code 1.\ninfo Visit https://a/b for documentation.',
    ],
  ])('a red main is told by what it said of the failure, not by the epilogue of %s', (_, excerpt) => {
    const certificate = { ...CERTIFICATE, baseRun: { ...RUN, excerpt } };
    const { reason } = mergeCheckVerdict({ kind: 'main-broken', base: COMMITS.base, certificate }, COMMITS);
    expect(reason).toMatch(/\(it ends with: npm error no such version\)$/);
  });

  test('a thousand conflicts are cut to what a person reads', () => {
    const paths = Array.from({ length: 1000 }, (_, index) => `f${index}`);
    const check = mergeCheckVerdict({ kind: 'conflicted', paths }, COMMITS);
    expect(check.findings).toHaveLength(50);
    expect(check.reason).toContain('1000 paths');
  });
});

describe('a machine fault', () => {
  const told = (verdict: MergeVerdict) => mergeCheckVerdict(verdict, COMMITS);
  const timedOut: RecordedRun = { ...RUN, outcome: 'infra', ending: 'timed-out' };

  test('is named with the verdict that it led to, whether a run or a git call hit it', () => {
    expect(told({ kind: 'infra', reason: 'late', run: timedOut })).toMatchObject({ trouble: 'timeout' });
    expect(told({ kind: 'infra', reason: 'full', trouble: 'disk' })).toMatchObject({ trouble: 'disk' });
    expect(told({ kind: 'tool-failed', reason: 'no git', trouble: 'tool' })).toMatchObject({ trouble: 'tool' });
  });

  test('is named for nothing else', () => {
    expect(told({ kind: 'timed-out', reason: 'late', run: timedOut })).not.toHaveProperty('trouble');
    expect(told({ kind: 'infra', reason: 'red twice, unsteady', run: RUN })).not.toHaveProperty('trouble');
    expect(told({ kind: 'flaky-blocked', first: timedOut, second: timedOut })).not.toHaveProperty('trouble');
  });
});
