/** What the gate should say of each situation, and what is wrong with another answer. */

const said = (verdict) =>
  [
    verdict.reason,
    ...verdict.warnings,
    ...verdict.findings.map(({ rule, path, message }) => `${rule} ${path} ${message}`),
  ]
    .filter(Boolean)
    .join('\n');

/** A warning that every green of a runner without a count has says nothing of this branch. */
const OF_ANY_BRANCH = /^(?:tests-uncounted|test\.timeout)/;

/** `right`, or one of `false blame`, `silent pass`, `missed` (neither, and not the answer) and `not explained`. */
export function judge(situation, row, verdict) {
  if (verdict.status === undefined) return 'missed';
  return JUDGES[situation.split(':')[0]](verdict, row);
}

const innocent = (verdict) => (verdict.status === 'fail' ? 'false blame' : null);
const expected = (right) => (right ? 'right' : 'missed');

const JUDGES = {
  good: (verdict) => innocent(verdict) ?? expected(verdict.status === 'pass'),
  red: (verdict, row) => {
    if (verdict.status === 'pass') return 'silent pass';
    if (verdict.status !== 'fail') return 'missed';
    return row.red.names.test(said(verdict)) && /probability of at most/.test(verdict.reason)
      ? 'right'
      : 'not explained';
  },
  conflict: (verdict, row) => {
    if (verdict.status === 'pass') return 'silent pass';
    if (verdict.status !== 'fail') return 'missed';
    return verdict.findings.some(({ path }) => path === row.conflict.path) ? 'right' : 'not explained';
  },
  cheat: (verdict) => {
    if (verdict.status !== 'pass') return expected(verdict.status !== 'skip');
    return verdict.warnings.some((warning) => !OF_ANY_BRANCH.test(warning)) ? 'right' : 'silent pass';
  },
  flaky: (verdict) => innocent(verdict) ?? expected(verdict.status === 'pass' || verdict.cause === 'infra'),
  slow: (verdict) => innocent(verdict) ?? expected(verdict.cause === 'infra' && /time|deadline/.test(verdict.reason)),
  empty: (verdict) => innocent(verdict) ?? expected(verdict.code === 'nothing-to-land'),
};
