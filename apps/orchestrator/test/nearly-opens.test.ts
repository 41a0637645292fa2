import { expect, test } from '@jest/globals';
import { nearlyOpens } from '../src/http/nearly-opens.ts';

const said = (reason: string, check = 'check_review_approved', status = 'fail') =>
  nearlyOpens({ check, status, reason });

test.each(['approved', '"APPROVED"', 'APPROVED with notes', 'Approved.', "'approved'"])(
  '%s is told what opens',
  (value) => {
    expect(said(`12-review.md says verdict: ${value}`)).toBe(
      'only `verdict: APPROVED` opens, to the letter: capitals count, and nothing stands beside it',
    );
  },
);

test('what says something else, or is no fail of a report, is told nothing', () => {
  expect(said('12-review.md says verdict: REJECTED')).toBeNull();
  expect(said('12-review.md says verdict: not approved')).toBeNull();
  expect(said('12-review.md says verdict: APPROVED', 'check_review_approved', 'pass')).toBeNull();
  expect(said('lint is red', 'check_ci_green')).toBeNull();
  expect(said('what', 'check_of_nobody')).toBeNull();
  expect(said('13-test-report.md says result: pass', 'check_tests_passed')).toContain('`result: PASS`');
});
