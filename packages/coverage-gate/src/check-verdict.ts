/** What the gate's answer means to the engine: the whole policy as one table over `kind`. */
import { type CheckVerdict, describeCrash, type TestedCommits } from '@gatehouse/verdict';
import { formatShare } from './percent.ts';
import { placingWords } from './placing/placing-words.ts';
import type { CoverageJudgement, CoverageVerdict } from './verdict.ts';

/** File name of the report in the artefact store. */
export const REPORT_NAME = '18-coverage-report.md';

type Of<Kind extends CoverageVerdict['kind']> = Extract<CoverageVerdict, { readonly kind: Kind }>;

/** `passed` opens; `unknown` opens with a warning unless the policy is closed; everything else does not. */
export function coverageCheckVerdict(verdict: CoverageVerdict): CheckVerdict {
  switch (verdict.kind) {
    case 'passed':
      return checkVerdictOf(verdict, 'pass');
    case 'eroded':
      return checkVerdictOf(verdict, 'fail');
    case 'unknown':
      return unknown(verdict);
    case 'infra':
      return {
        // What was refused will be refused again: its definition has to be mended.
        ...(verdict.trouble === 'refused'
          ? { status: 'error', cause: 'tool-failed' }
          : { status: 'defer', cause: 'infra' }),
        reason: `coverage could not be measured here: ${verdict.reason}`,
        findings: [],
        warnings: [],
        commits: verdict.commits,
      };
    case 'skipped':
      return { status: 'skip', reason: verdict.reason, findings: [], warnings: [], ...commitsOf(verdict) };
    case 'crashed':
      return { status: 'error', cause: 'crashed', reason: describeCrash(verdict), findings: [], warnings: [] };
  }
}

function checkVerdictOf(verdict: Of<'passed'> | Of<'eroded'>, status: 'pass' | 'fail'): CheckVerdict {
  const { findings, warnings, commits } = verdict;
  return { status, reason: summaryLine(verdict), findings, warnings, commits, artefact: REPORT_NAME };
}

function unknown({ why, reason, failClosed, baseMeasures, findings, commits }: Of<'unknown'>): CheckVerdict {
  const own = baseMeasures === true ? ', while the base measures well with the same command' : '';
  const explained = { reason: `coverage is unknown: ${reason}${own}`, findings, commits, artefact: REPORT_NAME };
  const warnings = [`coverage_unknown:${why}`];
  return failClosed
    ? { status: 'error', cause: 'tool-failed', ...explained, warnings }
    : { status: 'pass', ...explained, warnings };
}

const commitsOf = ({ commits }: { readonly commits?: TestedCommits }): { readonly commits?: TestedCommits } =>
  commits === undefined ? {} : { commits };

function namesOf({ placing }: CoverageJudgement): string {
  const words = placing === undefined ? '' : placingWords(placing);
  return words === '' ? '' : `; ${words}`;
}

/** The verdict in one line, with the numbers it rests on. */
export function summaryLine(verdict: CoverageVerdict): string {
  switch (verdict.kind) {
    case 'passed':
    case 'eroded': {
      const says = verdict.kind === 'passed' ? 'coverage holds' : `coverage fails (${verdict.broken.join(', ')})`;
      const rule = verdict.inequality === '' ? '' : `; ${verdict.inequality}`;
      return `${says}: ${formatShare(verdict.head)} of the lines${verdict.bootstrap ? ', no baseline yet' : ''}${rule}${namesOf(verdict)}`;
    }
    case 'unknown':
      return `coverage is unknown (${verdict.why}): ${verdict.reason}`;
    case 'infra':
      return `coverage could not be measured here (${verdict.trouble}): ${verdict.reason}`;
    case 'skipped':
      return `coverage was not checked: ${verdict.reason}`;
    case 'crashed':
      return describeCrash(verdict);
  }
}
