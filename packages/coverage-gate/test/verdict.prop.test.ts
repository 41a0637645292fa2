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

test('every verdict agrees with exact fractions', () => {
  let failures = 0;
  fc.assert(
    fc.property(cases, (sample) => {
      const verdict = verdictOf(sample);
      const expected = oracle(sample);
      failures += expected.length;
      expect(verdict).toMatchObject({ kind: expected.length === 0 ? 'passed' : 'eroded', broken: expected });
    }),
    { numRuns: 3000 },
  );
  expect(failures).toBeGreaterThan(100);
});

test('covering one more line never turns a pass into a fail', () => {
  fc.assert(
    fc.property(cases, (sample) => {
      const [covered, total] = sample.head;
      fc.pre(covered < total && verdictOf(sample).kind === 'passed');
      expect(verdictOf({ ...sample, head: [covered + 1, total] }).kind).toBe('passed');
    }),
    { numRuns: 2000 },
  );
});

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
