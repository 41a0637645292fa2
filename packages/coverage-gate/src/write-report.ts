/**
 * `18-coverage-report.md`: the machine verdict in the front matter, and for people what to do about it.
 * Names and texts of the branch are escaped; the body is never parsed.
 */
import { type WriteAnswer, writeArtefact } from '@gatehouse/artefact';
import type { Crashed, Finding, TestedCommits } from '@gatehouse/verdict';
import { REPORT_NAME, summaryLine } from './check-verdict.ts';
import { MAX_PLACES } from './findings.ts';
import { formatPpm, formatShare } from './percent.ts';
import type { NameCount, Placing } from './placing/placing-words.ts';
import type { CoverageJudgement, CoverageVerdict, MeasureEvidence } from './verdict.ts';

/** What may be given to `writeCoverageReport`. */
export interface CoverageReportRequest {
  /** The artefact store's directory for this task; never a directory a branch can write to. */
  readonly dir: string;
  /** What is reported. */
  readonly verdict: CoverageVerdict;
  /** The commits that the answer is about. */
  readonly commits: TestedCommits;
  /** Of the measurement: what ran, and what of the report did not count. */
  readonly evidence?: MeasureEvidence;
  /** What was run, printed as the way to reproduce. */
  readonly command?: string;
  /** `create` (the default) refuses what stands there already, `replace` takes its place. */
  readonly mode?: 'create' | 'replace';
}

const STATUS: { readonly [Kind in CoverageVerdict['kind']]: 'PASS' | 'FAIL' | 'UNKNOWN' | 'SKIP' } = {
  passed: 'PASS',
  eroded: 'FAIL',
  unknown: 'UNKNOWN',
  infra: 'UNKNOWN',
  crashed: 'UNKNOWN',
  skipped: 'SKIP',
};

/** Writes the report; `refused` when one already stands there and `mode` is not `replace`. */
export async function writeCoverageReport(request: CoverageReportRequest): Promise<WriteAnswer | Crashed> {
  const { dir, mode = 'create' } = request;
  return writeArtefact({ dir, name: REPORT_NAME, front: frontOf(request), body: bodyOf(request), mode });
}

type Front = Readonly<Record<string, string | number | boolean>>;

function frontOf({ verdict, commits }: CoverageReportRequest): Front {
  const about = {
    coverage_status: STATUS[verdict.kind],
    outcome: verdict.kind,
    base_sha: commits.base,
    head_sha: commits.head,
    ...(commits.tested === undefined ? {} : { tested_sha: commits.tested }),
  };
  if (verdict.kind === 'unknown') return { ...about, why: verdict.why, fail_closed: verdict.failClosed };
  if (verdict.kind !== 'passed' && verdict.kind !== 'eroded') return about;
  return { ...about, ...numbersOf(verdict) };
}

function numbersOf(judged: CoverageJudgement): Front {
  const { head, baseline, patch } = judged;
  return {
    mode: judged.mode,
    bootstrap: judged.bootstrap,
    broken_rules: judged.broken.join(' '),
    covered: head.covered,
    total: head.total,
    reported_covered: judged.reported.covered,
    reported_total: judged.reported.total,
    epsilon_ppm: judged.epsilonPpm,
    ...(judged.minPpm === null ? {} : { min_ppm: judged.minPpm }),
    ...(baseline === null ? {} : baselineNumbers(baseline)),
    ...(judged.baseUncovered === null ? {} : { base_uncovered: judged.baseUncovered }),
    ...(patch === null ? {} : { patch_covered: patch.covered, patch_total: patch.total, patch_min_ppm: patch.minPpm }),
    vanished_files: judged.vanished.length,
    shrunk_files: judged.shrunk.length,
    files_below: judged.files.length,
    labels_below: judged.labels.length,
    labels_carried: judged.carried.length,
    flapping_lines: judged.flapping,
    unmeasured_files: judged.unmeasured.length,
    pragmas_added: judged.pragmas.length,
    configs_changed: judged.configs.length,
    ...(judged.placing === undefined ? {} : nameNumbers(judged.placing)),
    format: judged.format,
    report_sha256: judged.reportSha256,
  };
}

const nameNumbers = ({ unplaced, foreign, stale, rejectedLines }: Placing): Front => ({
  unplaced_files: unplaced.files,
  unplaced_lines: unplaced.lines,
  foreign_files: foreign.files,
  foreign_lines: foreign.lines,
  stale_files: stale.length,
  rejected_lines: rejectedLines,
});

const baselineNumbers = ({ seq, mark, ref, last }: NonNullable<CoverageJudgement['baseline']>): Front => ({
  baseline_seq: seq,
  mark_covered: mark.covered,
  mark_total: mark.total,
  ref_uncovered: ref.uncovered,
  ref_total: ref.total,
  last_covered: last.covered,
  last_total: last.total,
});

function bodyOf(request: CoverageReportRequest): string {
  const { verdict } = request;
  const parts = [`# Coverage: ${STATUS[verdict.kind]}`, escapeText(summaryLine(verdict))];
  if (verdict.kind === 'passed' || verdict.kind === 'eroded') {
    parts.push(table(verdict), ...uncoveredPatch(verdict), ...findingList(verdict.findings));
    if (verdict.warnings.length > 0) parts.push(bullets('Warnings', verdict.warnings.map(escapeText)));
  }
  if (verdict.kind === 'unknown') parts.push(...findingList(verdict.findings));
  parts.push(...evidenceList(request), reproduce(request));
  return `\n${parts.join('\n\n')}\n`;
}

function table({ head, reported, baseline, minPpm, epsilonPpm }: CoverageJudgement): string {
  const row = (name: string, counts: { covered: number; total: number }): string =>
    `| ${name} | ${formatShare(counts)} | ${counts.total - counts.covered} |`;
  const rows = ['| | covered | uncovered lines |', '|---|---|--:|', row('head', head)];
  if (reported.total !== head.total) rows.push(row('head, as the tool reported it', reported));
  if (baseline !== null) rows.push(row('last landed', baseline.last), row('mark', baseline.mark));
  const minimum = minPpm === null ? '' : `Minimum ${formatPpm(minPpm)}. `;
  return `${rows.join('\n')}\n\n${minimum}Tolerance ${epsilonPpm} ppm.`;
}

function uncoveredPatch({ patch }: CoverageJudgement): string[] {
  if (patch === null) return [];
  const head = `Patch: ${formatShare(patch)} of the added measurable lines, ${formatPpm(patch.minPpm)} wanted.`;
  if (patch.uncovered.length === 0) return [head];
  const places = patch.uncovered
    .slice(0, MAX_PLACES)
    .map(({ path, start, end }) => `\`${escapeName(path)}:${start}-${end}\``);
  const more = patch.uncovered.length - places.length;
  if (more > 0) places.push(`and ${more} more`);
  return [head, bullets('Uncovered lines of the patch', places)];
}

function findingList(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const lines = findings.slice(0, MAX_PLACES).map(({ rule, message, path, line }) => {
    const place = path === undefined ? '' : ` \`${escapeName(path)}${line === undefined ? '' : `:${line}`}\``;
    return `${rule}${place}: ${escapeText(message)}`;
  });
  if (findings.length > MAX_PLACES) lines.push(`and ${findings.length - MAX_PLACES} more`);
  return [bullets('Findings', lines)];
}

function evidenceList({ evidence }: CoverageReportRequest): string[] {
  if (evidence === undefined) return [];
  const lines = evidence.runs.map(
    ({ purpose, durationMs, outcome, level }) => `${purpose}: ${outcome} in ${durationMs} ms (contained by ${level})`,
  );
  lines.push(...evidence.diagnostics.map(escapeText));
  if (evidence.placing !== undefined) lines.push(...nameLines(evidence.placing));
  return [bullets('How it was measured', lines)];
}

function nameLines({ placed, unplaced, foreign, united }: Placing): string[] {
  const named = (names: NameCount): string =>
    names.examples.map((name) => `\`${escapeName(name)}\``).join(', ') +
    (names.files > names.examples.length ? ` and ${names.files - names.examples.length} more` : '');
  const lines = [`${placed.files} files of this commit are measured, in ${placed.lines} lines`];
  if (unplaced.files > 0)
    lines.push(
      `${unplaced.files} names (${unplaced.lines} lines) cannot be placed and count nowhere: ${named(unplaced)}`,
    );
  if (foreign.files > 0)
    lines.push(`${foreign.files} names (${foreign.lines} lines) are foreign and count nowhere: ${named(foreign)}`);
  if (united.length > 0)
    lines.push(
      `files with several names and different lines, united: ${united.map((path) => `\`${escapeName(path)}\``).join(', ')}`,
    );
  return lines;
}

function reproduce({ commits, command }: CoverageReportRequest): string {
  const commit = commits.tested ?? commits.head;
  const run = command === undefined ? 'run the coverage command' : `run \`${escapeName(command)}\``;
  return `To reproduce: check out \`${escapeName(commit)}\` and ${run}. The numbers are what the branch's own tests report.`;
}

const bullets = (title: string, lines: readonly string[]): string =>
  [`## ${title}`, '', ...lines.map((line) => `- ${line}`)].join('\n');

const MAX_NAME = 200;
const MAX_TEXT = 1000;

/** For a code span: one line, no backtick, bounded. */
const escapeName = (name: string): string => flat(name, MAX_NAME).replaceAll('`', "'");

/** For running text: one line, bounded, without the characters Markdown and HTML act on. */
const escapeText = (text: string): string => flat(text, MAX_TEXT).replace(/[\\`*_[\]<>|#!]/g, (c) => `\\${c}`);

const flat = (text: string, limit: number): string =>
  text
    .slice(0, limit)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
