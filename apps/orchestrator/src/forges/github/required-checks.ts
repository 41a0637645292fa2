/** What GitHub's required checks say of one very commit: check runs and statuses together. */
import type { CommitOnMain, ReportedChecks, RequiredChecks } from '../port.ts';
import type { GithubApi } from './api.ts';
import { OWN_CONTEXT, type RequiredContext, readBranchRules } from './protection.ts';
import { CHECK_RUN, STATUS } from './shapes.ts';

/** One report of a check. `appId` null: a status, which does not tell its App. */
interface Report {
  readonly name: string;
  readonly appId: number | null;
  readonly word: string;
  readonly verdict: 'passed' | 'pending' | 'failed';
}

export async function requiredChecks(api: GithubApi, of: CommitOnMain): Promise<RequiredChecks> {
  const { main, signal } = of;
  const rules = await readBranchRules(api, { branch: main, signal });
  if (rules.kind !== 'rules') return { kind: 'unreachable', reason: rules.reason };
  const required = rules.required.filter(({ context }) => context !== OWN_CONTEXT);
  if (required.length === 0) return { kind: 'green' };
  const reports = await readReports(api, of);
  return 'kind' in reports ? reports : judge(required, reports);
}

/** The required checks where main requires any, else every one that was reported, but for our own. */
export async function reportedChecks(api: GithubApi, of: CommitOnMain): Promise<ReportedChecks> {
  const rules = await readBranchRules(api, { branch: of.main, signal: of.signal });
  if (rules.kind !== 'rules') return { kind: 'unreachable', reason: rules.reason };
  const required = rules.required.filter(({ context }) => context !== OWN_CONTEXT);
  const reports = await readReports(api, of);
  if ('kind' in reports) return reports;
  const others = reports.filter(({ name }) => name !== OWN_CONTEXT);
  const names = [...new Set(others.map(({ name }) => name))];
  const judged = judge(required.length > 0 ? required : names.map((context) => ({ context, appId: null })), others);
  if (judged.kind !== 'green') return judged;
  // Where everything was skipped, nothing looked at the commit.
  if (required.length === 0 && !others.some(({ word }) => word === 'success')) return { kind: 'none' };
  return { kind: 'green', names: others.map(({ name, word }) => (word === 'success' ? name : `${name} (${word})`)) };
}

/** GitHub counts skipped and neutral check runs as passed, and so is done here; they are named. */
function judge(required: readonly RequiredContext[], reports: readonly Report[]): RequiredChecks {
  const red: string[] = [];
  const pending: string[] = [];
  const lenient: string[] = [];
  for (const { context, appId } of required) {
    // A check run and a status of one name are both required, as GitHub has it. A status does not tell its App.
    const found = reports.filter(
      (one) => one.name === context && (appId === null || one.appId === null || one.appId === appId),
    );
    if (found.length === 0) pending.push(`${context} was not reported yet`);
    for (const { word, verdict } of found) {
      if (verdict === 'failed') red.push(`${context}: ${word}`);
      else if (verdict === 'pending') pending.push(`${context}: ${word}`);
      else if (word !== 'success') lenient.push(`${context}: ${word}`);
    }
  }
  const named = lenient.length === 0 ? '' : `counted as passed: ${list(lenient)}`;
  if (red.length > 0) return { kind: 'red', reason: `GitHub requires ${list(red)}${named && `; ${named}`}` };
  if (pending.length > 0) return { kind: 'pending', reason: `${list(pending)}${named && `; ${named}`}` };
  return named === '' ? { kind: 'green' } : { kind: 'green', reason: named };
}

const list = (items: readonly string[]): string => [...new Set(items)].join(', ');

async function readReports(
  api: GithubApi,
  { commit, signal }: CommitOnMain,
): Promise<readonly Report[] | Extract<RequiredChecks, { readonly kind: 'unreachable' }>> {
  const [runs, statuses] = await Promise.all([
    api.list({ path: `/commits/${commit}/check-runs`, key: 'check_runs', signal }),
    api.list({ path: `/commits/${commit}/status`, key: 'statuses', signal }),
  ]);
  if (runs.kind !== 'list') return { kind: 'unreachable', reason: runs.reason };
  if (statuses.kind !== 'list') return { kind: 'unreachable', reason: statuses.reason };
  const read = [...runs.items.map(reportOfRun), ...statuses.items.map(reportOfStatus)];
  const known = read.filter((report) => report !== null);
  return known.length === read.length
    ? known
    : { kind: 'unreachable', reason: `GitHub's checks of ${commit.slice(0, 12)} are not read here` };
}

const RUN_PASSES = new Set(['success', 'neutral', 'skipped']);

function reportOfRun(item: unknown): Report | null {
  const run = CHECK_RUN.safeParse(item).data;
  if (run === undefined) return null;
  const { name, status, conclusion } = run;
  const appId = run.app?.id ?? null;
  if (status !== 'completed') return { name, appId, word: status, verdict: 'pending' };
  const word = conclusion ?? 'completed without a conclusion';
  return { name, appId, word, verdict: RUN_PASSES.has(word) ? 'passed' : 'failed' };
}

function reportOfStatus(item: unknown): Report | null {
  const status = STATUS.safeParse(item).data;
  if (status === undefined) return null;
  const { context: name, state: word } = status;
  const verdict = word === 'success' ? 'passed' : word === 'pending' ? 'pending' : 'failed';
  return { name, appId: null, word, verdict };
}
