/** What is demanded of parts of the repository: of each changed file, and of each label. */
import type { Baseline } from './baseline-record.ts';
import { formatPpm, MILLION } from './percent.ts';
import { isUnder, type LabelRule } from './rule-policy.ts';
import type { CoveragePolicy, FileCounts, LineCounts, Measured, PartJudgement, PatchMap } from './verdict.ts';

type Files = Readonly<Record<string, FileCounts>>;

const FILE_SLACK = 2;

/** Changed files below their least share, or with more uncovered lines and a lower share than the baseline has of them. */
export function judgeFiles(
  policy: Pick<CoveragePolicy, 'perFile' | 'epsilonPpm' | 'ignore'>,
  files: Files,
  { patch, baseline }: { readonly patch: PatchMap | null | undefined; readonly baseline: Baseline | null },
): PartJudgement[] {
  const { perFile: rule, epsilonPpm, ignore } = policy;
  if (rule === undefined || rule.policy === 'off') return [];
  const slack = rule.slackLines ?? FILE_SLACK;
  const found: PartJudgement[] = [];
  for (const [path, { from }] of patch ?? []) {
    if (!Object.hasOwn(files, path) || isUnder(path, ignore)) continue;
    const [covered, total] = files[path] ?? [0, 0];
    const counts = { covered, total };
    const [coveredBefore, totalBefore] = baseline?.files[from ?? path] ?? [0, 0];
    const grown = total - covered - (totalBefore - coveredBefore);
    const reason =
      shareReason(counts, rule.minPpm, slack) ??
      (totalBefore > 0 && grown > slack && isBelow(counts, { covered: coveredBefore, total: totalBefore }, epsilonPpm)
        ? `${grown} more uncovered lines than the ${totalBefore - coveredBefore} before`
        : null);
    if (reason !== null) found.push({ name: path, ...counts, reason, blocks: rule.policy === 'block' });
  }
  return found;
}

/** Labels below their least share; one that nothing is measured of does not reach it. */
export function judgeLabels(
  labels: readonly LabelRule[],
  files: Files,
  byLabel: Measured['byLabel'] = {},
): PartJudgement[] {
  return labels.flatMap(({ label, paths, policy, minPpm, slackLines = 0 }) => {
    if (policy === 'off') return [];
    const isKnown = paths !== undefined || Object.hasOwn(byLabel, label);
    const counts = paths === undefined ? byLabel[label] : sumUnder(paths, files);
    const { covered, total } = isKnown && counts !== undefined ? counts : { covered: 0, total: 0 };
    const isMissing = total === 0 && (minPpm ?? 0) > 0;
    const missing = isKnown ? 'no line of it is measured' : 'no report has this label';
    const reason = isMissing ? missing : shareReason({ covered, total }, minPpm, slackLines);
    return reason === null ? [] : [{ name: label, covered, total, reason, blocks: policy === 'block' }];
  });
}

function sumUnder(paths: readonly string[], files: Files): LineCounts {
  let covered = 0;
  let total = 0;
  for (const [path, counts] of Object.entries(files)) {
    if (!isUnder(path, paths)) continue;
    covered += counts[0];
    total += counts[1];
  }
  return { covered, total };
}

function shareReason({ covered, total }: LineCounts, minPpm: number | undefined, slack: number): string | null {
  const isBelowShare = covered * MILLION < (minPpm ?? 0) * total && total - covered > slack;
  return isBelowShare ? `${formatPpm(minPpm ?? 0)} are required` : null;
}

/** a / b shares: a's is more than epsilon below b's. */
function isBelow(a: LineCounts, b: LineCounts, epsilonPpm: number): boolean {
  const [ac, at, bc, bt] = [a.covered, a.total, b.covered, b.total].map(BigInt) as [bigint, bigint, bigint, bigint];
  return ac * bt * BigInt(MILLION) + BigInt(epsilonPpm) * at * bt < bc * at * BigInt(MILLION);
}
