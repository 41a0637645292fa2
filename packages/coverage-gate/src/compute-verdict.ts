/**
 * Decides: the measurement, the baseline and the patch against the policy. Pure; integers only; input that makes no
 * sense is a bug of the caller and answered as a crash, which opens nothing.
 */
import { type Finding, invariant, type TestedCommits } from '@gatehouse/verdict';
import { holdsMinimum, judgeErosion } from './baseline-rule.ts';
import { coverageFindings } from './findings.ts';
import { judgePatch, unmeasuredFiles } from './patch-coverage.ts';
import { MILLION } from './percent.ts';
import { settleVanished } from './vanished.ts';
import type {
  Baseline,
  CoverageJudgement,
  CoveragePolicy,
  CoverageRule,
  CoverageVerdict,
  FindingPolicy,
  LineCounts,
  MeasuredOutcome,
  MeasureOutcome,
  PatchMap,
  Pragma,
} from './verdict.ts';

/** What may be given to `computeCoverageVerdict`. */
export interface CoverageVerdictRequest {
  /** What the gate runs and demands; from the operator or from base. */
  readonly policy: CoveragePolicy;
  /** What `measureCoverage` answered, whatever it was. */
  readonly measurement: MeasureOutcome;
  /** Null while nothing has landed: bootstrap. */
  readonly baseline: Baseline | null;
  /** The base tree's own measurement. Leave it out when the base tree is `baseline.last`. */
  readonly baseTree?: {
    /** Lines that can be covered and are not. */
    readonly uncovered: number;
    /** Lines that can be covered. */
    readonly total: number;
  } | null;
  /** What the change did to each file, as from `diffLines`; without it there is no patch rule. */
  readonly patch?: PatchMap | null;
  /** What `findTampering` found. */
  readonly pragmas?: readonly Pragma[];
  /** Paths of changed configuration files of coverage tools. */
  readonly configs?: readonly string[];
  /** `commandHash(policy)`; a baseline of another command is then not compared with. */
  readonly commandHash?: string;
  /** The commits that the answer is about. */
  readonly commits: TestedCommits;
}

/** See DESIGN: the rules are `absolute` (a least share), `baseline` (no erosion) and the findings with a policy. */
export function computeCoverageVerdict(request: CoverageVerdictRequest): CoverageVerdict {
  checkPolicy(request.policy);
  const { measurement, commits } = request;
  switch (measurement.kind) {
    case 'measured':
      return judge(request, measurement);
    case 'unknown': {
      const { evidence, ...unknown } = measurement;
      return { ...unknown, failClosed: request.policy.failClosed, findings: evidence?.findings ?? [], commits };
    }
    case 'infra':
      return { ...measurement, commits };
    case 'crashed':
      return measurement;
  }
}

function judge(request: CoverageVerdictRequest, { measured, evidence }: MeasuredOutcome): CoverageVerdict {
  const { policy, commits } = request;
  checkCounts(measured, 'measured');
  if (measured.total === 0) {
    const reason = 'the report measures no line of this commit';
    const { findings } = evidence;
    return { kind: 'unknown', why: 'nothing-measured', reason, failClosed: policy.failClosed, findings, commits };
  }
  const numbers = judgeNumbers(request, measured);
  const broken = brokenRules(policy, numbers);
  const findings = [...coverageFindings(numbers, broken), ...evidence.findings];
  const judgement: CoverageJudgement = {
    ...numbers,
    broken,
    findings,
    warnings: warningsOf(request, numbers, findings),
  };
  return broken.length === 0 ? { kind: 'passed', ...judgement } : { kind: 'eroded', ...judgement };
}

/** Everything that is counted, before a rule applies. */
export type Numbers = Omit<CoverageJudgement, 'broken' | 'findings' | 'warnings'> & {
  readonly baselineEroded: boolean;
};

function judgeNumbers(request: CoverageVerdictRequest, measured: MeasuredOutcome['measured']): Numbers {
  const { policy, patch, commits } = request;
  const baseline = comparable(request) ? request.baseline : null;
  if (baseline !== null) checkBaseline(baseline);
  const settled = settleVanished(measured, policy.vanished === 'off' ? null : baseline, patch);
  const pragmas = policy.pragmas === 'off' ? [] : (request.pragmas ?? []);
  const baseUncovered = baseline === null ? null : uncoveredOnBase(request.baseTree, baseline);
  const erosion =
    baseline === null || baseUncovered === null || policy.mode === 'absolute'
      ? null
      : judgeErosion(settled.counts, baseline, { baseUncovered, epsilonPpm: policy.epsilonPpm });
  const missing = new Set(settled.vanished.map(({ path }) => path));
  return {
    mode: policy.mode,
    bootstrap: baseline === null,
    reported: { covered: measured.covered, total: measured.total },
    head: settled.counts,
    minPpm: policy.mode === 'baseline' ? null : policy.minPpm,
    epsilonPpm: policy.epsilonPpm,
    baseline,
    baseUncovered,
    inequality: erosion?.inequality ?? '',
    baselineEroded: erosion?.eroded ?? false,
    patch: judgePatch(policy.patch, measured, { patch, pragmas }),
    vanished: settled.vanished,
    unmeasured:
      policy.unmeasured === 'off' ? [] : unmeasuredFiles(measured, patch, policy).filter((p) => !missing.has(p)),
    pragmas,
    configs: policy.config === 'off' ? [] : (request.configs ?? []),
    reportSha256: measured.reportSha256,
    format: measured.format,
    ...placingOf(request),
    commits,
  };
}

const placingOf = ({ measurement }: CoverageVerdictRequest): Pick<CoverageJudgement, 'placing'> =>
  measurement.kind === 'measured' && measurement.evidence.placing !== undefined
    ? { placing: measurement.evidence.placing }
    : {};

/** A record of another metric or another command says nothing about this measurement. */
function comparable({ baseline, commandHash, measurement }: CoverageVerdictRequest): boolean {
  if (baseline === null || measurement.kind !== 'measured') return false;
  return (
    baseline.metric === measurement.measured.metric && (commandHash ?? baseline.commandHash) === baseline.commandHash
  );
}

function uncoveredOnBase(baseTree: CoverageVerdictRequest['baseTree'], { last }: Baseline): number {
  if (!baseTree) return last.total - last.covered;
  checkCounts({ covered: baseTree.total - baseTree.uncovered, total: baseTree.total }, 'base tree');
  return baseTree.uncovered;
}

function brokenRules(policy: CoveragePolicy, numbers: Numbers): CoverageRule[] {
  const blocks = (rule: FindingPolicy | undefined, found: boolean): boolean => rule === 'block' && found;
  const broken: { readonly [Rule in CoverageRule]: boolean } = {
    absolute: numbers.minPpm !== null && !holdsMinimum(numbers.head, numbers.minPpm),
    baseline: numbers.baselineEroded,
    patch: blocks(policy.patch?.policy, numbers.patch?.holds === false),
    vanished: blocks(policy.vanished, numbers.vanished.length > 0),
    unmeasured: blocks(policy.unmeasured, numbers.unmeasured.length > 0),
    pragmas: blocks(policy.pragmas, numbers.pragmas.length > 0),
    config: blocks(policy.config, numbers.configs.length > 0),
  };
  return (Object.keys(broken) as CoverageRule[]).filter((rule) => broken[rule]);
}

function warningsOf(request: CoverageVerdictRequest, numbers: Numbers, findings: readonly Finding[]): string[] {
  const warnings: string[] = [];
  if (numbers.bootstrap && request.policy.mode !== 'absolute') {
    const why = request.baseline === null ? 'bootstrap' : 'baseline_incomparable';
    warnings.push(`coverage_${why}: nothing to compare with, only absolute rules were applied`);
  }
  if (request.policy.mode === 'absolute' && request.policy.minPpm === null) {
    warnings.push('coverage_unbounded: mode absolute without a minimum demands nothing');
  }
  for (const { rule, message } of findings) warnings.push(`${rule}: ${message}`);
  return warnings.slice(0, MAX_WARNINGS);
}

const MAX_WARNINGS = 50;
const MAX_LINES = 2 ** 31 - 1;

function checkPolicy(policy: CoveragePolicy): void {
  const { mode, minPpm, epsilonPpm, patch } = policy;
  invariant(['absolute', 'baseline', 'both'].includes(mode), 'mode is absolute, baseline or both');
  invariant(minPpm === null || isPpm(minPpm), 'minPpm is null or 0 to a million');
  invariant(isPpm(epsilonPpm), 'epsilonPpm is 0 to a million');
  invariant(isPpm(policy.maxUnplacedPpm ?? 0), 'maxUnplacedPpm is 0 to a million');
  invariant(patch === undefined || isPpm(patch.minPpm), 'patch.minPpm is 0 to a million');
  const slack = patch?.slackLines ?? 0;
  invariant(Number.isSafeInteger(slack) && slack >= 0, 'patch.slackLines is a count');
  invariant(typeof policy.failClosed === 'boolean', 'failClosed is true or false');
}

const isPpm = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value <= MILLION;

function checkBaseline({ mark, ref, last }: Baseline): void {
  checkCounts(mark, 'mark');
  checkCounts(last, 'last');
  checkCounts({ covered: ref.total - ref.uncovered, total: ref.total }, 'ref');
  invariant(mark.total > 0, 'a mark measures at least one line');
}

/** Counts below 2^31 keep every product of the absolute rule exact. */
export function checkCounts({ covered, total }: LineCounts, name: string): void {
  const whole = Number.isSafeInteger(covered) && Number.isSafeInteger(total);
  invariant(whole && covered >= 0 && covered <= total && total <= MAX_LINES, `${name}: 0 <= covered <= total < 2^31`);
}
