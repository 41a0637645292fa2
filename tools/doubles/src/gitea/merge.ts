/** `POST pulls/{n}/merge`: the recorded table, in the recorded order. */
import { FAILED, NOT_FOUND, refused, type Said } from './answers.ts';
import { merged, notice } from './life.ts';
import { isWorkInProgress } from './render.ts';
import { type Doer, type GiteaState, isWriter, type ProtectionRule, type PullRow } from './state.ts';

const STYLES = ['merge', 'rebase', 'rebase-merge', 'squash', 'fast-forward-only', 'manually-merged'];

/** Go reads field names without regard to case; `merge_commit_id` is none of its names. */
function field(form: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.entries(form).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

export interface MergeOrder {
  readonly doer: Doer;
  readonly number: number;
  readonly form: Readonly<Record<string, unknown>>;
}

export async function merge(state: GiteaState, { doer, number, form }: MergeOrder): Promise<Said> {
  const style = field(form, 'Do');
  if (style === undefined || style === '') return refused(422, '[Do]: Required');
  if (typeof style !== 'string' || !STYLES.includes(style)) return refused(422, '[Do]: In');
  const row = state.pulls.get(number);
  if (row === undefined)
    return { status: 404, body: { errors: ['pull request does not exist'], message: 'GetPullRequestByIndex' } };
  const rule = state.protection.get(row.base);
  const isManual = style === 'manually-merged';
  const notNow = await notMergeable(state, { row, doer, rule, isManual });
  if (notNow !== null) return notNow;
  if (isManual) return mergeByHand(state, row, { doer, commit: field(form, 'MergeCommitID') });
  if (form['merge_when_checks_succeed'] === true) return schedule(row);
  const unmet = await unmetRule(state, row, rule);
  if (unmet !== null) return unmet;
  if (style !== 'fast-forward-only' || !state.settings.allow_fast_forward_only_merge) return styleOff(style);
  const asked = form['head_commit_id'];
  if (asked !== undefined && asked !== '' && asked !== row.head) return refused(409, 'head out of date');
  return fastForward(state, row, doer);
}

const styleOff = (style: string): Said =>
  refused(405, `${style} is not allowed an allowed merge style for this repository`);

interface Question {
  readonly row: PullRow;
  readonly doer: Doer;
  readonly rule: ProtectionRule | undefined;
  readonly isManual: boolean;
}

async function notMergeable(state: GiteaState, { row, doer, rule, isManual }: Question): Promise<Said | null> {
  if (row.mergedBy !== null) return refused(405, 'The PR is already merged');
  if (row.state === 'closed') return NOT_FOUND;
  const mayMerge = isWriter(doer.permission) && (rule?.merge_whitelist?.includes(doer.login) ?? true);
  if (!mayMerge) return refused(405, 'User not allowed to merge PR');
  if (isManual) return null;
  if (isWorkInProgress(row)) return refused(405, 'Work in progress PRs cannot be merged');
  // Its branch is gone, and that it is closed by that was not seen yet.
  if (row.closing !== null) return FAILED;
  return (await isMergeable(state, row)) ? null : refused(405, 'Please try again later');
}

/** False while the check runs, and for a conflict: not to be told apart. Each asking brings the end of the check nearer. */
export async function isMergeable(state: GiteaState, row: PullRow): Promise<boolean> {
  if (row.checking > 0) {
    row.checking -= 1;
    return false;
  }
  const base = state.seen.get(row.base);
  if (base === undefined) return false;
  const pair = `${base} ${row.head}`;
  const known = state.mergeable.get(pair);
  if (known !== undefined) return known;
  const merges = await state.repository.git('merge-tree', '--write-tree', base, row.head).then(
    () => true,
    () => false,
  );
  state.mergeable.set(pair, merges);
  return merges;
}

function schedule(row: PullRow): Said {
  if (row.isScheduled) return refused(409, 'pull request is already scheduled to auto merge when checks succeed');
  row.isScheduled = true;
  return { status: 201 };
}

/** What the protection of the base asks for; statuses are judged first. Null: nothing is missing. */
async function unmetRule(state: GiteaState, row: PullRow, rule: ProtectionRule | undefined): Promise<Said | null> {
  if (rule === undefined) return null;
  const stateOf = (context: string) =>
    state.statuses.findLast((status) => status.commit === row.head && status.context === context)?.state;
  if (rule.status_check_contexts?.some((context) => stateOf(context) !== 'success') ?? false)
    return refused(405, 'Not all required status checks successful');
  const counted = state.reviews.filter(({ pull, isDismissed }) => pull === row.number && !isDismissed);
  if (counted.filter((review) => review.state === 'APPROVED').length < rule.required_approvals)
    return refused(405, 'Does not have enough approvals');
  if (rule.block_on_rejected_reviews && counted.some((review) => review.state === 'REQUEST_CHANGES'))
    return refused(405, 'There are requested changes');
  return null;
}

async function fastForward(state: GiteaState, row: PullRow, { login }: Doer): Promise<Said> {
  const main = await state.repository.head(row.base);
  if (main === null || !(await state.repository.contains(row.head, main))) return FAILED;
  if (!(await state.repository.move(`refs/heads/${row.base}`, main, row.head))) return FAILED;
  merged(state, row, { by: login, as: row.head });
  await notice(state, login);
  return { status: 200 };
}

async function mergeByHand(
  state: GiteaState,
  row: PullRow,
  { doer, commit }: Readonly<{ doer: Doer; commit: unknown }>,
): Promise<Said> {
  if (!state.settings.allow_manual_merge) return styleOff('manually-merged');
  const main = await state.repository.head(row.base);
  const isThere = typeof commit === 'string' && commit.length === 40 && main !== null;
  if (!isThere || !(await state.repository.contains(main, commit))) return { status: 409, body: {} };
  merged(state, row, { by: doer.login, as: commit });
  return { status: 200 };
}
