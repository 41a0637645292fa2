/** The rules about parts of a change: lines, files, labels, and what is missing from the report. */
import {
  type Baseline,
  type CoveragePolicy,
  type CoverageVerdictRequest,
  computeCoverageVerdict,
  type FileCounts,
  type MeasuredOutcome,
  ratchetBaseline,
} from '@gatehouse/coverage-gate';
import { LeaseProof } from '@gatehouse/verdict';
import { describe, expect, test } from '@jest/globals';
import { added, baselineAt, lineSet, measured, range, request } from './requests.ts';

const tracked = new Set(['src/a.ts', 'src/b.ts', 'api/x.ts', 'generated/g.ts']);

function of(files: Readonly<Record<string, FileCounts>>): MeasuredOutcome {
  const [covered, total] = sums(files);
  return measured(covered, total, { files, tracked });
}

function baselineOf(files: Readonly<Record<string, FileCounts>>, more: Partial<Baseline> = {}): Baseline {
  const [covered, total] = sums(files);
  return baselineAt(covered, total, { files, ...more });
}

const sums = (files: Readonly<Record<string, FileCounts>>): readonly [number, number] => [
  Object.values(files).reduce((sum, [covered]) => sum + covered, 0),
  Object.values(files).reduce((sum, [, total]) => sum + total, 0),
];

const judge = (
  measurement: MeasuredOutcome,
  baseline: Baseline | null,
  policy: Partial<CoveragePolicy>,
  more: Partial<CoverageVerdictRequest> = {},
) => computeCoverageVerdict(request(measurement, baseline, { mode: 'baseline', ...policy }, more));

const NOTHING = new Map();

describe('added lines', () => {
  const block = {
    mode: 'absolute',
    minPpm: null,
    patch: { minPpm: 1_000_000, policy: 'block', slackLines: 0 },
  } as const;
  const ask = (seen: readonly number[], hit: readonly number[], more: Partial<CoverageVerdictRequest>) =>
    judge(measured(90, 100, { lines: new Map([['src/a.ts', lineSet(seen, hit)]]) }), null, block, more);

  test('a line added inside a statement counts as the statement, which the report has on its first line', () => {
    const continued = new Map([['src/a.ts', new Map([[12, [11, 10]]])]]);
    const more = { patch: added('src/a.ts', 12, 12), continued };
    expect(ask([9, 10], [9], more)).toMatchObject({
      kind: 'eroded',
      patch: { covered: 0, total: 1, uncovered: [{ path: 'src/a.ts', start: 12, end: 12 }] },
    });
    expect(ask([9, 10], [9, 10], more)).toMatchObject({ kind: 'passed', patch: { covered: 1, total: 1 } });
  });

  test('a statement whose first line was added, too, counts once', () => {
    const continued = new Map([
      [
        'src/a.ts',
        new Map([
          [11, [10]],
          [12, [11, 10]],
        ]),
      ],
    ]);
    expect(ask([10], [], { patch: added('src/a.ts', 10, 12), continued })).toMatchObject({ patch: { total: 1 } });
  });

  test('every line that one comment hides counts as uncovered, but for those the report has', () => {
    const pragmas = [{ path: 'src/a.ts', line: 1, pragma: 'istanbul ignore next', hides: [{ start: 2, end: 101 }] }];
    const answer = ask([50], [50], { patch: added('src/a.ts', 1, 2), pragmas });
    expect(answer).toMatchObject({ kind: 'eroded', patch: { covered: 0, total: 99 } });
    expect(answer).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({
          rule: 'coverage/pragma',
          message: expect.stringContaining('the 100 lines it hides'),
        }),
      ]),
    });
  });

  test('lines of an ignored path count in no rule about lines', () => {
    const pragmas = [{ path: 'src/a.ts', line: 1, pragma: 'c8 ignore' }];
    const policy = { ...block, pragmas: 'block', ignore: ['src/'] } as const;
    const lines = new Map([['src/a.ts', lineSet(range(1, 9), [])]]);
    const more = { patch: added('src/a.ts', 1, 9), pragmas };
    expect(judge(measured(90, 100, { lines }), null, policy, more)).toMatchObject({ kind: 'passed', pragmas: [] });
  });
});

describe('lines missing from the report', () => {
  const before = { 'src/a.ts': [10, 10], 'src/b.ts': [40, 100] } as const;
  const smaller = { 'src/a.ts': [10, 10], 'src/b.ts': [40, 50] } as const;

  test('of a file nobody changed count as uncovered, and are said', () => {
    expect(judge(of(smaller), baselineOf(before), {}, { sinceBaseline: NOTHING })).toMatchObject({
      kind: 'passed',
      reported: { covered: 50, total: 60 },
      head: { covered: 50, total: 110 },
      shrunk: [{ path: 'src/b.ts', missing: 50 }],
      findings: [{ rule: 'coverage/denominator_shrunk', path: 'src/b.ts' }],
    });
  });

  test('fail when the policy blocks, beyond the slack', () => {
    const ask = (shrunk: CoveragePolicy['shrunk']) =>
      judge(of(smaller), baselineOf(before), shrunk === undefined ? {} : { shrunk }, { sinceBaseline: NOTHING });
    expect(ask('block')).toMatchObject({ kind: 'eroded', broken: ['shrunk'] });
    expect(ask({ policy: 'block', slack: 49 })).toMatchObject({ kind: 'eroded' });
    expect(ask({ policy: 'block', slack: 50 })).toMatchObject({ kind: 'passed', shrunk: [{ missing: 50 }] });
    expect(ask('off')).toMatchObject({ kind: 'passed', shrunk: [], head: { total: 60 } });
  });

  test('of a changed file, or where nothing is known of the way, say nothing', () => {
    const changed = added('src/b.ts', 1, 2);
    for (const sinceBaseline of [changed, null]) {
      expect(judge(of(smaller), baselineOf(before), {}, { sinceBaseline })).toMatchObject({
        shrunk: [],
        head: { total: 60 },
      });
    }
  });

  test('main that lost the same lines is to blame, not the change', () => {
    const more = { sinceBaseline: NOTHING, baseTree: { uncovered: 60, total: 110 } };
    const lost = of({ 'src/a.ts': [10, 10], 'src/b.ts': [20, 50] });
    expect(judge(lost, baselineOf(before), {}, { sinceBaseline: NOTHING })).toMatchObject({ broken: ['baseline'] });
    expect(judge(lost, baselineOf(before), {}, { ...more, baseTree: { uncovered: 80, total: 110 } })).toMatchObject({
      kind: 'passed',
    });
  });
});

describe('a label', () => {
  const api = { label: 'api', paths: ['api/'], policy: 'block', minPpm: 900_000 } as const;
  const before = { 'src/a.ts': [10, 10], 'api/x.ts': [95, 100] } as const;

  test('below its own minimum fails, beyond its slack', () => {
    const low = of({ 'src/a.ts': [10, 10], 'api/x.ts': [80, 100] });
    expect(judge(low, null, { labels: [api] })).toMatchObject({
      kind: 'eroded',
      broken: ['labels'],
      findings: [{ rule: 'coverage/label', message: expect.stringContaining('api: 80.00 % (80/100)') }],
    });
    expect(judge(low, null, { labels: [{ ...api, slackLines: 20 }] })).toMatchObject({ kind: 'passed' });
    expect(judge(low, null, { labels: [{ ...api, policy: 'warn' }] })).toMatchObject({ kind: 'passed' });
  });

  test('without paths is about what the report with its name measures, whatever files those are', () => {
    const files = { 'src/a.ts': [10, 10], 'api/x.ts': [80, 100] } as const;
    const byLabel = { api: { covered: 40, total: 110 }, unit: { covered: 60, total: 60 } };
    const { paths: _, ...rule } = api;
    const head = measured(90, 110, { files, tracked, byLabel });
    expect(judge(head, null, { labels: [{ ...rule, label: 'unit' }] })).toMatchObject({ kind: 'passed' });
    expect(judge(head, null, { labels: [rule] })).toMatchObject({
      broken: ['labels'],
      findings: [{ message: expect.stringContaining('api: 36.36 % (40/110)') }],
    });
    for (const label of ['slow', 'toString'])
      expect(judge(head, null, { labels: [{ ...rule, label }] })).toMatchObject({
        findings: [{ message: expect.stringContaining('no report has this label') }],
      });
    expect(judge(of(files), null, { labels: [rule] })).toMatchObject({ broken: ['labels'] });
  });

  test('of two below their share the one that only warns says that it does not block', () => {
    const both = [{ ...api, label: 'hint', policy: 'warn' as const }, api];
    const verdict = judge(of({ 'src/a.ts': [10, 10], 'api/x.ts': [8, 10] }), null, { labels: both });
    expect(verdict).toMatchObject({ kind: 'eroded', broken: ['labels'] });
    if (verdict.kind !== 'eroded') throw new Error(verdict.kind);
    expect(verdict.findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^\(does not block\) hint: 80\.00 %/),
      expect.stringMatching(/^api: 80\.00 %/),
    ]);
    expect(verdict.warnings.filter((text) => text.startsWith('coverage/label'))).toHaveLength(1);
  });

  test('of which nothing is measured does not reach its minimum', () => {
    expect(judge(of({ 'src/a.ts': [10, 10] }), null, { labels: [api] })).toMatchObject({ broken: ['labels'] });
  });

  test('that carries forward keeps its landed counts while a report covers another part, and says so', () => {
    const labels = [{ ...api, carryForward: true }];
    const more = { sinceBaseline: added('src/a.ts', 1, 2) };
    expect(judge(of({ 'src/a.ts': [11, 11] }), baselineOf(before), { labels }, more)).toMatchObject({
      kind: 'passed',
      head: { covered: 106, total: 111 },
      vanished: [],
      carried: [{ label: 'api', covered: 95, total: 100 }],
      warnings: [expect.stringContaining('coverage_carried: api')],
    });
  });

  test('is not carried over a change of its own files, nor in part', () => {
    const labels = [{ ...api, policy: 'warn' as const, carryForward: true }];
    const own = judge(
      of({ 'src/a.ts': [10, 10] }),
      baselineOf(before),
      { labels },
      { sinceBaseline: added('api/x.ts', 1, 1) },
    );
    expect(own).toMatchObject({ carried: [], vanished: [{ path: 'api/x.ts' }], broken: ['baseline'] });
    const unknown = judge(of({ 'src/a.ts': [10, 10] }), baselineOf(before), { labels });
    expect(unknown).toMatchObject({ carried: [] });
  });
});

describe('a changed file', () => {
  const perFile = { policy: 'block' } as const;
  const patch = added('src/b.ts', 1, 2);
  const before = baselineOf({ 'src/a.ts': [900, 900], 'src/b.ts': [80, 100] });

  test('that lost more than the slack and share fails, however good the rest is', () => {
    const ask = (covered: number, total: number) =>
      judge(
        of({ 'src/a.ts': [950, 950], 'src/b.ts': [covered, total] }),
        before,
        { perFile, epsilonPpm: 100_000 },
        { patch },
      );
    expect(ask(75, 110)).toMatchObject({ kind: 'eroded', broken: ['perFile'], files: [{ name: 'src/b.ts' }] });
    expect(ask(80, 102)).toMatchObject({ kind: 'passed' });
    expect(ask(160, 200)).toMatchObject({ kind: 'passed' });
  });

  test('below its least share fails, an unchanged one does not', () => {
    const rule = { perFile: { policy: 'block', minPpm: 900_000 } } as const;
    const head = of({ 'src/a.ts': [900, 900], 'src/b.ts': [80, 100] });
    expect(judge(head, before, rule, { patch })).toMatchObject({ broken: ['perFile'] });
    expect(judge(head, before, rule, { patch: NOTHING })).toMatchObject({ kind: 'passed' });
    expect(judge(head, before, { ...rule, ignore: ['src/'] }, { patch })).toMatchObject({ kind: 'passed' });
  });

  test('that was renamed is compared with what it was', () => {
    const moved = new Map([['src/b.ts', { status: 'R', from: 'src/old.ts', added: [] } as const]]);
    const old = baselineOf({ 'src/a.ts': [900, 900], 'src/old.ts': [80, 100] });
    const ask = (covered: number) =>
      judge(
        of({ 'src/a.ts': [900, 900], 'src/b.ts': [covered, 100] }),
        old,
        { perFile, epsilonPpm: 100_000 },
        { patch: moved },
      );
    expect(ask(80)).toMatchObject({ kind: 'passed' });
    expect(ask(60)).toMatchObject({ broken: ['perFile'] });
  });
});

describe('lines that flap', () => {
  const lines = new Map([['src/a.ts', lineSet(range(1, 10), range(1, 8))]]);
  const head = measured(8, 10, { lines, tracked });
  const known = baselineAt(10, 10, { flapping: { 'src/a.ts': [9, 10, 11] } });

  test('and are known count as covered while their file stays as it is', () => {
    expect(judge(head, known, { epsilonPpm: 0 }, { sinceBaseline: NOTHING })).toMatchObject({
      kind: 'passed',
      head: { covered: 10, total: 10 },
      flapping: 3,
      warnings: [expect.stringContaining('coverage_flapping: 3 lines')],
    });
    const changed = judge(head, known, { epsilonPpm: 0 }, { sinceBaseline: added('src/a.ts', 1, 1) });
    expect(changed).toMatchObject({ kind: 'eroded', flapping: 0 });
  });

  test('are remembered with what landed, and forgotten with what did not know them', async () => {
    let stored: Baseline | null = null;
    const store = {
      read: async () => stored,
      compareAndSet: async (_: number, next: Baseline) => {
        stored = next;
        return true;
      },
    };
    const land = (commit: string, flapping?: Record<string, number[]>) => {
      const landed = {
        tree: commit,
        commit,
        commandHash: 'h',
        measured: { ...head.measured, ...(flapping ? { flapping } : {}) },
      };
      return ratchetBaseline({ store, proof: new LeaseProof('r', 'h', 1), landed });
    };
    await land('one', { 'src/a.ts': [9] });
    expect(stored).toMatchObject({ flapping: { 'src/a.ts': [9] } });
    await land('two');
    expect(stored).not.toHaveProperty('flapping');
  });
});

test.each([
  ['a policy no rule has', { vanished: 'maybe' as 'warn' }],
  ['a slack that is no count', { config: { policy: 'block', slack: -1 } } as const],
  ['a label without paths', { labels: [{ label: 'x', paths: [], policy: 'block' }] } as const],
  ['a share above one', { perFile: { policy: 'block', minPpm: 2_000_000 } } as const],
])('%s opens nothing', (_, policy) => {
  expect(judge(of({ 'src/a.ts': [1, 1] }), null, policy)).toMatchObject({ kind: 'crashed' });
});
