/** Laws of the verdict, against an oracle that computes with fractions instead of multiplied-out integers. */
import { type Baseline, type CoverageVerdict, computeCoverageVerdict } from '@gatehouse/coverage-gate';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { afterDeletion, baselineAt, measured, request } from './requests.ts';

/** A rational number in lowest terms; deliberately not how the gate computes. */
class Fraction {
  readonly n: bigint;
  readonly d: bigint;
  constructor(n: bigint, d: bigint) {
    const divisor = gcd(n < 0n ? -n : n, d);
    this.n = n / divisor;
    this.d = d / divisor;
  }
  static of(n: number, d = 1): Fraction {
    return new Fraction(BigInt(n), BigInt(d));
  }
  plus(o: Fraction): Fraction {
    return new Fraction(this.n * o.d + o.n * this.d, this.d * o.d);
  }
  times(o: Fraction): Fraction {
    return new Fraction(this.n * o.n, this.d * o.d);
  }
  minus(o: Fraction): Fraction {
    return this.plus(new Fraction(-o.n, o.d));
  }
  above(o: Fraction): boolean {
    return this.n * o.d > o.n * this.d;
  }
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a === 0n ? 1n : a) : gcd(b, a % b));

interface Case {
  readonly head: readonly [number, number];
  readonly mark: readonly [number, number];
  readonly ref: readonly [number, number];
  readonly base: readonly [number, number];
  readonly minPpm: number;
  readonly epsilonPpm: number;
}

const counts = (max: number): fc.Arbitrary<readonly [number, number]> =>
  fc.integer({ min: 1, max }).chain((total) => fc.tuple(fc.integer({ min: 0, max: total }), fc.constant(total)));

const sized = fc.constantFrom(12, 200, 2 ** 31 - 1);
const cases: fc.Arbitrary<Case> = sized.chain((max) =>
  fc.record({
    head: counts(max),
    mark: counts(max),
    ref: counts(max),
    base: counts(max),
    minPpm: fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.constantFrom(0, 500_000, 800_000, 1_000_000)),
    epsilonPpm: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.constantFrom(0, 1000)),
  }),
);

function verdictOf({ head, mark, ref, base, minPpm, epsilonPpm }: Case): CoverageVerdict {
  const baseline: Baseline = {
    ...baselineAt(...mark),
    ref: { uncovered: ref[1] - ref[0], total: ref[1] },
    last: { ...baselineAt(...base).last },
  };
  return computeCoverageVerdict(request(measured(...head), baseline, { mode: 'both', minPpm, epsilonPpm }));
}

function oracle({ head, mark, ref, base, minPpm, epsilonPpm }: Case): string[] {
  const [covered, total] = head;
  const rules: string[] = [];
  if (Fraction.of(minPpm, 1_000_000).above(Fraction.of(covered, total))) rules.push('absolute');
  const share = Fraction.of(mark[0], mark[1]);
  const budget = Fraction.of(ref[1] - ref[0])
    .plus(
      Fraction.of(1)
        .minus(share)
        .times(Fraction.of(Math.max(0, total - ref[1]))),
    )
    .plus(Fraction.of(epsilonPpm, 1_000_000).times(Fraction.of(total)));
  const uncovered = Fraction.of(total - covered);
  if (uncovered.above(budget) && uncovered.above(Fraction.of(base[1] - base[0]))) rules.push('baseline');
  return rules;
}

const isWhole = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';
const EXTENT = isWhole ? '100,000 of them' : 'a few thousand; GATEHOUSE_REQUIRE_TOOLS=1 tries 100,000';

const WHOLE_MS = 600_000;

const brokenOf = (verdict: CoverageVerdict): readonly string[] =>
  'broken' in verdict ? verdict.broken : [verdict.kind];

test(
  `every verdict agrees with exact fractions (${EXTENT})`,
  () => {
    let failures = 0;
    fc.assert(
      fc.property(cases, (sample) => {
        const verdict = verdictOf(sample);
        const expected = oracle(sample);
        failures += expected.length;
        expect([verdict.kind, brokenOf(verdict)]).toEqual([expected.length === 0 ? 'passed' : 'eroded', expected]);
      }),
      { numRuns: isWhole ? 100_000 : 3000 },
    );
    expect(failures).toBeGreaterThan(100);
  },
  WHOLE_MS,
);

test(
  `covering one more line never turns a pass into a fail (${EXTENT})`,
  () => {
    fc.assert(
      fc.property(cases, (sample) => {
        const [covered, total] = sample.head;
        fc.pre(covered < total && verdictOf(sample).kind === 'passed');
        expect(verdictOf({ ...sample, head: [covered + 1, total] }).kind).toBe('passed');
      }),
      { numRuns: isWhole ? 100_000 : 2000 },
    );
  },
  WHOLE_MS,
);

test('deleting code, covered or not, never breaks the baseline rule', () => {
  const shrinking = counts(500).chain(([covered, total]) =>
    fc.tuple(
      fc.constant([covered, total] as const),
      fc.integer({ min: 0, max: covered }),
      fc.integer({ min: 0, max: total - covered }),
    ),
  );
  fc.assert(
    fc.property(shrinking, ([[covered, total], less, lessUncovered]) => {
      const left = total - less - lessUncovered;
      fc.pre(left > 0);
      const head = measured(covered - less, left);
      expect(computeCoverageVerdict(request(head, baselineAt(covered, total), { mode: 'baseline' })).kind).toBe(
        'passed',
      );
    }),
    { numRuns: 1000 },
  );
});

test('an untouched tree holds after any deletion', () => {
  fc.assert(
    fc.property(counts(500), counts(500), (mark, shrunk) => {
      const verdict = computeCoverageVerdict(
        request(measured(...shrunk), afterDeletion(mark, shrunk), { mode: 'baseline', epsilonPpm: 0 }),
      );
      expect(verdict.kind).toBe('passed');
    }),
  );
});

const partCases = fc.record({
  before: fc.array(counts(60), { minLength: 1, maxLength: 6 }),
  after: fc.array(counts(60), { minLength: 1, maxLength: 6 }),
  changed: fc.uniqueArray(fc.integer({ min: 0, max: 5 })),
  minPpm: fc.integer({ min: 0, max: 1_000_000 }),
  slack: fc.integer({ min: 0, max: 5 }),
  epsilonPpm: fc.constantFrom(0, 1000, 50_000),
});

/** The rules about parts and missing lines, with fractions: per file, per label, and what an unchanged file lost. */
function partOracle({
  before,
  after,
  changed,
  minPpm,
  slack,
  epsilonPpm,
}: typeof partCases extends fc.Arbitrary<infer T> ? T : never) {
  const rules = new Set<string>();
  const min = Fraction.of(minPpm, 1_000_000);
  const isLow = (covered: number, total: number): boolean =>
    min.above(Fraction.of(covered, total)) && total - covered > slack;
  let labelled: readonly [number, number] = [0, 0];
  let missing = 0;
  for (const [at, counted] of after.entries()) {
    const [covered, reported] = counted;
    const was = before[at];
    const isChanged = changed.includes(at);
    const lost = was !== undefined && !isChanged && was[1] > reported ? was[1] - reported : 0;
    missing += lost;
    const total = reported + lost;
    labelled = [labelled[0] + covered, labelled[1] + total];
    if (!isChanged) continue;
    const fell =
      was !== undefined &&
      total - covered - (was[1] - was[0]) > slack &&
      Fraction.of(was[0], was[1]).minus(Fraction.of(epsilonPpm, 1_000_000)).above(Fraction.of(covered, total));
    if (isLow(covered, total) || fell) rules.add('perFile');
  }
  if (isLow(...labelled)) rules.add('labels');
  if (missing > slack) rules.add('shrunk');
  return ['perFile', 'labels', 'shrunk'].filter((rule) => rules.has(rule));
}

test(
  `rules about files, labels and missing lines agree with exact fractions (${EXTENT})`,
  () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(partCases, (sample) => {
        const { before, after, changed, minPpm, slack, epsilonPpm } = sample;
        const named = (all: typeof before) =>
          Object.fromEntries(all.map((counted, at) => [`src/${at}.ts`, counted] as const));
        const sums = (all: typeof before) =>
          [all.reduce((sum, [c]) => sum + c, 0), all.reduce((sum, [, t]) => sum + t, 0)] as const;
        const patch = new Map(changed.map((at) => [`src/${at}.ts`, { status: 'M' as const, added: [] }]));
        const tracked = new Set(after.map((_, at) => `src/${at}.ts`));
        const head = measured(...sums(after), { files: named(after), tracked });
        const verdict = computeCoverageVerdict(
          request(
            head,
            baselineAt(...sums(before), { files: named(before) }),
            {
              ...{ mode: 'absolute', minPpm: null, epsilonPpm, shrunk: { policy: 'block', slack } },
              perFile: { policy: 'block', minPpm, slackLines: slack },
              labels: [{ label: 'all', paths: ['src/'], policy: 'block', minPpm, slackLines: slack }],
            },
            { patch, sinceBaseline: patch },
          ),
        );
        const expected = partOracle(sample);
        for (const rule of expected) met.add(rule);
        expect(brokenOf(verdict)).toEqual(expected);
      }),
      { numRuns: isWhole ? 100_000 : 2000 },
    );
    expect(met.size).toBe(3);
  },
  WHOLE_MS,
);
