/** The worked cases of the baseline rule and of every finding with a policy. */
import { type CoverageVerdict, computeCoverageVerdict, coverageCheckVerdict } from '@gatehouse/coverage-gate';
import { describe, expect, test } from '@jest/globals';
import { added, afterDeletion, baselineAt, COMMITS, lineSet, measured, range, request } from './requests.ts';

const broken = (verdict: CoverageVerdict): readonly string[] =>
  verdict.kind === 'passed' || verdict.kind === 'eroded' ? verdict.broken : [verdict.kind];

const judge = (...args: Parameters<typeof request>): CoverageVerdict => computeCoverageVerdict(request(...args));

describe('the absolute rule', () => {
  test.each([
    ['800/1000 reaches 80 %', 800, 1000, []],
    ['799/1000 does not reach 80 %', 799, 1000, ['absolute']],
    ['79999/100000 prints as 79.99 and does not reach 80 %', 79_999, 100_000, ['absolute']],
    ['2071/2072 is not 100 %', 2071, 2072, []],
  ])('without a baseline %s', (_, covered, total, expected) => {
    const verdict = judge(measured(covered, total), null);
    expect(broken(verdict)).toEqual(expected);
    expect(verdict).toMatchObject({ bootstrap: true });
  });

  test('a share just below the minimum is printed rounded down, never as the minimum', () => {
    const verdict = coverageCheckVerdict(judge(measured(79_999, 100_000), null));
    expect(verdict).toMatchObject({ status: 'fail' });
    expect(verdict.reason).toContain('79.99 % (79999/100000)');
    expect(verdict.findings[0]?.message).toContain('80.00 % are required');
  });

  test('mode absolute ignores a high mark', () => {
    expect(broken(judge(measured(85, 100), baselineAt(95, 100), { mode: 'absolute' }))).toEqual([]);
  });
});

describe('the baseline rule', () => {
  const at900 = baselineAt(900, 1000);
  test.each([
    ['an equal share holds', measured(900, 1000), at900, []],
    ['a loss of exactly epsilon holds', measured(899, 1000), at900, []],
    ['one line more than epsilon fails', measured(898, 1000), at900, ['baseline']],
    ['0.101 points fail where 0.1 are allowed', measured(89_899, 100_000), baselineAt(90_000, 100_000), ['baseline']],
    ['deleting covered code holds', measured(10, 20), baselineAt(90, 100), []],
    ['after a deletion, new uncovered code fails', measured(10, 25), afterDeletion([90, 100], [10, 20]), ['baseline']],
    ['after a deletion, new covered code holds', measured(15, 25), afterDeletion([90, 100], [10, 20]), []],
    ['after a deletion, growth as good as the mark holds', measured(105, 120), afterDeletion([90, 100], [10, 20]), []],
    [
      'after a deletion, growth worse than the mark fails',
      measured(50, 100),
      afterDeletion([90, 100], [10, 20]),
      ['baseline'],
    ],
    ['a low mark that is kept holds', measured(500, 1000), baselineAt(500, 1000), []],
  ])('%s', (_, head, baseline, expected) => {
    expect(broken(judge(head, baseline, { mode: 'baseline' }))).toEqual(expected);
  });

  test('no change is blamed for what base already lost', () => {
    const head = measured(890, 1000);
    expect(broken(judge(head, at900, { mode: 'baseline' }, { baseTree: { uncovered: 110, total: 1000 } }))).toEqual([]);
    expect(broken(judge(head, at900, { mode: 'baseline' }, { baseTree: { uncovered: 109, total: 1000 } }))).toEqual([
      'baseline',
    ]);
  });

  test('the reason carries the inequality in numbers', () => {
    const { reason } = coverageCheckVerdict(
      judge(measured(10, 25), afterDeletion([90, 100], [10, 20]), { mode: 'baseline' }),
    );
    expect(reason).toBe(
      'coverage fails (baseline): 40.00 % (10/25) of the lines; 15 uncovered > 10.525 allowed (10 + 10/100 × 5 + 1000 ppm × 25) and 15 > 10 on base',
    );
  });

  test('a baseline of another command is not compared with, and that is said', () => {
    const verdict = judge(measured(850, 1000), at900, {}, { commandHash: 'other' });
    expect(verdict).toMatchObject({ kind: 'passed', bootstrap: true });
    expect(coverageCheckVerdict(verdict).warnings.join()).toContain('coverage_baseline_incomparable');
  });
});

describe('patch coverage', () => {
  const patchOf = (covered: number, total: number): CoverageVerdict => {
    const lines = new Map([['src/a.ts', lineSet(range(1, total), range(1, covered))]]);
    return judge(
      measured(900, 1000, { lines }),
      null,
      { patch: { minPpm: 800_000, policy: 'block' } },
      {
        patch: added('src/a.ts', 1, 10),
      },
    );
  };

  test.each([
    ['8 of 10 reach 80 %', 8, 10, []],
    ['7 of 10 do not', 7, 10, ['patch']],
    ['one uncovered line is free', 0, 1, []],
    ['no measured line is no failure', 0, 0, []],
  ])('%s', (_, covered, total, expected) => {
    expect(broken(patchOf(covered, total))).toEqual(expected);
  });

  test('names the uncovered ranges', () => {
    const { findings } = coverageCheckVerdict(patchOf(7, 10));
    expect(findings.map(({ path, line, message }) => [path, line, message])).toContainEqual([
      'src/a.ts',
      8,
      'Lines 8 to 10 are not covered.',
    ]);
  });

  test('a warning does not block', () => {
    const lines = new Map([['src/a.ts', lineSet(range(1, 10), [])]]);
    const verdict = judge(
      measured(900, 1000, { lines }),
      null,
      { patch: { minPpm: 800_000, policy: 'warn' } },
      {
        patch: added('src/a.ts', 1, 10),
      },
    );
    expect(coverageCheckVerdict(verdict)).toMatchObject({ status: 'pass' });
    expect(coverageCheckVerdict(verdict).warnings.join()).toContain('coverage/patch');
  });

  test('a patch that ends beyond any line costs nothing to judge', () => {
    const lines = new Map([['src/a.ts', lineSet([1], [1])]]);
    const verdict = judge(
      measured(900, 1000, { lines }),
      null,
      { patch: { minPpm: 1, policy: 'block' } },
      {
        patch: added('src/a.ts', 1, Number.MAX_SAFE_INTEGER),
      },
    );
    expect(verdict).toMatchObject({ patch: { covered: 1, total: 1 } });
  });
});

describe('what is left out of the report', () => {
  const files = { 'src/a.ts': [790, 800] as const, 'src/big.ts': [10, 200] as const };
  const baseline = baselineAt(800, 1000, { files });
  const tracked = new Set(['src/a.ts', 'src/big.ts']);
  const head = measured(790, 800, { tracked, files: { 'src/a.ts': [790, 800] } });

  test('a vanished file counts as uncovered, so leaving it out lowers the share', () => {
    const verdict = judge(head, baseline, {}, { configs: ['.coveragerc'] });
    expect(broken(verdict)).toEqual(['absolute', 'baseline']);
    expect(verdict).toMatchObject({ head: { covered: 790, total: 1000 }, reported: { covered: 790, total: 800 } });
    expect(coverageCheckVerdict(verdict).findings.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['coverage/vanished', 'coverage/config_changed']),
    );
  });

  test('a deleted file has not vanished', () => {
    const deleted = measured(790, 800, { tracked: new Set(['src/a.ts']), files: { 'src/a.ts': [790, 800] } });
    expect(judge(deleted, baseline)).toMatchObject({
      kind: 'passed',
      head: { covered: 790, total: 800 },
      vanished: [],
    });
  });

  test('a renamed file that is measured under its new name has not vanished; unmeasured it has', () => {
    const patch = new Map([['src/new.ts', { status: 'R' as const, from: 'src/big.ts', added: [] }]]);
    const moved = new Set(['src/a.ts', 'src/new.ts']);
    const both = { 'src/a.ts': [790, 800] as const, 'src/new.ts': [10, 200] as const };
    const kept = judge(measured(800, 1000, { tracked: moved, files: both }), baseline, {}, { patch });
    expect(kept).toMatchObject({ kind: 'passed', vanished: [] });
    const lost = judge(
      measured(790, 800, { tracked: moved, files: { 'src/a.ts': [790, 800] } }),
      baseline,
      {},
      { patch },
    );
    expect(lost).toMatchObject({ kind: 'eroded', vanished: [{ path: 'src/new.ts', total: 200 }] });
  });

  test('the rule can be switched off by policy', () => {
    expect(judge(head, baseline, { vanished: 'off' })).toMatchObject({ kind: 'passed', head: { total: 800 } });
  });

  test('a new source file absent from the report warns, or fails when the policy blocks', () => {
    const patch = new Map([
      ['src/x.ts', { status: 'A' as const, added: [{ start: 1, end: 9 }] }],
      ['src/x.test.ts', { status: 'A' as const, added: [{ start: 1, end: 9 }] }],
      ['README.md', { status: 'M' as const, added: [{ start: 1, end: 9 }] }],
    ]);
    const warned = judge(measured(900, 1000), null, {}, { patch });
    expect(warned).toMatchObject({ kind: 'passed', unmeasured: ['src/x.ts'] });
    expect(broken(judge(measured(900, 1000), null, { unmeasured: 'block' }, { patch }))).toEqual(['unmeasured']);
    expect(judge(measured(900, 1000), null, { unmeasured: 'block', ignore: ['src/x'] }, { patch })).toMatchObject({
      unmeasured: [],
    });
  });

  test('added pragmas are uncovered patch lines and fail when the policy blocks', () => {
    const lines = new Map([['src/a.ts', lineSet([], [])]]);
    const pragmas = [2, 3, 4].map((line) => ({ path: 'src/a.ts', line, pragma: 'c8 ignore' }));
    const verdict = judge(
      measured(900, 1000, { lines }),
      null,
      { pragmas: 'block', patch: { minPpm: 800_000, policy: 'warn' } },
      {
        patch: added('src/a.ts', 1, 10),
        pragmas,
      },
    );
    expect(broken(verdict)).toEqual(['pragmas']);
    expect(verdict).toMatchObject({ patch: { covered: 0, total: 3, uncovered: [{ start: 2, end: 4 }] } });
  });
});

describe('a measurement that could not be made', () => {
  const unknown = { kind: 'unknown', why: 'timeout', reason: 'the coverage command took longer than 60 s' } as const;

  test('passes with a loud warning under an open policy', () => {
    expect(coverageCheckVerdict(judge(unknown, null))).toMatchObject({
      status: 'pass',
      warnings: ['coverage_unknown:timeout'],
    });
  });

  test('is an error under a closed policy', () => {
    expect(coverageCheckVerdict(judge(unknown, null, { failClosed: true }))).toMatchObject({
      status: 'error',
      cause: 'tool-failed',
      warnings: ['coverage_unknown:timeout'],
    });
  });

  test('zero measured lines are unknown, never a share', () => {
    expect(judge(measured(0, 0), null)).toMatchObject({ kind: 'unknown', why: 'nothing-measured' });
  });

  test('a machine that could not try defers and blames no change, even under an open policy', () => {
    const verdict = judge({ kind: 'infra', trouble: 'disk-full', reason: 'no space left' }, null);
    expect(coverageCheckVerdict(verdict)).toMatchObject({ status: 'defer', cause: 'infra', commits: COMMITS });
  });

  test('a crash opens nothing', () => {
    const crash = { kind: 'crashed', op: 'x', error: new Error('bug') } as const;
    expect(coverageCheckVerdict(judge(crash, null))).toMatchObject({ status: 'error', cause: 'crashed' });
  });

  test('a gate that is off says so', () => {
    expect(coverageCheckVerdict({ kind: 'skipped', reason: 'out of scope' })).toMatchObject({ status: 'skip' });
  });
});

test.each([
  ['a minimum that is no number', { minPpm: Number.NaN }],
  ['a negative epsilon', { epsilonPpm: -1 }],
  ['a fraction of a part per million', { minPpm: 0.5 }],
  ['an unknown mode', { mode: 'none' as 'both' }],
])('%s opens nothing, even under an open policy', (_, policy) => {
  expect(coverageCheckVerdict(judge(measured(1, 1), null, policy))).toMatchObject({
    status: 'error',
    cause: 'crashed',
  });
});

test.each([
  [-1, 10],
  [11, 10],
  [0.5, 10],
  [Number.NaN, 10],
  [1, 2 ** 31],
])('counts that cannot be (%d of %d) open nothing', (covered, total) => {
  expect(judge(measured(covered, total), null)).toMatchObject({ kind: 'crashed' });
});
