/** `check_coverage_gate`: the caught-up commit does not erode coverage; its measurement is kept for the ratchet. */
import { join } from 'node:path';
import {
  type Baseline,
  type CoveragePolicy,
  type CoverageVerdict,
  commandHash,
  computeCoverageVerdict,
  coverageCheckVerdict,
  findTampering,
  type MeasureOutcome,
  measureCoverage,
  writeCoverageReport,
} from '@gatehouse/coverage-gate';
import { diffLines, resolveCommit } from '@gatehouse/git';
import type { CheckVerdict, TestedCommits } from '@gatehouse/verdict';
import { MEASUREMENT } from '../platform/claim-directories.ts';
import { writeTextFile } from '../platform/files.ts';
import { runLimits } from '../policy/run-limits.ts';
import { serializeMeasurement } from './coverage-measurement.ts';
import type { CheckContext } from './port.ts';
import { crashed, defer, error, skip } from './verdicts.ts';

export async function checkCoverage(context: CheckContext): Promise<CheckVerdict> {
  const { settings, policy } = context;
  if (policy.coverage === null) return skip('no coverage.command is configured for this repository');
  return measureAndJudge(context, { graceMs: settings.commands.graceMs, ...policy.coverage });
}

async function measureAndJudge(context: CheckContext, policy: CoveragePolicy): Promise<CheckVerdict> {
  const { subject, git, settings, workspace, ports, signal } = context;
  const commit = subject.tested ?? subject.head;
  const measurement = await measureCoverage({
    git,
    slotDir: workspace.slotDir,
    commit,
    policy,
    logDir: workspace.logDir,
    onRun: ports.record,
    ...runLimits(settings),
    signal,
  });
  const patch = await diffLines({ repo: git, base: subject.base, head: commit, signal });
  if (patch.kind === 'crashed') return crashed(patch);
  if (patch.kind !== 'diffed') return defer('infra', `the change cannot be listed: git ${patch.trouble}`);
  const tampering = await findTampering({ git, base: subject.base, head: commit, patch: patch.files, signal });
  if (tampering.kind === 'crashed') return crashed(tampering);
  const hash = commandHash(policy);
  const baseline = await ports.baseline(hash).read();
  const found = tampering.kind === 'inspected' ? { pragmas: tampering.pragmas, configs: tampering.configs } : {};
  const commits: TestedCommits = { base: subject.base, head: subject.head, tested: commit };
  const request = { policy, measurement, baseline, patch: patch.files, commandHash: hash, commits, ...found };
  const first = computeCoverageVerdict(request);
  const verdict = (await needsBaseTree(context, first, baseline))
    ? computeCoverageVerdict({ ...request, baseTree: await baseTree(context, policy) })
    : first;
  return report(context, { verdict, measurement, commit, hash, commits });
}

/** The uncovered lines of the base decide only when the budget is overrun and the record is about another tree. */
async function needsBaseTree(
  { git, subject }: CheckContext,
  verdict: CoverageVerdict,
  baseline: Baseline | null,
): Promise<boolean> {
  if (verdict.kind !== 'eroded' || !verdict.broken.includes('baseline') || baseline === null) return false;
  const base = await resolveCommit({ repo: git, ref: subject.base });
  return base.kind === 'found' && base.tree !== baseline.last.tree;
}

async function baseTree({ git, subject, settings, workspace, ports, signal }: CheckContext, policy: CoveragePolicy) {
  const base = await measureCoverage({
    git,
    slotDir: workspace.slotDir,
    commit: subject.base,
    policy,
    logDir: workspace.logDir,
    onRun: ports.record,
    ...runLimits(settings),
    signal,
  });
  if (base.kind !== 'measured') return null;
  return { uncovered: base.measured.total - base.measured.covered, total: base.measured.total };
}

interface CoverageCheckResult {
  readonly verdict: CoverageVerdict;
  readonly measurement: MeasureOutcome;
  readonly commit: string;
  readonly hash: string;
  readonly commits: TestedCommits;
}

async function report(
  { workspace }: CheckContext,
  { verdict, measurement, commit, hash, commits }: CoverageCheckResult,
): Promise<CheckVerdict> {
  const written = await writeCoverageReport({
    dir: workspace.reportsDir,
    verdict,
    commits,
    ...('evidence' in measurement && measurement.evidence !== undefined ? { evidence: measurement.evidence } : {}),
  });
  if (written.kind === 'crashed') return crashed(written);
  if (written.kind !== 'written')
    return error('tool-failed', `the coverage report cannot be written: ${written.reason}`);
  if (measurement.kind === 'measured') {
    const text = serializeMeasurement({
      commit,
      tree: measurement.evidence.tree,
      commandHash: hash,
      measured: measurement.measured,
    });
    const kept = await writeTextFile(join(workspace.reportsDir, MEASUREMENT), text);
    if (kept.kind !== 'written') return error('tool-failed', `the measurement cannot be kept: ${kept.reason}`);
  }
  return { ...coverageCheckVerdict(verdict), artefact: '18-coverage-report.md' };
}
