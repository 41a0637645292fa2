/** `gatehouse coverage annotate`: the new lines that a report has no test for, as annotations, SARIF or words. Nothing is run. */
import { resolve } from 'node:path';
import { type CoverageVerdict, computeCoverageVerdict, formatShare, readMeasurement } from '@gatehouse/coverage-gate';
import { diffLines, mergeBase } from '@gatehouse/git';
import { describeCrash, type Finding } from '@gatehouse/verdict';
import { isMeantAsAddress } from '../../forges/address.ts';
import { describeGitFailure } from '../../platform/describe-git-failure.ts';
import { processEnvironment } from '../../platform/process-environment.ts';
import { temporaryDirectory } from '../../platform/temporary-directory.ts';
import { type Answer, failure, type Terminal, usage } from '../answer.ts';
import { locate } from '../checkout/locate.ts';
import type { Located, LocateOptions } from '../checkout/located.ts';
import { workTreeOf } from '../checkout/uncommitted.ts';
import { chooseOutputs, type OutputOptions } from '../formats/choose-outputs.ts';
import { writeOutputs } from '../formats/write-outputs.ts';
import { staleReport } from './stale-report.ts';

export interface AnnotateOptions extends LocateOptions, OutputOptions {
  readonly summary?: boolean | string;
}

const HELP = 'gatehouse coverage annotate --help';

export async function coverageAnnotate(report: string, options: AnnotateOptions, terminal: Terminal): Promise<Answer> {
  const chosen = chooseOutputs(options);
  if (chosen.kind === 'unclear') return usage(chosen.problem);
  if (isMeantAsAddress(options.repo))
    return usage('the report names files of a clone on this machine: --repo takes its path', HELP);
  const directory = await temporaryDirectory('gatehouse-annotate-');
  if (directory.kind !== 'made') return failure(`no temporary directory can be made: ${directory.reason}`);
  const started = performance.now();
  const found = await locate(options, { directory: directory.path, terminal });
  const judged = found.kind === 'located' ? await judge(report, options, { located: found, terminal }) : found.answer;
  await directory.remove();
  if (found.kind !== 'located' || 'exit' in judged) return 'exit' in judged ? judged : failure('nothing was judged');
  const { subject, view } = found;
  const check = {
    check: 'coverage_annotate',
    status: judged.isStale ? ('skip' as const) : ('pass' as const),
    reason: judged.reason,
    ...{ base_sha: subject.base, head_sha: subject.head },
    ...{ findings: judged.findings, warnings: judged.warnings },
    duration_ms: Math.round(performance.now() - started),
  };
  const written = { gate: 'coverage_annotate', status: check.status, checks: [check], not_asked: [], subject: view };
  const { outputs } = chosen;
  return writeOutputs(written, {
    outputs,
    cwd: terminal.cwd,
    summary: options.summary ?? false,
    env: processEnvironment(),
  });
}

interface Annotated {
  /** The report may be of other sources, so that nothing is known. */
  readonly isStale: boolean;
  readonly reason: string;
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
}

async function judge(
  report: string,
  { repo }: AnnotateOptions,
  { located: { git, subject }, terminal: { cwd, signal } }: { readonly located: Located; readonly terminal: Terminal },
): Promise<Annotated | Answer> {
  const { base, head } = subject;
  const from = await mergeBase({ repo: git, a: base, b: head, signal });
  if (from.kind === 'crashed') return failure(describeCrash(from));
  if (from.kind === 'git-failed') return failure(describeGitFailure(from));
  const start = from.kind === 'found' ? from.sha : base;
  const patch = await diffLines({ repo: git, base: start, head, signal });
  if (patch.kind === 'crashed') return failure(describeCrash(patch));
  if (patch.kind !== 'diffed') return failure(describeGitFailure(patch));
  const measurement = await readMeasurement({
    git,
    commit: head,
    report: resolve(cwd, report),
    root: resolve(cwd, repo),
    signal,
  });
  const verdict = computeCoverageVerdict({
    policy: LOOK,
    measurement,
    baseline: null,
    patch: patch.files,
    commits: { base, head },
  });
  const answer = annotated(verdict);
  if ('exit' in answer || measurement.kind !== 'measured') return answer;
  const stale = await staleReport({
    ...{ changed: [...patch.files.keys()], measurement },
    ...{ report: resolve(cwd, report), root: workTreeOf(resolve(cwd, repo)) ?? resolve(cwd, repo) },
  });
  if (stale === null) return answer;
  return {
    ...answer,
    isStale: true,
    reason: `${stale}; run the tests with coverage again (${answer.reason}, as it stands)`,
  };
}

/** Demands that every new line is covered, so that each that is not is named. */
const LOOK = {
  command: '-',
  report: '-',
  mode: 'absolute',
  minPpm: 0,
  epsilonPpm: 0,
  timeoutMs: 1,
  failClosed: true,
  env: [],
  pragmas: 'off',
  config: 'off',
  patch: { minPpm: 1_000_000, policy: 'warn', slackLines: 0 },
} as const;

function annotated(verdict: CoverageVerdict): Annotated | Answer {
  switch (verdict.kind) {
    case 'passed':
    case 'eroded': {
      const { patch, unmeasured, warnings } = verdict;
      const lines = (patch?.uncovered ?? []).map(({ path, start, end }) => ({
        rule: 'coverage/patch',
        message: start === end ? `Line ${start} is not covered.` : `Lines ${start} to ${end} are not covered.`,
        path,
        line: start,
      }));
      const files = unmeasured.map((path) => ({
        rule: 'coverage/unmeasured',
        message: 'This changed file is not in the report.',
        path,
      }));
      const told = warnings.filter((warning) => !warning.startsWith('coverage/'));
      return { isStale: false, reason: inWords(patch), findings: [...lines, ...files], warnings: told };
    }
    case 'unknown':
    case 'infra':
      return failure(verdict.reason, HELP);
    case 'skipped':
      return failure(verdict.reason);
    case 'crashed':
      return failure(describeCrash(verdict));
  }
}

const inWords = (patch: Parameters<typeof formatShare>[0] | null): string =>
  patch === null
    ? 'the report does not say which lines ran'
    : patch.total === 0
      ? 'no new line can be covered'
      : `${formatShare(patch)} of the new lines are covered`;
