/**
 * The trusted gate definition of one base commit: operator file > `gatehouse.yaml` of the base > detected default.
 * The branch under test has no say. `gatehouse.yaml` may only tighten what the operator or the settings fixed.
 */
import { createHash } from 'node:crypto';
import type { CoveragePolicy } from '@gatehouse/coverage-gate';
import type { PathRule, TestPolicy } from '@gatehouse/merge-gate';
import type { Settings } from '../settings.ts';
import { type AgentPolicy, type AgentsFile, resolveAgents } from './agent-policy.ts';
import { measuringOf, saysMeasuring } from './coverage-measuring.ts';
import { resolveCoverageRules } from './coverage-rules.ts';
import type { IsolationMode, PolicyIsolation } from './isolation.ts';
import type { PolicyFile } from './policy-file.ts';
import { type EntryPolicy, resolveEntries } from './resolve-entries.ts';
import { resolveFlaky } from './resolve-flaky.ts';

export interface GatePolicy {
  /** Null: no source says how to test this repository; `missing` says what to write. */
  readonly test: TestPolicy | null;
  /** What is run for a change of some paths alone, in place of the whole test command. */
  readonly rules: readonly PathRule[];
  readonly coverage: SharedCoveragePolicy | null;
  readonly ciCommand: string | null;
  /** The operator answers for it that what ci runs, here or at the forge, runs the tests. */
  readonly ciCoversTest: boolean;
  readonly depSeverity: 'low' | 'moderate' | 'high' | 'critical';
  readonly allow: NonNullable<NonNullable<PolicyFile['security']>['allow']>;
  /** What a gitlink without `.gitmodules` and a large file of a change are, and from which size on a file is large. */
  readonly entries: EntryPolicy;
  readonly markers: NonNullable<PolicyFile['markers']>;
  readonly deploy: { readonly staging: string; readonly production: string; readonly freshness: string };
  /** Who does the work of the stages; only the operator says. */
  readonly agents: AgentPolicy;
  /** Where the test command came from, for reports. */
  readonly source: 'operator' | 'gatehouse.yaml' | 'detected' | 'none';
  /** What separates its commands from the service; only the operator says, but for a network that the base does without. */
  readonly isolation: PolicyIsolation;
  /** What the agents of a task may use together; only the operator says. */
  readonly budget: NonNullable<AgentsFile['budget']>;
  /** sha256 over everything but the budget, which changes no verdict. */
  readonly digest: string;
  readonly warnings: readonly string[];
}

export interface SharedCoveragePolicy extends CoveragePolicy {
  /** The test command writes the coverage report, too: one run serves both checks. */
  readonly withTest?: true;
}

export interface PolicySources {
  readonly operator: PolicyFile | null;
  readonly base: PolicyFile | null;
  readonly detected: DetectedDefault | null;
}
export interface DetectedDefault {
  readonly setup?: string;
  readonly command: string;
  readonly because: string;
}

const SEVERITIES = ['low', 'moderate', 'high', 'critical'] as const;

/** Combines the sources. Pure and total. */
export function resolvePolicy(sources: PolicySources, settings: Settings): GatePolicy {
  const warnings: string[] = [];
  const isolation = resolveIsolation(sources);
  const held = isolation.test ?? settings.commands.isolation;
  if (!isolation.network && held !== 'bwrap' && held !== 'auto')
    warnings.push('test.network: false is not held: only isolation by bwrap takes the network away');
  const { test, source } = resolveTest(sources, settings, warnings);
  const policy = {
    test,
    rules: resolveRules(sources, warnings),
    coverage: resolveCoverage(sources, settings, test),
    ciCommand: sources.operator?.ci?.command ?? sources.base?.ci?.command ?? null,
    ciCoversTest: sources.operator?.ci?.covers === 'test',
    depSeverity: strictest(
      sources.operator?.security?.dep_severity ?? settings.security.severity,
      sources.base?.security?.dep_severity,
    ),
    allow: [...(sources.operator?.security?.allow ?? []), ...(sources.base?.security?.allow ?? [])],
    entries: resolveEntries(sources.operator?.security, sources.base?.security),
    markers: [...(sources.operator?.markers ?? []), ...(sources.base?.markers ?? [])],
    deploy: {
      staging: '',
      production: '',
      freshness: '',
      ...defined(sources.operator?.deploy ?? sources.base?.deploy ?? {}),
    },
    agents: resolveAgents(sources.operator?.agents),
    source,
    warnings,
  };
  const digest = createHash('sha256').update(JSON.stringify(policy)).digest('hex');
  const { budget = {} } = sources.operator?.agents ?? {};
  return { ...policy, budget, isolation, digest };
}

function resolveIsolation({ operator, base }: PolicySources): PolicyIsolation {
  const test: IsolationMode | null = operator?.test?.isolation ?? null;
  return {
    test,
    agents: operator?.agents?.isolation ?? test,
    deploy: operator?.deploy?.isolation ?? test,
    network: operator?.test?.network !== false && base?.test?.network !== false,
    variables: [...new Set([...(operator?.test?.env ?? base?.test?.env ?? []), ...(operator?.agents?.env ?? [])])],
  };
}

function resolveTest(sources: PolicySources, settings: Settings, warnings: string[]) {
  const { operator, base, detected } = sources;
  const limitMs = operator?.test?.timeout ?? settings.merge.retestTimeoutMs;
  const wantedMs = base?.test?.timeout ?? limitMs;
  if (wantedMs > limitMs) warnings.push(`test.timeout of the base is clamped to ${limitMs / 1000}s`);
  const from =
    operator?.test?.command !== undefined ? operator.test : base?.test?.command !== undefined ? base.test : detected;
  if (from?.command === undefined) return { test: null, source: 'none' as const };
  const setup = operator?.test?.setup ?? base?.test?.setup ?? (from === detected ? detected?.setup : undefined);
  // The report belongs to the command: the source that names the command names the report.
  const report = 'report' in from ? from.report : undefined;
  const test: TestPolicy = {
    command: from.command,
    ...(report === undefined ? {} : { testReport: report }),
    ...(setup === undefined || setup === '' ? {} : { setup }),
    timeoutMs: Math.min(wantedMs, limitMs),
    minTests: Math.max(operator?.test?.min_tests ?? 1, base?.test?.min_tests ?? 0),
    ...(operator?.test?.fewer_tests === 'block' || base?.test?.fewer_tests === 'block' ? { fewerTests: 'block' } : {}),
    ...resolveFlaky(operator?.test, base?.test, warnings),
    ...(operator?.test?.gate_files === 'block' || base?.test?.gate_files === 'block' ? { gateFiles: 'block' } : {}),
    env: operator?.test?.env ?? base?.test?.env ?? [],
    ...cacheOf(operator?.test?.cache ?? base?.test?.cache),
    ...((operator?.test?.submodules ?? base?.test?.submodules) === 'fetch' ? { submodules: 'fetch' } : {}),
  };
  if (from === detected)
    warnings.push(`no test command is configured; using \`${from.command}\` because ${detected.because}`);
  return {
    test,
    source: from === operator?.test ? 'operator' : from === base?.test ? 'gatehouse.yaml' : 'detected',
  } as const;
}

/** One source's rules as a whole: a rule asks for less than the whole command, so the base's never stand beside an operator's. */
function resolveRules({ operator, base }: PolicySources, warnings: string[]): readonly PathRule[] {
  const isFixed = operator?.test?.command !== undefined || operator?.test?.min_tests !== undefined;
  const rules = operator?.rules ?? (isFixed ? [] : (base?.rules ?? []));
  if (rules !== base?.rules && (base?.rules ?? []).length > 0)
    warnings.push(
      "rules of the base are not used: the operator's file says what is tested; put them into that file, or take test.command and test.min_tests out of it",
    );
  return rules.map(({ paths, test }) => ({ paths, test: test === 'skip' ? test : { command: test } }));
}

const cacheOf = (cache: readonly string[] | undefined): { readonly cache?: readonly string[] } =>
  cache === undefined || cache.length === 0 ? {} : { cache };

function resolveCoverage(sources: PolicySources, settings: Settings, test: TestPolicy | null): GatePolicy['coverage'] {
  const { operator, base } = sources;
  const isShared = operator?.coverage?.with_test ?? base?.coverage?.with_test ?? false;
  const shared =
    isShared && test !== null ? { ...(base?.coverage ?? operator?.coverage), command: test.command } : undefined;
  const chosen = [operator?.coverage, base?.coverage, shared].find(saysMeasuring);
  const measuring = chosen === undefined ? null : measuringOf(chosen, settings.coverage.python);
  if (chosen === undefined || measuring === null) return null;
  const { env, ...measured } = measuring;
  const floors = [operator?.coverage?.min, base?.coverage?.min, settings.coverage.minPpm].filter(
    (ppm): ppm is number => typeof ppm === 'number',
  );
  const epsilonLimit = operator?.coverage?.epsilon ?? settings.coverage.epsilonPpm;
  const ownSetup = chosen.setup ?? test?.setup;
  return {
    ...measured,
    ...(ownSetup === undefined || ownSetup === '' ? {} : { setup: ownSetup }),
    mode: operator?.coverage?.mode ?? base?.coverage?.mode ?? settings.coverage.mode,
    minPpm: floors.length === 0 ? null : Math.max(...floors),
    epsilonPpm: Math.min(base?.coverage?.epsilon ?? epsilonLimit, epsilonLimit),
    timeoutMs: Math.min(chosen.timeout ?? settings.coverage.timeoutMs, settings.coverage.timeoutMs),
    ...resolvePlacing(operator?.coverage, base?.coverage),
    env: [...new Set([...(operator?.test?.env ?? base?.test?.env ?? []), ...env])],
    ...resolveCoverageRules(operator?.coverage, base?.coverage, settings.coverage.failClosed),
    ...(isShared ? { withTest: true } : {}),
  };
}

type CoverageFile = PolicyFile['coverage'];

/** An operator's map stands alone; a base may only lower the share that may be unplaced. */
function resolvePlacing(
  operator: CoverageFile,
  base: CoverageFile,
): Pick<CoveragePolicy, 'pathMap' | 'maxUnplacedPpm'> {
  const pathMap = operator?.path_map ?? base?.path_map;
  const shares = [operator?.max_unplaced ?? MAX_UNPLACED_PPM, base?.max_unplaced ?? MILLION];
  const isSaid = operator?.max_unplaced !== undefined || base?.max_unplaced !== undefined;
  return {
    ...(pathMap === undefined ? {} : { pathMap }),
    ...(isSaid ? { maxUnplacedPpm: Math.min(...shares) } : {}),
  };
}

/** The gate's own limit, where no operator says. */
const MAX_UNPLACED_PPM = 10_000;
const MILLION = 1_000_000;

/** The lower threshold blocks more; a base may only lower it. */
function strictest(
  fixed: GatePolicy['depSeverity'],
  wanted: GatePolicy['depSeverity'] | undefined,
): GatePolicy['depSeverity'] {
  if (wanted === undefined) return fixed;
  return SEVERITIES.indexOf(wanted) < SEVERITIES.indexOf(fixed) ? wanted : fixed;
}

function defined({ isolation: _, ...deploy }: NonNullable<PolicyFile['deploy']>): Partial<GatePolicy['deploy']> {
  return Object.fromEntries(Object.entries(deploy).filter(([, value]) => value !== undefined));
}
