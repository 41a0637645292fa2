/** A report that does not say which lines ran: the total is judged, new lines are not known, and nobody is told otherwise. */
import { computeCoverageVerdict } from '@gatehouse/coverage-gate';
import { expect, test } from '@jest/globals';
import { uniteRuns } from '../src/flapping.ts';
import { added, measured, request } from './requests.ts';

const judged = (policy: 'off' | 'warn' | 'block') =>
  computeCoverageVerdict(
    request(
      measured(90, 100, { format: 'json-summary', totalsOnly: true }),
      null,
      { patch: { minPpm: 800_000, policy } },
      { patch: added('src/a.ts', 1, 9) },
    ),
  );

test('a patch rule that warns says that patch coverage is not known', () => {
  const verdict = judged('warn');
  expect(verdict).toMatchObject({ kind: 'passed', patch: null });
  expect(verdict.kind === 'passed' && verdict.warnings.join()).toContain('coverage_totals_only');
});

test('a patch rule that blocks cannot be held: that is unknown, and no fault of the change', () => {
  expect(judged('block')).toMatchObject({ kind: 'unknown', why: 'totals-only' });
});

test('without a patch rule there is nothing to say', () => {
  const verdict = judged('off');
  expect(verdict.kind === 'passed' && verdict.warnings.join()).not.toContain('totals_only');
});

test('of two runs the better one counts, since it is not known which lines each ran', () => {
  const run = (covered: number) => measured(covered, 100, { format: 'json-summary', totalsOnly: true }).measured;
  expect(uniteRuns(run(80), run(90))).toMatchObject({ covered: 90, total: 100, totalsOnly: true });
  expect(uniteRuns(run(90), run(80))).toMatchObject({ covered: 90, total: 100 });
});
