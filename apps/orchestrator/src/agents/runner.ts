/**
 * Where agents work: clone, configuration of main, prompt, command, and back. Nothing here moves a branch but `push`,
 * and that only the task's own. What lies in a clone is read as bytes; it is never asked or executed.
 */
import { join } from 'node:path';
import { codeTree, deleteBranch, type GitRepo, importCommit, pushBranch } from '@gatehouse/git';
import { checkRegressionMarkers, type RegressionMarker } from '@gatehouse/merge-gate';
import { describeCrash } from '@gatehouse/verdict';
import { shownText } from '../checks/mask-secrets.ts';
import { readInside } from '../platform/clone-files.ts';
import { writeTextFile } from '../platform/files.ts';
import type { Environment } from '../settings.ts';
import { makeClone, readTip } from './clone.ts';
import { clearPaper, takePaper } from './collect-report.ts';
import { type DeployOrder, deploy } from './deploy.ts';
import type { WorkOrder, WorkReport } from './port.ts';
import { PROMPT, promptFor } from './prompt.ts';
import { restoreAgentConfig } from './restore-tool-config.ts';
import { ROLES } from './roles.ts';
import { runAgent } from './run-agent.ts';

export interface PushOrder {
  readonly git: GitRepo;
  readonly url: string;
  readonly branch: string;
  readonly main: string;
  readonly commit: string;
  /** Where the branch was when the work began; null: nowhere. */
  readonly expected: string | null;
  readonly signal: AbortSignal;
}

export type PushAnswer =
  | { readonly kind: 'pushed' }
  /** Somebody else pushed meanwhile; nothing was changed. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'unpushed'; readonly reason: string };

export type WithdrawAnswer =
  | { readonly kind: 'withdrawn' }
  /** Somebody else's work, or a branch that must stay. */
  | { readonly kind: 'kept'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Where work is done. What a report says is masked: it may quote output, and output can hold a secret. */
export interface Workshop {
  work(order: WorkOrder): Promise<WorkReport>;
  /** The same for a stage whose work is a command of the operator's: its report says how that ended. */
  deploy(order: DeployOrder): Promise<WorkReport>;
  push(order: PushOrder): Promise<PushAnswer>;
  /** Deletes a task's branch at the forge if it is still where it was recorded; never the one that is landed on. */
  withdraw(order: Omit<PushOrder, 'commit' | 'expected'> & { readonly expected: string }): Promise<WithdrawAnswer>;
  /** The commit's tree without the task's papers; null when it cannot be read. */
  codeTree(of: { readonly git: GitRepo; readonly commit: string; readonly key: string }): Promise<string | null>;
  /** Markers that `commit` lacks; null when that cannot be told. */
  lostMarkers(of: {
    readonly git: GitRepo;
    readonly commit: string;
    readonly markers: readonly RegressionMarker[];
  }): Promise<readonly RegressionMarker[] | null>;
}

/** A workshop whose agents may be handed variables of `environment`. */
export const workshopWith = (environment: Environment): Workshop => ({
  work: async (order) => shownReport(await work(order, environment)),
  deploy: async (order) => shownReport(await deploy(order)),
  push,
  withdraw,
  async codeTree({ git, commit, key }) {
    const answer = await codeTree({ repo: git, commit, key });
    return answer.kind === 'found' ? answer.tree : null;
  },
  async lostMarkers({ git, commit, markers }) {
    const answer = await checkRegressionMarkers({ git, commit, markers });
    if (answer.kind === 'present') return [];
    return answer.kind === 'lost' ? answer.markers : null;
  },
});

const shownReport = async (report: WorkReport): Promise<WorkReport> =>
  report.kind === 'worked' ? report : { ...report, reason: await shownText(report.reason) };

async function work(order: WorkOrder, environment: Environment): Promise<WorkReport> {
  const { git, places, start, base, assignment, signal } = order;
  const infra = (reason: string): WorkReport => ({ kind: 'infra', reason, run: null });
  const cloned = await makeClone({ git, dir: places.slotDir, branch: assignment.branch, start, signal });
  if (cloned.kind !== 'cloned') return infra(cloned.reason);
  const restored = await restoreAgentConfig({ git, dir: places.slotDir, base, start, signal });
  if (restored.kind !== 'restored') return infra(restored.reason);
  const uncleared = await clearPaper(order);
  if (uncleared !== null) return infra(`the clone cannot be prepared: ${uncleared}`);
  const prompt = await writeTextFile(join(places.reportsDir, PROMPT), promptFor(assignment));
  if (prompt.kind !== 'written') return infra(`the prompt cannot be written: ${prompt.reason}`);
  const ran = await runAgent(order, environment);
  if (ran.kind !== 'finished') return ran;
  const tip = await bringBack(order);
  if (tip.kind !== 'back') return { ...tip, run: ran.run };
  const about = ROLES[assignment.role].pushes ? tip.commit : start;
  const taken = await takePaper(order, tip.commit, about);
  if (taken.kind !== 'taken') return { ...taken, run: ran.run };
  return { kind: 'worked', run: ran.run, commit: about, paper: taken.paper };
}

type Back =
  | { readonly kind: 'back'; readonly commit: string }
  | { readonly kind: 'tool-failed' | 'infra'; readonly reason: string };

const ALTERNATES_LIMIT = 64 * 1024;

/** The branch's own commits come into the mirror, every object checked; nothing else of the clone does. */
async function bringBack({ git, places, start, assignment, signal }: WorkOrder): Promise<Back> {
  if (!ROLES[assignment.role].pushes) return { kind: 'back', commit: start };
  const tip = await readTip(places.slotDir, assignment.branch);
  if (tip.kind !== 'tip') return { kind: 'tool-failed', reason: tip.reason };
  const { commit } = tip;
  if (commit === start) return { kind: 'back', commit };
  const objects = await readInside(places.slotDir, '.git/objects/info/alternates', ALTERNATES_LIMIT);
  if (objects.kind === 'odd') return { kind: 'tool-failed', reason: `the clone is not what it was: ${objects.reason}` };
  const from = { gitDir: join(places.slotDir, '.git') };
  const ref = `refs/gatehouse/work/${assignment.taskId}`;
  const imported = await importCommit({ from, into: git, commit, ref, signal });
  switch (imported.kind) {
    case 'imported':
      return { kind: 'back', commit };
    case 'refused':
      return { kind: 'tool-failed', reason: `the clone's commits are refused: ${imported.reason}` };
    case 'crashed':
      return { kind: 'infra', reason: describeCrash(imported) };
    case 'git-failed': {
      const cut =
        imported.trouble === 'cancelled' || imported.trouble === 'disk-full' || imported.trouble === 'timeout';
      const why = imported.stderr.trim().split('\n')[0] ?? '';
      return {
        kind: cut ? 'infra' : 'tool-failed',
        reason: `the clone's commits cannot be taken: ${imported.trouble} ${why}`,
      };
    }
  }
}

async function push({ git, url, branch, main, commit, expected, signal }: PushOrder): Promise<PushAnswer> {
  const pushed = await pushBranch({ repo: git, url, branch, commit, expected, protectedNames: [main], signal });
  switch (pushed.kind) {
    case 'pushed':
      return { kind: 'pushed' };
    case 'moved':
      return { kind: 'moved' };
    case 'refused':
      return { kind: 'unpushed', reason: pushed.reason };
    case 'git-failed':
      return { kind: 'unpushed', reason: `git could not push: ${pushed.trouble}` };
    case 'crashed':
      return { kind: 'unpushed', reason: describeCrash(pushed) };
  }
}

const withdraw: Workshop['withdraw'] = async ({ git, url, branch, main, expected, signal }) => {
  const deleted = await deleteBranch({ repo: git, url, branch, expected, protectedNames: [main], signal });
  switch (deleted.kind) {
    case 'deleted':
      return { kind: 'withdrawn' };
    case 'moved':
      return { kind: 'kept', reason: `${branch} is not where it was recorded: somebody else pushed it` };
    case 'refused':
      return { kind: 'kept', reason: deleted.reason };
    case 'git-failed':
      return { kind: 'unknown', reason: `git could not delete ${branch}: ${deleted.trouble}` };
    case 'crashed':
      return { kind: 'unknown', reason: describeCrash(deleted) };
  }
};
