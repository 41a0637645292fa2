/**
 * Asks of a candidate what its path rules ask for. A narrowed command is a definition of its own: its digest is that of the command
 * that is run, so that its results are never taken for those of the whole one.
 */
import { createHash } from 'node:crypto';
import type { CaughtUpCandidate } from '../candidate.ts';
import { gateDigest } from '../digest.ts';
import type { FoundGreen } from '../find-green.ts';
import type { ParsedMergeRequest } from '../parse-request.ts';
import type { TestPolicy } from '../request.ts';
import type { AppliedRule } from './decide.ts';

/** What is on record of rules; empty where none was applied. */
export interface RuledBy {
  /** The path rules that decided what was run; absent: the whole command was asked for. */
  readonly rules?: readonly AppliedRule[];
}

export interface RuledQuestion {
  readonly request: ParsedMergeRequest;
  readonly candidate: CaughtUpCandidate;
  /** The answer, where the rules ask for no run. */
  readonly green: FoundGreen | null;
  readonly ruled: RuledBy;
}

/** The question that is put to the candidate, under the rules that hold for its paths. */
export function underRules(request: ParsedMergeRequest, candidate: CaughtUpCandidate): RuledQuestion {
  const { decision } = candidate;
  if (decision.kind === 'whole') return { request, candidate, green: null, ruled: {} };
  const { rules } = decision;
  const { hostDigest, envDigest } = candidate;
  if (decision.kind === 'skip') {
    const digests = { gateDigest: skipDigest(candidate.gateDigest, rules), hostDigest, envDigest };
    const green: FoundGreen = { kind: 'green', evidence: { kind: 'rule', ...digests }, warnings: [] };
    return { request, candidate, green, ruled: { rules } };
  }
  const narrowed = narrowedBy(request, rules);
  const asked = { ...candidate, gateDigest: gateDigest(narrowed.policy) };
  return { request: narrowed, candidate: asked, green: null, ruled: { rules } };
}

/** The request whose whole command is the one that the rules narrow it to. */
export function narrowedBy(request: ParsedMergeRequest, rules: readonly AppliedRule[] | undefined): ParsedMergeRequest {
  const command = rules?.flatMap(({ test }) => (test === 'skip' ? [] : [test.command]))[0];
  return command === undefined ? request : { ...request, policy: narrowedPolicy(request.policy, command) };
}

/** The report and the least number of tests belong to the whole command; that a counted zero is never green holds for each. */
function narrowedPolicy({ testReport: _whole, ...policy }: TestPolicy, command: string): TestPolicy {
  return { ...policy, command, minTests: Math.min(policy.minTests, 1) };
}

const skipDigest = (whole: string, rules: readonly AppliedRule[]): string =>
  createHash('sha256')
    .update(JSON.stringify(['rule/1', whole, rules.map(({ pattern }) => pattern)]))
    .digest('hex');
