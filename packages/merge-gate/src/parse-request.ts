/** Reads a request once at the edge: what comes out is a plain copy that no getter and no later write can change. */
import { cachePathsFault } from '@gatehouse/gate-run';
import type { PathRule } from './path-rules/decide.ts';
import { parseRules } from './path-rules/parse.ts';
import { quarantineFault } from './quarantine.ts';
import type { MergeRequest, MergeSwitches, TestPolicy, TestReport } from './request.ts';

/** A request with its defaults, fit to be trusted inside. */
export interface ParsedMergeRequest extends MergeRequest {
  readonly switches: MergeSwitches;
  readonly validated: boolean;
  readonly allowGateChange: boolean;
  readonly certificateRuns: number;
  readonly rules: readonly PathRule[];
}

export type ParsedOr<Value> =
  | { readonly kind: 'valid'; readonly value: Value }
  | { readonly kind: 'invalid'; readonly reason: string };

export const ALL_SWITCHES_ON: MergeSwitches = { treeKill: true, infraRetry: true, skipWhenCurrent: true };

/** Five runs with the branch and five without it: 2 ** -10, see docs/adr/0015-blame-is-a-sequential-test.md. */
const LEAST_CERTIFICATE_RUNS = 10;

const OBJECT_NAME = /^[0-9a-f]{40}$/;
const LONGEST_TIMER_MS = 2_147_483_647;

/** Fails on the first thing that would make a verdict meaningless. Reads every field exactly once. */
export function parseMergeRequest(request: MergeRequest): ParsedOr<ParsedMergeRequest> {
  const copy = { ...request };
  const policy = parsePolicy({ ...copy.policy });
  if (policy.kind === 'invalid') return policy;
  const rules = parseRules(copy.rules);
  if (rules.kind === 'invalid') return rules;
  const wrong =
    [
      nonEmpty('repo', copy.repo),
      nonEmpty('holder', copy.holder),
      nonEmpty('slotDir', copy.slotDir),
      objectName('base', copy.base),
      objectName('head', copy.head),
      copy.certificateRuns === undefined ? null : runs('certificateRuns', copy.certificateRuns),
      copy.gitTimeoutMs === undefined ? null : milliseconds('gitTimeoutMs', copy.gitTimeoutMs, 1),
    ].find((fault) => fault !== null) ?? null;
  if (wrong !== null) return { kind: 'invalid', reason: wrong };
  const switches = { ...ALL_SWITCHES_ON, ...copy.switches };
  const validated = copy.validated === true;
  const allowGateChange = copy.allowGateChange === true;
  const certificateRuns = copy.certificateRuns ?? LEAST_CERTIFICATE_RUNS;
  const parsed = { policy: policy.value, rules: rules.value, switches, validated, allowGateChange, certificateRuns };
  return { kind: 'valid', value: { ...copy, ...parsed } };
}

/** A policy that could call anything green (no command, a limit that is not a number) is refused. */
export function parsePolicy(policy: TestPolicy): ParsedOr<TestPolicy> {
  const env = Array.isArray(policy.env) ? policy.env.map(String) : [];
  const wrong =
    [
      nonEmpty('policy.command', policy.command),
      policy.setup === undefined ? null : nonEmpty('policy.setup', policy.setup),
      milliseconds('policy.timeoutMs', policy.timeoutMs, 1),
      policy.setupTimeoutMs === undefined ? null : milliseconds('policy.setupTimeoutMs', policy.setupTimeoutMs, 1),
      policy.graceMs === undefined ? null : milliseconds('policy.graceMs', policy.graceMs, 0),
      Number.isSafeInteger(policy.minTests) && policy.minTests >= 0 ? null : 'policy.minTests must be a whole number',
      FLAKY_MODES.has(policy.flaky) ? null : `policy.flaky must be one of ${[...FLAKY_MODES].join(', ')}`,
      policy.fewerTests === undefined || policy.fewerTests === 'warn' || policy.fewerTests === 'block'
        ? null
        : 'policy.fewerTests must be warn or block',
      policy.submodules === undefined || policy.submodules === 'fetch' ? null : 'policy.submodules must be fetch',
      policy.quarantine === undefined ? null : within('policy.quarantine', quarantineFault(policy.quarantine)),
      policy.gateFiles === undefined || policy.gateFiles === 'warn' || policy.gateFiles === 'block'
        ? null
        : 'policy.gateFiles must be warn or block',
      policy.testReport === undefined ? null : reportFault({ ...policy.testReport }),
      Array.isArray(policy.env) ? null : 'policy.env must be a list of names',
      policy.cache === undefined ? null : cacheFault(policy.cache),
    ].find((fault) => fault !== null) ?? null;
  if (wrong !== null) return { kind: 'invalid', reason: wrong };
  const setEnv = policy.setEnv ? { setEnv: { ...policy.setEnv } } : {};
  const testReport = policy.testReport ? { testReport: { ...policy.testReport } } : {};
  const quarantine = policy.quarantine ? { quarantine: policy.quarantine.map((entry) => ({ ...entry })) } : {};
  const cache = policy.cache ? { cache: [...policy.cache] } : {};
  return { kind: 'valid', value: { ...policy, env, ...setEnv, ...testReport, ...quarantine, ...cache } };
}

function cacheFault(paths: unknown): string | null {
  const fault = cachePathsFault(paths);
  return fault === null ? null : `policy.cache ${fault}`;
}

const FLAKY_MODES: ReadonlySet<unknown> = new Set<TestPolicy['flaky']>(['pass', 'block', 'quarantine']);
const REPORT_FORMATS: ReadonlySet<unknown> = new Set<TestReport['format']>(['junit', 'tap', 'jest-json', 'ctrf']);
const PLAIN_PATH = /^(?!\/)(?!(?:.*\/)?\.{1,2}(?:\/|$))(?!(?:.*\/)?\.git(?:\/|$))[^\0\n\\]{1,500}(?<!\/)$/i;

function reportFault({ format, path }: TestReport): string | null {
  if (!REPORT_FORMATS.has(format)) return `policy.testReport.format must be one of ${[...REPORT_FORMATS].join(', ')}`;
  if (typeof path === 'string' && PLAIN_PATH.test(path)) return null;
  return 'policy.testReport.path must be a plain path below the root of the repository';
}

const within = (name: string, fault: string | null): string | null => (fault === null ? null : `${name} ${fault}`);

const nonEmpty = (name: string, value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? null : `${name} must be a non-empty string`;

const objectName = (name: string, value: unknown): string | null =>
  typeof value === 'string' && OBJECT_NAME.test(value) ? null : `${name} must be a full object name`;

const runs = (name: string, value: unknown): string | null =>
  Number.isSafeInteger(value) && Number(value) >= LEAST_CERTIFICATE_RUNS
    ? null
    : `${name} must be a whole number, at least ${LEAST_CERTIFICATE_RUNS}`;

const milliseconds = (name: string, value: unknown, least: number): string | null =>
  typeof value === 'number' && value >= least && value <= LONGEST_TIMER_MS
    ? null
    : `${name} must be milliseconds from ${least} to ${LONGEST_TIMER_MS}`;
