/** How strict a rule is: what it does to the verdict, and how much of what it finds is free. */
import { invariant } from '@gatehouse/verdict';
import { MILLION } from './percent.ts';

/** What a finding does to the verdict: nothing, a warning, or a failure. */
export type FindingPolicy = 'off' | 'warn' | 'block';

/** A policy alone, or with a slack. */
export type FindingRule =
  | FindingPolicy
  | {
      /** What happens beyond the slack. */
      readonly policy: FindingPolicy;
      /** So many of what the rule counts are free; what is free is still told. Default 0. */
      readonly slack?: number;
    };

/** What is demanded of each changed file. */
export interface FileRule {
  /** What happens where it does not hold. */
  readonly policy: FindingPolicy;
  /** Least share of covered lines of a changed file; without it none. */
  readonly minPpm?: number;
  /** So many uncovered lines of a file, or more of them than before, are free. Default 2. */
  readonly slackLines?: number;
}

/** A part of the repository, or one of several reports, with a demand of its own. */
export interface LabelRule {
  /** The name in findings, such as `api`. */
  readonly label: string;
  /** Path prefixes, such as `services/api/`. Without them it is about what the report with this label measures. */
  readonly paths?: readonly string[];
  /** What happens where it does not hold. */
  readonly policy: FindingPolicy;
  /** Least share of covered lines of the part; without it none. */
  readonly minPpm?: number;
  /** So many uncovered lines are free. Default 0. */
  readonly slackLines?: number;
  /**
   * True: a report that measures no line of the part carries its last landed counts forward, if no file of it changed
   * since.
   */
  readonly carryForward?: boolean;
}

/** The rule with its defaults; a rule that is not named warns. */
export function ruleOf(rule: FindingRule | undefined): { readonly policy: FindingPolicy; readonly slack: number } {
  if (rule === undefined || typeof rule === 'string') return { policy: rule ?? 'warn', slack: 0 };
  return { policy: rule.policy, slack: rule.slack ?? 0 };
}

/** Whether the rule looks at all. */
export const isOn = (rule: FindingRule | undefined): boolean => ruleOf(rule).policy !== 'off';

/** Whether `found` of what the rule counts break it. */
export function isBroken(rule: FindingRule | undefined, found: number): boolean {
  const { policy, slack } = ruleOf(rule);
  return policy === 'block' && found > slack;
}

/** Refuses rules that make no sense. */
export function checkRules(policy: {
  readonly findings: readonly (FindingRule | undefined)[];
  readonly perFile: FileRule | undefined;
  readonly labels: readonly LabelRule[];
}): void {
  for (const rule of policy.findings) checkRule(ruleOf(rule).policy, ruleOf(rule).slack);
  if (policy.perFile !== undefined) checkShare(policy.perFile, 'perFile');
  for (const rule of policy.labels) {
    invariant(typeof rule.label === 'string' && rule.label !== '', 'a label has a name');
    invariant(rule.paths === undefined || rule.paths.length > 0, 'a label has paths, or that of a report');
    checkShare(rule, 'a label');
  }
}

function checkRule(policy: FindingPolicy, slack: number): void {
  invariant(['off', 'warn', 'block'].includes(policy), 'a rule is off, warn or block');
  invariant(Number.isSafeInteger(slack) && slack >= 0, 'a slack is a count');
}

function checkShare({ policy, minPpm, slackLines }: FileRule, name: string): void {
  checkRule(policy, slackLines ?? 0);
  invariant(minPpm === undefined || isPpm(minPpm), `${name}: minPpm is 0 to a million`);
}

/** A share in parts per million. */
export const isPpm = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value <= MILLION;

/** Whether a path lies under one of these prefixes. */
export const isUnder = (path: string, prefixes: readonly string[] | undefined): boolean =>
  prefixes?.some((prefix) => path.startsWith(prefix)) === true;
