/**
 * What must be true at the very moment main moves to a commit of the service: every gate in scope passed that commit,
 * no stop forbids it, and it is as good as the gates said.
 */
import type { Database } from '../database.ts';
import { type Commit, isGreen } from '../history.ts';

export interface GateRow {
  readonly check: string;
  readonly status: string;
  readonly base: string | null;
  readonly head: string | null;
  readonly tested: string | null;
}

export interface LandedCommit {
  readonly taskId: string;
  readonly commit: Commit;
  /** Where main was. */
  readonly before: Commit;
  readonly head: string | null;
  /** The newest run of each check of the task. */
  readonly runs: readonly GateRow[];
  /** Checks that a person overrode for this head. */
  readonly overridden: readonly string[];
  /** The answer its first stop got, if it was ever stopped. */
  readonly stop: string | null;
}

/** Written down here and not taken from the engine, which is what is judged; a test compares the two. */
export const IN_SCOPE: readonly string[] = [
  'check_security_gate',
  'check_branch_mergeable',
  'check_coverage_gate',
  'check_image_freshness',
];
const OPENS = new Set(['pass', 'skip']);

export function landingViolations(landing: LandedCommit): readonly string[] {
  const { taskId, commit, before, stop, overridden } = landing;
  const wrong = IN_SCOPE.filter((check) => !overridden.includes(check) && !passed(landing, check)).map(
    (check) => `${taskId} landed ${short(commit)} without a pass of ${check} for it`,
  );
  if (!commit.ancestors.has(before.sha)) wrong.push(`main left ${short(before)} for ${short(commit)}`);
  if (stop !== null && stop !== 'deferred' && stop !== 'too_late')
    wrong.push(`${taskId} landed after its stop was answered ${stop}`);
  if (!isGreen(commit)) wrong.push(`${taskId} landed ${short(commit)}, which is red`);
  const brought = [...commit.changes.values()].filter(({ id }) => !before.changes.has(id));
  if (!overridden.includes('check_security_gate') && brought.some(({ secret }) => secret))
    wrong.push(`${taskId} landed a secret`);
  return wrong;
}

/** The newest run of the check opened, and it was about this head and, after the merge check, this very commit. */
function passed({ runs, commit, head, before }: LandedCommit, check: string): boolean {
  const newest = runs.find((run) => run.check === check);
  if (newest === undefined || !OPENS.has(newest.status)) return false;
  if (newest.head !== head) return false;
  // Security is about the head alone; what catching up brought is scanned before the landing.
  return check === 'check_security_gate' || (newest.base === before.sha && newest.tested === commit.sha);
}

const short = ({ sha }: Commit): string => sha.replace(/^c+/, '#');

export function gateRunReader({ query }: Database): (taskId: string) => readonly GateRow[] {
  const rows = query(
    `SELECT check_name AS "check", status, base_sha AS base, head_sha AS head, tested_sha AS tested, max(id) AS id
     FROM gate_runs WHERE task_id = (SELECT ?) GROUP BY check_name`,
  );
  return (taskId) => rows.all(taskId) as GateRow[];
}
