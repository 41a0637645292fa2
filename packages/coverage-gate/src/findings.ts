/** Verdict numbers as sentences an author can act on. Rules that block come first. */
import type { Finding } from '@gatehouse/verdict';
import type { Numbers } from './compute-verdict.ts';
import { hiddenRanges } from './patch-coverage.ts';
import { formatPpm, formatShare } from './percent.ts';
import type { CoverageRule, PartJudgement } from './verdict.ts';
import type { WorseFile } from './worse-files.ts';

/** So many places are named per rule; the count is always complete. */
export const MAX_PLACES = 50;

/** A finding, and whether it is one for which a change is kept out. */
export interface RuledFinding {
  readonly finding: Finding;
  readonly blocks: boolean;
}

export function coverageFindings(numbers: Numbers, broken: readonly CoverageRule[]): readonly RuledFinding[] {
  const of: { readonly [Rule in CoverageRule]: () => readonly Finding[] } = {
    absolute: () => (broken.includes('absolute') ? [absolute(numbers)] : []),
    baseline: () => (broken.includes('baseline') ? [baseline(numbers), ...worse(numbers, broken)] : []),
    patch: () => patch(numbers),
    perFile: () => numbers.files.slice(0, MAX_PLACES).map(changedFile),
    labels: () => numbers.labels.slice(0, MAX_PLACES).map(label),
    vanished: () => vanished(numbers),
    shrunk: () => numbers.shrunk.slice(0, MAX_PLACES).map(shrunk),
    unmeasured: () => numbers.unmeasured.slice(0, MAX_PLACES).map(unmeasured),
    pragmas: () => numbers.pragmas.slice(0, MAX_PLACES).map(pragma),
    config: () => numbers.configs.slice(0, MAX_PLACES).map(config),
  };
  const rules = Object.keys(of) as CoverageRule[];
  const ordered = [...broken, ...rules.filter((rule) => !broken.includes(rule))];
  /** Of labels below their share some block, and others only warn. */
  const blocks = (rule: CoverageRule, at: number): boolean =>
    broken.includes(rule) && (rule !== 'labels' || numbers.labels[at]?.blocks === true);
  return ordered.flatMap((rule) => of[rule]().map((finding, at) => ruled(finding, blocks(rule, at))));
}

/** One that does not block says so. */
const ruled = (finding: Finding, blocks: boolean): RuledFinding =>
  blocks ? { finding, blocks } : { finding: { ...finding, message: `(does not block) ${finding.message}` }, blocks };

/** Whether a finding is of a rule that is broken. */
export const isOfRules = ({ rule }: Finding, broken: readonly CoverageRule[]): boolean =>
  broken.some((name) => RULE_NAMES[name] === rule);

/** The stable names of the rules in findings. */
export const RULE_NAMES: { readonly [Rule in CoverageRule]: string } = {
  absolute: 'coverage/absolute',
  baseline: 'coverage/baseline',
  patch: 'coverage/patch',
  perFile: 'coverage/file',
  labels: 'coverage/label',
  vanished: 'coverage/vanished',
  shrunk: 'coverage/denominator_shrunk',
  unmeasured: 'coverage/unmeasured',
  pragmas: 'coverage/pragma',
  config: 'coverage/config_changed',
};

const absolute = ({ head, minPpm }: Numbers): Finding => ({
  rule: RULE_NAMES.absolute,
  message: `${formatShare(head)} of the lines are covered, ${formatPpm(minPpm ?? 0)} are required: cover more lines.`,
});

function baseline(numbers: Numbers): Finding {
  const mark = formatShare(numbers.baseline?.mark ?? { covered: 0, total: 0 });
  const message = `Coverage erodes: ${numbers.inequality}; the mark is ${mark}. ${whatToDo(numbers)}`;
  return { rule: RULE_NAMES.baseline, message };
}

function whatToDo({ worse: files, vanished: gone, shrunk: shorter }: Numbers): string {
  if (files.length > 0) return 'Cover the lines that are named, or bring their tests back.';
  const isMissing = gone.length + shorter.length > 0;
  return isMissing
    ? 'Let the report measure what is missing from it, or cover what was added.'
    : 'Cover what was added.';
}

const MAX_RANGES = 10;

/** Not where the patch rule names all that was lost. */
function worse({ worse: files, patch: judged }: Numbers, broken: readonly CoverageRule[]): Finding[] {
  const named = (path: string): number =>
    (broken.includes('patch') ? (judged?.uncovered ?? []) : []).reduce(
      (sum, range) => sum + (range.path === path ? range.end - range.start + 1 : 0),
      0,
    );
  const unnamed = files.filter(
    ({ path, covered, total, uncoveredBefore }) => total - covered - uncoveredBefore > named(path),
  );
  return unnamed.slice(0, MAX_PLACES).map(worseFile);
}

function worseFile({ path, covered, total, uncoveredBefore, uncovered }: WorseFile): Finding {
  const named = uncovered
    .slice(0, MAX_RANGES)
    .map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`));
  const others = uncovered.length - named.length;
  const lines =
    named.length === 0 ? '' : `: lines ${named.join(', ')}${others > 0 ? ` and ${others} more places` : ''}`;
  const first = uncovered[0]?.start;
  return {
    rule: RULE_NAMES.baseline,
    message: `${total - covered} of its ${total} lines are not covered, ${uncoveredBefore} were not before${lines}.`,
    path,
    ...(first === undefined ? {} : { line: first }),
  };
}

function patch({ patch: judged }: Numbers): Finding[] {
  if (judged === null || judged.holds) return [];
  const message = `${formatShare(judged)} of the added lines are covered, ${formatPpm(judged.minPpm)} are required: cover the named lines.`;
  const places = judged.uncovered.slice(0, MAX_PLACES).map(({ path, start, end }) => ({
    rule: RULE_NAMES.patch,
    message: start === end ? `Line ${start} is not covered.` : `Lines ${start} to ${end} are not covered.`,
    path,
    line: start,
  }));
  return [{ rule: RULE_NAMES.patch, message }, ...places];
}

const vanished = (numbers: Numbers): Finding[] =>
  numbers.vanished.slice(0, MAX_PLACES).map(({ path, total }) => ({
    rule: RULE_NAMES.vanished,
    message: `Measured before, still in the tree, missing from the report: its ${total} lines count as uncovered.`,
    path,
  }));

const changedFile = ({ name, reason, ...counts }: PartJudgement): Finding => ({
  rule: RULE_NAMES.perFile,
  message: `${formatShare(counts)} of the lines of this changed file are covered: ${reason}.`,
  path: name,
});

/** One label may block while another only warns. */
function label({ name, reason, ...counts }: PartJudgement): Finding {
  const message = `${name}: ${formatShare(counts)} of its lines are covered: ${reason}.`;
  return { rule: RULE_NAMES.labels, message };
}

const shrunk = ({ path, missing }: Numbers['shrunk'][number]): Finding => ({
  rule: RULE_NAMES.shrunk,
  message: `Nobody changed this file, and the report has ${missing} lines of it less than before; they count as uncovered.`,
  path,
});

const unmeasured = (path: string): Finding => ({
  rule: RULE_NAMES.unmeasured,
  message: 'This changed source file is not in the report: no test loads it, or the tool leaves it out.',
  path,
});

const pragma = (found: Numbers['pragmas'][number]): Finding => {
  const hidden = hiddenRanges(found).reduce((sum, { start, end }) => sum + end - start + 1, 0);
  const what = hidden === 1 ? 'the line counts' : `the ${hidden} ${hidden === 0 ? 'more ' : ''}lines it hides count`;
  const message = `The added comment "${found.pragma}" switches measuring off; ${what} as uncovered.`;
  return { rule: RULE_NAMES.pragmas, message, path: found.path, line: found.line };
};

const config = (path: string): Finding => ({
  rule: RULE_NAMES.config,
  message: 'The configuration of the measurement changed: check whether something is left out now.',
  path,
});
