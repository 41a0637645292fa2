/**
 * Decides: the measurement, the baseline and the patch against the policy. Pure; integers only; input that makes no
 * sense is a bug of the caller and answered as a crash, which opens nothing.
 */
import { type Finding, invariant, type TestedCommits } from '@gatehouse/verdict';
import { atOnce, type InTurns } from './adapters/turns.ts';
import type { Baseline } from './baseline-record.ts';
import { holdsMinimum, judgeErosion } from './baseline-rule.ts';
import { coverageFindings, isOfRules } from './findings.ts';
import { countFlapping, withKnownFlapping } from './flapping.ts';
import { settleMissing } from './missing-lines.ts';
import { judgeFiles, judgeLabels } from './part-rules.ts';
import { type Continued, hiddenRanges, judgePatch, unmeasuredFiles } from './patch-coverage.ts';
import { formatShare } from './percent.ts';
import { checkRules, isBroken, isOn, isPpm, isUnder } from './rule-policy.ts';
import type {
  CoverageJudgement,
  CoveragePolicy,
  CoverageRule,
  CoverageVerdict,
  LineCounts,
  MeasuredOutcome,
  MeasureOutcome,
  PatchMap,
  Pragma,
} from './verdict.ts';
import { worseFiles } from './worse-files.ts';

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
  /** What happened to each file since `baseline.last.commit`; without it no file is known to be unchanged since. */
  readonly sinceBaseline?: PatchMap | null;
  /** What `findTampering` found. */
  readonly pragmas?: readonly Pragma[];
  /** Added lines that continue a statement begun above them, as `findTampering` answers. */
  readonly continued?: Continued;
  /** Changed files that `findTampering` could not read. */
  readonly unread?: number;
  /** Paths of changed configuration files of coverage tools. */
  readonly configs?: readonly string[];
  /** The base measures well with the same command: what is unknown of the change is its own doing. */
  readonly baseMeasures?: boolean;
  /** `commandHash(policy)`; a baseline of another command is then not compared with. */
  readonly commandHash?: string;
  /** The commits that the answer is about. */
  readonly commits: TestedCommits;
}

/** See DESIGN: the rules are `absolute` (a least share), `baseline` (no erosion) and the findings with a policy. */
export const computeCoverageVerdict = (request: CoverageVerdictRequest): CoverageVerdict => atOnce(judging(request));

/** The same in turns. */
export function* judging(request: CoverageVerdictRequest): InTurns<CoverageVerdict> {
  checkPolicy(request.policy);
  const { measurement, commits } = request;
  switch (measurement.kind) {
    case 'measured':
      return yield* judge(request, measurement);
    case 'unknown': {
      const { evidence, ...unknown } = measurement;
      return { ...unknown, ...unknownPolicy(request), findings: evidence?.findings ?? [], commits };
    }
    case 'infra':
      return { ...measurement, commits };
    case 'crashed':
      return measurement;
  }
}

function* judge(request: CoverageVerdictRequest, { measured, evidence }: MeasuredOutcome): InTurns<CoverageVerdict> {
  const { policy, commits } = request;
  checkCounts(measured, 'measured');
  if (measured.total === 0) {
    const reason = 'the report measures no line of this commit';
    const { findings } = evidence;
    return { kind: 'unknown', why: 'nothing-measured', reason, ...unknownPolicy(request), findings, commits };
  }
  if (measured.totalsOnly === true && policy.patch?.policy === 'block') {
    const reason = `a ${measured.format} report holds totals only, and the patch rule needs lines: let the command write a report with lines`;
    const { findings } = evidence;
    return { kind: 'unknown', why: 'totals-only', reason, ...unknownPolicy(request), findings, commits };
  }
  const numbers = yield* judgeNumbers(request, measured);
  const broken = brokenRules(policy, numbers);
  const found = [
    ...coverageFindings(numbers, broken),
    ...evidence.findings.map((finding) => ({ finding, blocks: true })),
  ];
  const judgement: CoverageJudgement = {
    ...numbers,
    broken,
    findings: found.map(({ finding }) => finding),
    warnings: warningsOf(
      request,
      numbers,
      found.flatMap(({ finding, blocks }) => (blocks && isOfRules(finding, broken) ? [] : [finding])),
    ),
  };
  return broken.length === 0 ? { kind: 'passed', ...judgement } : { kind: 'eroded', ...judgement };
}

/** Everything that is counted, before a rule applies. */
export type Numbers = Omit<CoverageJudgement, 'broken' | 'findings' | 'warnings'> & {
  readonly baselineEroded: boolean;
};

/** What is unknown although the base measures well is an error unless the policy is open. */
function unknownPolicy({ policy, baseMeasures }: CoverageVerdictRequest) {
  const isOwnDoing = baseMeasures === true && policy.onUnknown !== 'open';
  return { failClosed: policy.failClosed || isOwnDoing, ...(isOwnDoing ? { baseMeasures: true } : {}) };
}

function* judgeNumbers(request: CoverageVerdictRequest, reported: MeasuredOutcome['measured']): InTurns<Numbers> {
  const { policy, patch, commits, sinceBaseline, continued } = request;
  const { ignore } = policy;
  const baseline = comparable(request) ? request.baseline : null;
  if (baseline !== null) checkBaseline(baseline);
  const measured = withKnownFlapping(reported, baseline, sinceBaseline);
  const settled = yield* settleMissing(measured, baseline, { patch, sinceBaseline, policy });
  const pragmas = isOn(policy.pragmas) ? (request.pragmas ?? []).filter(({ path }) => !isUnder(path, ignore)) : [];
  const baseUncovered = baseline === null ? null : uncoveredOnBase(request.baseTree, baseline);
  const erosion =
    baseline === null || baseUncovered === null || policy.mode === 'absolute'
      ? null
      : judgeErosion(settled.counts, baseline, { baseUncovered, epsilonPpm: policy.epsilonPpm });
  const missing = new Set(settled.vanished.map(({ path }) => path));
  return {
    mode: policy.mode,
    bootstrap: baseline === null,
    reported: { covered: reported.covered, total: reported.total },
    head: settled.counts,
    minPpm: policy.mode === 'baseline' ? null : policy.minPpm,
    epsilonPpm: policy.epsilonPpm,
    baseline,
    baseUncovered,
    inequality: erosion?.inequality ?? '',
    baselineEroded: erosion?.eroded ?? false,
    worse: baseline !== null && erosion?.eroded === true ? worseFiles(measured, baseline, { patch, ignore }) : [],
    patch: judgePatch(policy.patch, measured, { patch, pragmas, continued, ignore }),
    vanished: settled.vanished,
    shrunk: settled.shrunk,
    carried: settled.carried,
    files: judgeFiles(policy, settled.files, { patch, baseline }),
    labels: judgeLabels(policy.labels ?? [], settled.files, measured.byLabel),
    flapping: countFlapping(measured.flapping),
    unmeasured: isOn(policy.unmeasured)
      ? unmeasuredFiles(measured, patch, policy).filter((path) => !missing.has(path))
      : [],
    pragmas,
    configs: isOn(policy.config) ? (request.configs ?? []) : [],
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
export function comparable({ baseline, commandHash, measurement }: CoverageVerdictRequest): boolean {
  if (baseline === null) return false;
  const metric = measurement.kind === 'measured' ? measurement.measured.metric : baseline.metric;
  return baseline.metric === metric && (commandHash ?? baseline.commandHash) === baseline.commandHash;
}

function uncoveredOnBase(baseTree: CoverageVerdictRequest['baseTree'], { last }: Baseline): number {
  if (!baseTree) return last.total - last.covered;
  checkCounts({ covered: baseTree.total - baseTree.uncovered, total: baseTree.total }, 'base tree');
  return baseTree.uncovered;
}

function brokenRules(policy: CoveragePolicy, numbers: Numbers): CoverageRule[] {
  const { vanished, shrunk, pragmas } = numbers;
  const hidden = pragmas.flatMap(hiddenRanges).reduce((sum, { start, end }) => sum + end - start + 1, 0);
  const broken: { readonly [Rule in CoverageRule]: boolean } = {
    absolute: numbers.minPpm !== null && !holdsMinimum(numbers.head, numbers.minPpm),
    baseline: numbers.baselineEroded,
    patch: policy.patch?.policy === 'block' && numbers.patch?.holds === false,
    perFile: numbers.files.some(({ blocks }) => blocks),
    labels: numbers.labels.some(({ blocks }) => blocks),
    vanished: isBroken(
      policy.vanished,
      vanished.reduce((sum, { total }) => sum + total, 0),
    ),
    shrunk: isBroken(
      policy.shrunk,
      shrunk.reduce((sum, { missing }) => sum + missing, 0),
    ),
    unmeasured: isBroken(policy.unmeasured, numbers.unmeasured.length),
    pragmas: isBroken(policy.pragmas, hidden),
    config: isBroken(policy.config, numbers.configs.length),
  };
  return (Object.keys(broken) as CoverageRule[]).filter((rule) => broken[rule]);
}

/** `findings` are those that do not decide. */
function warningsOf(request: CoverageVerdictRequest, numbers: Numbers, findings: readonly Finding[]): string[] {
  const warnings: string[] = [];
  if (numbers.bootstrap && request.policy.mode !== 'absolute') {
    const why = request.baseline === null ? 'bootstrap' : 'baseline_incomparable';
    warnings.push(`coverage_${why}: nothing to compare with, only absolute rules were applied`);
  }
  if (hasTotalsOnly(request) && (request.policy.patch?.policy ?? 'off') !== 'off') {
    warnings.push('coverage_totals_only: the report does not say which lines ran; patch coverage is not known');
  }
  if (request.policy.mode === 'absolute' && request.policy.minPpm === null) {
    warnings.push('coverage_unbounded: mode absolute without a minimum demands nothing');
  }
  warnings.push(...quietWarnings(request, numbers));
  for (const { rule, message } of findings) warnings.push(`${rule}: ${message}`);
  return warnings.slice(0, MAX_WARNINGS);
}

/** What was counted in an author's favour, or not looked at. */
function quietWarnings({ unread = 0 }: CoverageVerdictRequest, { flapping, carried }: Numbers): string[] {
  const said = carried.map(
    ({ label, ...counts }) =>
      `coverage_carried: ${label} was not measured and has not changed; ${formatShare(counts)} is carried forward`,
  );
  if (flapping > 0) said.push(`coverage_flapping: ${flapping} lines flap on one tree; they count as covered`);
  if (unread > 0)
    said.push(
      `coverage_unread: ${unread} changed files were too many or too large to look for comments that switch measuring off`,
    );
  return said;
}

const hasTotalsOnly = ({ measurement }: CoverageVerdictRequest): boolean =>
  measurement.kind === 'measured' && measurement.measured.totalsOnly === true;

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
  const { vanished, shrunk, unmeasured, pragmas, config, perFile, labels = [] } = policy;
  checkRules({ findings: [vanished, shrunk, unmeasured, pragmas, config, patch?.policy], perFile, labels });
}

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
