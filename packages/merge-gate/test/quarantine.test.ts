import {
  type CommandRun,
  checkBranchMergeable,
  createBaseRunQueue,
  type MergePorts,
  memoryLease,
  memoryTests,
  mergeCheckVerdict,
  type QuarantinedTest,
  type RecordedTests,
  type ResultPort,
  type TestPolicy,
  testIdentity,
} from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gateDigest } from '../src/digest.ts';
import { parsePolicy } from '../src/parse-request.ts';
import { judgeQuarantine, quarantineWarnings, shownName } from '../src/quarantine.ts';
import { POLICY, RUN_TESTS, ScratchRepository } from './scratch-repository.ts';

const entry = (name: string, changes: Partial<QuarantinedTest> = {}): QuarantinedTest => ({
  name,
  owner: 'ann',
  reason: 'races with the clock',
  expires: '2027-01-31',
  ...changes,
});
const apart = (...quarantine: readonly QuarantinedTest[]): TestPolicy => ({
  ...POLICY,
  flaky: 'quarantine',
  quarantine,
});
const NOON = Date.parse('2027-01-31T12:00:00Z');
const red = (tests: RecordedTests, changes: Partial<CommandRun> = {}): CommandRun => ({
  purpose: 'branch',
  commit: 'c',
  tree: 't',
  command: 'test',
  startedAt: NOON,
  durationMs: 1,
  outcome: 'red',
  ending: 'failed',
  reason: 'exit status 1',
  tests,
  level: 'group',
  leftovers: 0,
  verified: true,
  ...changes,
});
const BOTH: RecordedTests = { total: 9, failed: ['a', 'b'], failures: 2 };

describe('a red run', () => {
  test('all of whose failures are quarantined is green, and says whose they are and until when', () => {
    const policy = apart(entry('a'), entry('b', { owner: 'bob', expires: '2027-02-28' }));
    expect(judgeQuarantine(red(BOTH), policy)).toEqual({
      kind: 'green',
      run: expect.objectContaining({ outcome: 'green', ending: 'failed', tests: { total: 9, failures: 2 } }),
      setAside: ['a', 'b'],
      warning: 'quarantined: 2 tests failed and do not decide: a (ann, until 2027-01-31); b (bob, until 2027-02-28)',
    });
  });

  test('with another failure is judged on that one alone', () => {
    expect(judgeQuarantine(red(BOTH), apart(entry('a')))).toMatchObject({
      kind: 'red',
      setAside: ['a'],
      run: { outcome: 'red', tests: { total: 9, failed: ['b'] } },
    });
  });

  test.each<[string, CommandRun]>([
    ['does not count its failures', red({ total: 9, failed: ['a'] })],
    ['has failures without a name', red({ total: 9, failed: ['a'], failures: 2 })],
    ['does not count its tests', red({ failed: ['a'], failures: 1 })],
    ['ran too few tests', red({ total: 2, failed: ['a'], failures: 1 })],
    ['names nothing', red({ total: 9 })],
    ['is one of the setup', red({ total: 9, failed: ['a'], failures: 1 }, { purpose: 'setup' })],
    [
      'was ended from outside',
      red({ total: 9, failed: ['a'], failures: 1 }, { outcome: 'infra', ending: 'timed-out' }),
    ],
  ])('that %s stays as it is', (_, run) => {
    expect(judgeQuarantine(run, { ...apart(entry('a')), minTests: 3 })).toEqual({ kind: 'as-it-is' });
  });

  test('is not touched by a list while the mode is another', () => {
    for (const flaky of ['pass', 'block'] as const)
      expect(judgeQuarantine(red(BOTH), { ...apart(entry('a'), entry('b')), flaky })).toEqual({ kind: 'as-it-is' });
  });

  test.each([
    'jest --bail',
    'go test -failfast ./...',
    'pytest -x',
    'pytest tests -vx',
    'python -m pytest --maxfail=1',
    'cargo test --workspace',
    'npm test && npm run lint',
    'npm run test:unit && npm run test:e2e',
    'set -eu\nnpm test\nnpm run lint',
    'mocha -b test/*.js',
  ])('stays red where `%s` would have gone on after it', (command) => {
    const policy = { ...apart(entry('a'), entry('b')), command };
    expect(judgeQuarantine(red(BOTH), policy)).toEqual({ kind: 'as-it-is' });
    expect(quarantineWarnings(red(BOTH), policy)).toEqual([expect.stringMatching(/^quarantine-unused: /)]);
  });

  test.each([
    'npm test',
    'npm run build && npm test',
    'cd packages/a && pytest -q',
    'cargo test --no-fail-fast',
    RUN_TESTS,
  ])('may lose failures where `%s` runs everything', (command) => {
    expect(judgeQuarantine(red(BOTH), { ...apart(entry('a'), entry('b')), command })).toMatchObject({ kind: 'green' });
  });
});

test('an entry holds to the end of its last day in UTC, and then is a warning and decides again', () => {
  const policy = apart(entry('a'), entry('b'));
  const last = red(BOTH, { startedAt: Date.parse('2027-01-31T23:59:59.998Z') });
  expect([judgeQuarantine(last, policy).kind, quarantineWarnings(last, policy)]).toEqual(['green', []]);
  const late = red(BOTH, { startedAt: Date.parse('2027-01-31T23:59:59.999Z') });
  expect(judgeQuarantine(late, policy)).toEqual({ kind: 'as-it-is' });
  expect(quarantineWarnings(late, policy)).toEqual([
    'quarantine-expired: a (ann) decides again since 2027-01-31; mend it or renew its entry',
    'quarantine-expired: b (ann) decides again since 2027-01-31; mend it or renew its entry',
  ]);
});

test('hostile names are told in one bounded line, and a long one is found by its remembered form', () => {
  const names = ['\u001b[2Jgone\n::error::x', '\u202Egnp.exe', `${'x'.repeat(10_000)}`];
  for (const name of names) {
    expect(shownName(name).length).toBeLessThanOrEqual(160);
    expect(shownName(name)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
  expect(shownName('a\nb')).toBe('a\\u{a}b');
  const run = red({ total: 9, failed: names, failures: 3 });
  const short = `${'x'.repeat(287)}~`;
  const all = judgeQuarantine(run, apart(...names.map((name) => entry(testIdentity(name)))));
  expect(all).toMatchObject({ kind: 'green', setAside: names });
  const unknown = judgeQuarantine(run, apart(...names.slice(0, 2).map((name) => entry(name)), entry(short)));
  expect(unknown).toMatchObject({ kind: 'red', run: { tests: { failed: [names[2]] } } });
});

test('the list is part of the gate definition, in any order; without one the digest is what it was', () => {
  const [a, b] = [entry('a'), entry('b')];
  const digests = [
    POLICY,
    { ...POLICY, flaky: 'quarantine' as const },
    apart(a),
    apart(a, b),
    apart({ ...a, expires: '2027-03-01' }),
  ].map(gateDigest);
  expect(new Set(digests).size).toBe(digests.length);
  expect(gateDigest(apart(b, a))).toBe(gateDigest(apart(a, b)));
  expect(gateDigest({ ...POLICY, quarantine: [] })).toBe(gateDigest(POLICY));
});

test.each<[string, unknown]>([
  ['is no list', 'a'],
  ['has an entry without an owner', [{ ...entry('a'), owner: ' ' }]],
  ['has an entry without a date', [{ ...entry('a'), expires: 'soon' }]],
  ['has an entry that is none', [null]],
  ['has 21 entries', Array.from({ length: 21 }, (_, n) => entry(`t${n}`))],
])('a quarantine that %s is refused', (_, quarantine) => {
  const policy = { ...apart(), quarantine } as TestPolicy;
  expect(parsePolicy(policy)).toMatchObject({ kind: 'invalid', reason: expect.stringMatching(/^policy\.quarantine /) });
});

describe('a branch', () => {
  let scratch: ScratchRepository;
  beforeEach(async () => {
    scratch = await ScratchRepository.open();
  });
  afterEach(() => scratch.close());

  /** Every failure is in the report, so that it is counted. */
  const command = `( ${RUN_TESTS} ) > report.tap; code=$?; cat report.tap; exit $code`;
  const reported = { command, testReport: { format: 'tap', path: 'report.tap' } } as const;
  const far = { expires: '9999-12-31' };
  const policy: TestPolicy = { ...apart(entry('t/one.sh', far)), ...reported };
  const ask = async (branch: string, ports: Partial<MergePorts> = {}, changed: Partial<TestPolicy> = {}) =>
    checkBranchMergeable(await scratch.request(branch, { policy: { ...policy, ...changed } }), {
      lease: memoryLease(),
      ...ports,
    });

  test('that is red in quarantined tests only is mergeable after one run, said so and never kept as a green', async () => {
    scratch.commit('task', { 't/one.sh': 'false\n' });
    const recorded: string[] = [];
    const results: ResultPort = {
      lookup: async () => 'none',
      record: async (_, outcome) => void recorded.push(outcome),
    };
    const verdict = await ask('task', { results });
    expect(verdict).toMatchObject({
      kind: 'mergeable',
      evidence: { kind: 'quarantined', names: ['t/one.sh'], run: { outcome: 'green', exitCode: 1 } },
    });
    expect(mergeCheckVerdict(verdict, { base: '', head: '' })).toMatchObject({
      status: 'pass',
      reason: expect.stringContaining('all tests passed but those in quarantine (2 tests)'),
      warnings: ['quarantined: 1 test failed and do not decide: t/one.sh (ann, until 9999-12-31)'],
    });
    expect([scratch.story, recorded]).toEqual([['branch red'], []]);
  });

  test('that breaks another test is blamed for that one alone, also where main fails in quarantine', async () => {
    scratch.commit('main', { 't/one.sh': 'false\n' });
    scratch.commit('task', { 't/two.sh': 'false\n' });
    scratch.commit('next', { 't/two.sh': 'exit 3\n' });
    const base = createBaseRunQueue();
    for (const branch of ['task', 'next'])
      expect(await ask(branch, { base })).toMatchObject({ kind: 'red', certificate: { failing: ['t/two.sh'] } });
    // The record keeps what happened, whatever it counts as.
    expect(new Set(scratch.story)).toEqual(new Set(['branch red', 'branch-again red', 'base red']));
  });

  test('that breaks nothing lands on a main that fails in quarantine only, and waits for it without one', async () => {
    scratch.commit('main', { 't/one.sh': 'false\n' });
    scratch.commit('task', { 'a.txt': 'a\n' });
    expect(await ask('task')).toMatchObject({ kind: 'mergeable', evidence: { kind: 'quarantined' } });
    expect(await ask('task', {}, { flaky: 'pass' })).toMatchObject({ kind: 'main-broken' });
  });

  test('teaches the memory of tests what its runs showed, quarantined failures included', async () => {
    const tests = memoryTests();
    const toggles = 'test -e "$STATE" || { touch "$STATE"; false; }\n';
    scratch.commit('task', { 't/flaky.sh': toggles, 't/one.sh': toggles.replaceAll('$STATE', '$STATE.1') });
    const setEnv = { STATE: `${scratch.root}/state` };
    expect(await ask('task', { tests }, { setEnv })).toMatchObject({ evidence: { kind: 'flaky' } });
    expect(await tests.knownFlaky('acme/app', ['t/flaky.sh', 't/one.sh', 't/two.sh'])).toEqual([
      't/flaky.sh',
      't/one.sh',
    ]);
  });

  test('pays for a memory of tests that fails with a warning and no more', async () => {
    scratch.commit('task', { 'a.txt': 'a\n' });
    const broken = {
      testsRun: async () => null,
      knownFlaky: async () => [],
      record: async () => Promise.reject(new Error('disk full')),
    };
    expect(await ask('task', { tests: broken })).toMatchObject({
      kind: 'mergeable',
      warnings: ['tests-unrecorded: disk full'],
    });
  });
});
