/**
 * No branch is blamed without a certificate: red twice with the branch, the same tests failing where they have names,
 * and green without it under the same digests. Pure but for the run of the base tree, see run-base.ts.
 */
import type { CommandRun } from '@gatehouse/gate-run';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { BaseRunQueue, TestMemoryPort } from './ports.ts';
import { type BaseRun, runBase } from './run-base.ts';
import type { Deferred, Digests, Refused, ToolFailed } from './verdict.ts';

/** A branch that was red twice; not yet blamed. */
export interface UnconfirmedRed extends Digests {
  readonly kind: 'suspect';
  readonly tested: string;
  readonly first: CommandRun;
  readonly second: CommandRun;
}

/** Runs the base tree and decides whether the branch is at fault. Holds no lease. */
export async function confirmRed(
  request: ParsedMergeRequest,
  suspect: UnconfirmedRed,
  {
    base: line,
    tests,
    signal,
  }: {
    readonly base?: BaseRunQueue | undefined;
    readonly tests?: TestMemoryPort | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Refused | Deferred | ToolFailed> {
  const failing = commonFailures(suspect.first, suspect.second);
  if (failing === null) {
    return {
      kind: 'infra',
      reason: 'red twice, but no failing test in common: the suite is unsteady',
      run: suspect.second,
    };
  }
  const base = await runBase(
    {
      repo: request.repo,
      git: request.git,
      slotDir: request.slotDir,
      commit: request.base,
      policy: request.policy,
      hostDigest: suspect.hostDigest,
      treeKill: request.switches.treeKill,
      reaperLimitMs: request.reaperLimitMs,
      validateDeadline: request.validateDeadline,
      signal,
      ...(request.logDir === undefined ? {} : { logDir: request.logDir }),
      ...(request.gitTimeoutMs === undefined ? {} : { gitTimeoutMs: request.gitTimeoutMs }),
      ...(tests === undefined ? {} : { tests }),
      ...(request.onRun === undefined ? {} : { onRun: request.onRun }),
    },
    line,
  );
  if (base.kind === 'infra' || base.kind === 'tool-failed') return onBase(base);
  if (base.hostDigest !== suspect.hostDigest) {
    return {
      kind: 'infra',
      reason: 'the environment changed between the runs: they cannot be compared',
      run: base.run,
    };
  }
  const { tested, first, second, gateDigest, hostDigest, envDigest } = suspect;
  const certificate = {
    tested,
    base: request.base,
    first,
    second,
    baseRun: base.run,
    gateDigest,
    hostDigest,
    envDigest,
  };
  return base.kind === 'red'
    ? { kind: 'main-broken', base: request.base, certificate }
    : { kind: 'red', certificate: { ...certificate, failing } };
}

const onBase = (base: Extract<BaseRun, { readonly kind: 'infra' | 'tool-failed' }>): Deferred | ToolFailed => ({
  ...base,
  reason: `the branch was red twice and the base cannot be judged: ${base.reason}`,
});

/** Null: both runs name their failures and none is in both. Empty: at least one run names none. */
export function commonFailures(first: CommandRun, second: CommandRun): readonly string[] | null {
  const [one = [], two = []] = [first.tests?.failed, second.tests?.failed];
  if (one.length === 0 || two.length === 0) return [];
  const again = new Set(two);
  const common = one.filter((name) => again.has(name));
  return common.length === 0 ? null : common;
}
