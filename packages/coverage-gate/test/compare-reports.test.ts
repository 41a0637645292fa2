/** Two reports beside each other, and several runs of one commit: what differs, by line. */
import { calibrateEpsilon, compareReports, type Measured, readReport } from '@gatehouse/coverage-gate';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lineSet, measured, range } from './requests.ts';

async function lcov(files: Readonly<Record<string, string>>) {
  const records = Object.entries(files).map(
    ([path, lines]) =>
      `SF:${path}\n${lines
        .split(' ')
        .map((line) => `DA:${line}\n`)
        .join('')}end_of_record\n`,
  );
  const report = await readReport({ bytes: Buffer.from(records.join('')), name: 'lcov.info' });
  if (report.kind !== 'read') throw new Error(report.kind);
  return report;
}

test('a comparison names the lines that are covered no more, and now, and files of one report alone', async () => {
  const before = await lcov({ a: '1,1 2,1 3,1 5,0', same: '1,1', gone: '1,1' });
  const after = await lcov({ a: '1,1 2,0 3,0 5,2 9,1', same: '1,7', new: '4,0' });
  expect(compareReports(before, after)).toEqual({
    before: { covered: 5, total: 6 },
    after: { covered: 4, total: 7 },
    files: [
      {
        path: 'a',
        before: { covered: 3, total: 4 },
        after: { covered: 3, total: 5 },
        lost: [{ start: 2, end: 3 }],
        won: [
          { start: 5, end: 5 },
          { start: 9, end: 9 },
        ],
        missing: [],
      },
      {
        path: 'gone',
        before: { covered: 1, total: 1 },
        after: null,
        lost: [{ start: 1, end: 1 }],
        won: [],
        missing: [],
      },
      {
        path: 'new',
        before: null,
        after: { covered: 0, total: 1 },
        lost: [],
        won: [],
        missing: [{ start: 4, end: 4 }],
      },
    ],
  });
});

const run = (hit: readonly number[], total = 100): Measured =>
  measured(hit.length, total, { lines: new Map([['src/a.ts', lineSet(range(1, total), hit)]]) }).measured;

describe('a calibration', () => {
  test('names the lines that flap and proposes twice the amplitude', () => {
    expect(calibrateEpsilon([run(range(1, 90)), run(range(1, 88)), run([...range(1, 88), 90])])).toEqual({
      low: { covered: 88, total: 100 },
      high: { covered: 90, total: 100 },
      amplitudePpm: 20_000,
      epsilonPpm: 40_000,
      flapping: [{ path: 'src/a.ts', start: 89, end: 90 }],
    });
  });

  test('of equal runs proposes no tolerance', () => {
    expect(calibrateEpsilon([run([1, 2]), run([1, 2])])).toMatchObject({
      amplitudePpm: 0,
      epsilonPpm: 0,
      flapping: [],
    });
  });

  test('of runs with other lines rounds up', () => {
    expect(calibrateEpsilon([run([1, 2], 3), run([1, 2, 3], 7)])).toMatchObject({
      amplitudePpm: 238_096,
      epsilonPpm: 476_200,
    });
  });

  test('any two of its runs lie within half of what it proposes', () => {
    const counts = fc
      .integer({ min: 1, max: 2 ** 20 })
      .chain((total) => fc.tuple(fc.nat({ max: total }), fc.constant(total)));
    fc.assert(
      fc.property(fc.array(counts, { minLength: 1, maxLength: 8 }), (runs) => {
        const answer = calibrateEpsilon(runs.map(([covered, total]) => measured(covered, total).measured));
        if ('kind' in answer) throw answer.error;
        for (const [c, t] of runs)
          for (const [d, u] of runs)
            expect(
              2n * (BigInt(c) * BigInt(u) - BigInt(d) * BigInt(t)) * 1_000_000n <=
                BigInt(answer.epsilonPpm) * BigInt(t) * BigInt(u),
            ).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('of nothing is no calibration', () => {
    expect(calibrateEpsilon([])).toMatchObject({ kind: 'crashed' });
  });
});
