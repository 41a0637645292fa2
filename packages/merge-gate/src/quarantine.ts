/**
 * Tests that run and are shown, but do not decide (`flaky: quarantine`). Only a red whose every failure is counted and named
 * can lose some of them; anything less stays red. Pure: an entry ends by the time of the run, so that a remembered run is judged
 * as it was.
 */
import type { CommandRun } from '@gatehouse/gate-run';
import type { QuarantinedTest, TestPolicy } from './request.ts';
import { namesAll, testIdentity } from './test-history.ts';

/** More entries than this are refused: a quarantine is a list of debts, not a place to keep them. */
export const MAX_QUARANTINED = 20;
const DAY_MS = 86_400_000;
const SHOWN_CHARS = 120;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** What is left of a run once the quarantined tests do not decide. */
export type QuarantineJudgement =
  /** No failure is set aside. */
  | { readonly kind: 'as-it-is' }
  /** Every failure is set aside: `run` counts as green, with a warning, and never as a first-try green. */
  | { readonly kind: 'green'; readonly run: CommandRun; readonly setAside: readonly string[]; readonly warning: string }
  /** Judged on the failures that are left in `run`. */
  | { readonly kind: 'red'; readonly run: CommandRun; readonly setAside: readonly string[] };

/** Judges one run of the test command. The `run` of the answer is a copy that holds what decides; the record keeps what happened. */
export function judgeQuarantine(run: CommandRun, policy: TestPolicy): QuarantineJudgement {
  if (run.outcome !== 'red' || run.purpose === 'setup') return { kind: 'as-it-is' };
  const failed = run.tests?.failed ?? [];
  const entries = new Map(entriesAt(policy, endOf(run)).map((entry) => [testIdentity(entry.name), entry]));
  const setAside = failed.filter((name) => entries.has(testIdentity(name)));
  if (setAside.length === 0) return { kind: 'as-it-is' };
  if (setAside.length < failed.length) {
    const left = failed.filter((name) => !entries.has(testIdentity(name)));
    return { kind: 'red', run: { ...run, tests: { ...run.tests, failed: left } }, setAside };
  }
  const enough = (run.tests?.total ?? 0) >= Math.max(1, policy.minTests);
  if (!enough || !namesAll(run, failed) || hidesTheRest(policy.command)) return { kind: 'as-it-is' };
  const named = setAside.flatMap((name) => entries.get(testIdentity(name)) ?? []).map(shownEntry);
  const warning = `quarantined: ${failing(setAside)} and do not decide: ${named.join('; ')}`;
  const { failed: _, ...tests } = run.tests ?? {};
  return {
    kind: 'green',
    run: { ...run, outcome: 'green', reason: `${run.reason}; ${warning}`, tests },
    setAside,
    warning,
  };
}

/** What the operator should hear about the list itself, whatever the run said. */
export function quarantineWarnings(run: CommandRun, policy: TestPolicy): readonly string[] {
  if (policy.flaky !== 'quarantine') return [];
  const now = endOf(run);
  const over = (policy.quarantine ?? []).filter((entry) => !isQuarantineOpen(entry, now));
  const expired = over.map(
    ({ name, owner, expires }) =>
      `quarantine-expired: ${shownName(name)} (${shownName(owner)}) decides again since ${shownName(expires)}; mend it or renew its entry`,
  );
  const hidden =
    hidesTheRest(policy.command) && over.length < (policy.quarantine ?? []).length
      ? ['quarantine-unused: the test command ends at its first failure, so nothing shows that the other tests pass']
      : [];
  return [...expired, ...hidden];
}

/** The first thing that makes a quarantine meaningless; null: it can be used. */
export function quarantineFault(entries: unknown): string | null {
  if (!Array.isArray(entries)) return 'must be a list';
  if (entries.length > MAX_QUARANTINED) return `has more than ${MAX_QUARANTINED} entries`;
  const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';
  const whole = entries.every((entry: Partial<QuarantinedTest> | null) => {
    const { name, owner, reason, expires } = entry ?? {};
    return [name, owner, reason].every(isText) && DATE.test(String(expires));
  });
  return whole ? null : 'must name a test, an owner, a reason and a date such as 2027-01-31 in each entry';
}

/** An entry holds to the end of its last day in UTC. */
export const isQuarantineOpen = ({ expires }: Pick<QuarantinedTest, 'expires'>, nowMs: number): boolean =>
  DATE.test(expires) && nowMs < Date.parse(`${expires}T00:00:00Z`) + DAY_MS;

/** A test's name in one line of bounded length, with control and direction characters as visible escapes. */
export function shownName(name: string): string {
  const cut = name.length > SHOWN_CHARS ? `${name.slice(0, SHOWN_CHARS - 1)}…` : name;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
}

const entriesAt = ({ flaky, quarantine = [] }: TestPolicy, nowMs: number): readonly QuarantinedTest[] =>
  flaky === 'quarantine' ? quarantine.filter((entry) => isQuarantineOpen(entry, nowMs)) : [];

const endOf = ({ startedAt, durationMs }: CommandRun): number => startedAt + durationMs;

const failing = ({ length }: readonly string[]): string => (length === 1 ? '1 test failed' : `${length} tests failed`);

const shownEntry = ({ name, owner, expires }: QuarantinedTest): string =>
  `${shownName(name)} (${shownName(owner)}, until ${expires})`;

const BAIL = /(?:^|\s)(?:--bail|-bail|--exitfirst|--maxfail|--fail-?fast|-failfast|--stop-on-\w+)(?:[=\s"']|$)/;
const SHORT_BAIL = /\bpy\.?test\b[^;&|]*\s-[a-zA-Z]*x[a-zA-Z]*(?:\s|$)|\bmocha\b[^;&|]*\s-b(?:\s|$)/;
const CARGO = /\bcargo\s+(?:\S+\s+)*?(?:test|t)\b/;
const RUNS_TESTS =
  /(?:^|[\s/])(?:tests?|jest|vitest|mocha|pytest|ava|uvu|tap|jasmine|rspec|phpunit|ctest|bats|t)(?=[\s:.]|$)/;
const ENDS_ON_ERROR = /\bset\s+-\w*e/;

/** Whether the command's own words say that after a failing test something of it is not run. What scripts do inside is not seen. */
function hidesTheRest(command: string): boolean {
  if (BAIL.test(command) || SHORT_BAIL.test(command)) return true;
  if (CARGO.test(command) && !command.includes('--no-fail-fast')) return true;
  const steps = command.split(ENDS_ON_ERROR.test(command) ? /&&|[;\n]/ : '&&').filter((step) => step.trim() !== '');
  return steps.slice(0, -1).some((step) => RUNS_TESTS.test(step.trim()));
}
