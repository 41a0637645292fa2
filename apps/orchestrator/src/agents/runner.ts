/**
 * Where agents work: clone, configuration of main, prompt, command, and back. Nothing here moves a branch: the
 * forge does. The files of a clone are read as bytes and never executed.
 */
import { join } from 'node:path';
import { codeTree, type GitRepo, importCommit } from '@gatehouse/git';
import { checkRegressionMarkers, type RegressionMarker } from '@gatehouse/merge-gate';
import { describeCrash } from '@gatehouse/verdict';
import { readInside } from '../platform/clone-files.ts';
import { writeTextFile } from '../platform/files.ts';
import { maskText } from '../platform/mask-text.ts';
import type { Environment } from '../platform/process-environment.ts';
import { papersDir } from '../policy/task-key.ts';
import { codeOf, compareWithMain, instructionsOf } from './branch-work.ts';
import { makeClone, readTip } from './clone.ts';
import { collectReport, removeOldReport } from './collect-report.ts';
import { type DeployRequest, deploy, type NewerDeployment, type ReportPlace, reportDeployed } from './deploy.ts';
import { showFailure } from './failed-check.ts';
import type { AgentRequest, AgentResult } from './port.ts';
import { PROMPT, promptFor } from './prompt.ts';
import { restoreToolConfig } from './restore-tool-config.ts';
import { ANALYSIS, ROLES } from './roles.ts';
import { runAgent } from './run-agent.ts';
import { readLeftUsage } from './usage.ts';

/** Where work is done. What a report says is masked: it may quote output, and output can hold a secret. */
export interface AgentRunner {
  run(order: AgentRequest): Promise<AgentResult>;
  /** The same for a stage whose work is a command of the operator's: its report says how that ended. */
  deploy(order: DeployRequest): Promise<AgentResult>;
  /** Leaves the report of a deployment that nothing had to be done for. */
  reportDeployed(order: ReportPlace, newer: NewerDeployment): Promise<AgentResult>;
  /** What a run says it used that nobody saw end, and when it last wrote something. */
  leftUsage(reportsDir: string): ReturnType<typeof readLeftUsage>;
  /** The commit's tree without the task's reports; null when it cannot be read. */
  codeTree(of: { readonly git: GitRepo; readonly commit: string; readonly key: string }): Promise<string | null>;
  /** Markers that `commit` lacks; null when that cannot be determined. */
  lostMarkers(of: {
    readonly git: GitRepo;
    readonly commit: string;
    readonly markers: readonly RegressionMarker[];
  }): Promise<readonly RegressionMarker[] | null>;
}

/** An agent runner whose agents may receive variables of `environment`. */
export const agentRunnerWith = (environment: Environment): AgentRunner => ({
  run: async (order) => maskReport(await runAssignment(order, environment)),
  deploy: async (order) => maskReport(await deploy(order)),
  reportDeployed,
  leftUsage: readLeftUsage,
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

const maskReport = async (report: AgentResult): Promise<AgentResult> =>
  report.kind === 'worked' ? report : { ...report, reason: await maskText(report.reason) };

async function runAssignment(order: AgentRequest, environment: Environment): Promise<AgentResult> {
  const { git, workspace, start, base, assignment, signal } = order;
  const infra = (reason: string): AgentResult => ({ kind: 'infra', reason, run: null });
  const cloned = await makeClone({ git, dir: workspace.slotDir, branch: assignment.branch, start, signal });
  if (cloned.kind !== 'cloned') return infra(cloned.reason);
  const { pushes } = ROLES[assignment.role];
  // Who commits works on the task's own files: main's in their place would be committed, and take back what the branch changed.
  const restored = pushes ? null : await restoreToolConfig({ git, dir: workspace.slotDir, base, start, signal });
  if (restored?.kind === 'infra') return infra(restored.reason);
  const uncleared = await removeOldReport(order);
  if (uncleared !== null) return infra(`the clone cannot be prepared: ${uncleared}`);
  const unwritten = await writePrompt(order);
  if (unwritten !== null) return infra(unwritten);
  const ran = await runAgent(order, environment);
  if (ran.kind !== 'finished') return ran;
  const { run, warnings, usage } = ran;
  const tip = await importCommits(order);
  if (tip.kind !== 'back') return { ...tip, run, warnings, usage };
  const undone = await whyUndone(order, tip.commit);
  if (undone !== null) return { ...undone, run, warnings, usage };
  const about = pushes ? tip.commit : start;
  const taken = await collectReport(order, tip.commit, about);
  if (taken.kind !== 'taken') return { ...taken, run, warnings, usage };
  return { kind: 'worked', run, commit: about, paper: taken.paper, warnings, usage };
}

/** Null: it is written. */
async function writePrompt({ git, workspace, start, base, assignment, signal }: AgentRequest): Promise<string | null> {
  const { failed } = assignment;
  const shown = failed === null ? null : await showFailure(failed, workspace.reportsDir);
  const work = await compareWithMain({ git, main: base, commit: start, signal });
  if (work.kind === 'infra') return work.reason;
  const isCompared = work.kind === 'compared';
  const analysis = `${papersDir(assignment.key)}/${ANALYSIS}`;
  const text = promptFor({
    assignment,
    mending: shown === null ? null : { failed: shown, mainCommit: base },
    commit: start,
    fork: isCompared ? work.fork : null,
    analysis: assignment.role !== 'analyst' && isCompared && work.paths.includes(analysis) ? analysis : null,
    instructions: isCompared && !ROLES[assignment.role].pushes ? instructionsOf(work.paths) : [],
  });
  const written = await writeTextFile(join(workspace.reportsDir, PROMPT), text);
  return written.kind === 'written' ? null : `the prompt cannot be written: ${written.reason}`;
}

type Undone = { readonly kind: 'tool-failed' | 'infra'; readonly reason: string };

/** Why the commits of a role count as no work; null: they do, or there are none and none was asked for. */
async function whyUndone(request: AgentRequest, commit: string): Promise<Undone | null> {
  const { git, base, start, assignment, signal } = request;
  const { role, branch, main, key } = assignment;
  const mustCommit = role === 'developer' || role === 'analyst';
  if (!mustCommit && commit === start) return null;
  const work = await compareWithMain({ git, main: base, commit, signal });
  if (work.kind === 'infra') return work;
  const nothing = (reason: string): Undone => ({ kind: 'tool-failed', reason });
  if (work.kind === 'unrelated')
    return nothing(
      `${branch} has no commit in common with ${main} (unrelated history), so nothing of it can be merged; begin anew on ${main}: git reset --hard ${base}`,
    );
  if (!mustCommit) return null;
  const { paths } = work;
  if (role === 'analyst') {
    const paper = `${papersDir(key)}/${ANALYSIS}`;
    const what = `nothing that is not on ${main} is committed to ${branch}`;
    return paths.length > 0
      ? null
      : nothing(`the analyst wrote nothing: ${what}; a person reads and approves ${paper}`);
  }
  if (paths.length === 0) return nothing(`the developer committed nothing to ${branch} that is not on ${main}`);
  if (codeOf(paths).length > 0) return null;
  return nothing(`the developer changed no code: ${branch} has only papers against ${main} (${listed(paths)})`);
}

const listed = (paths: readonly string[]): string =>
  `${paths.slice(0, LISTED).join(', ')}${paths.length > LISTED ? ` and ${paths.length - LISTED} more` : ''}`;
const LISTED = 5;

type ImportAnswer =
  | { readonly kind: 'back'; readonly commit: string }
  | { readonly kind: 'tool-failed' | 'infra'; readonly reason: string };

const ALTERNATES_LIMIT = 64 * 1024;

/** The branch's own commits come into the mirror, every object checked; nothing else of the clone does. */
async function importCommits({ git, workspace, start, assignment, signal }: AgentRequest): Promise<ImportAnswer> {
  if (!ROLES[assignment.role].pushes) return { kind: 'back', commit: start };
  const tip = await readTip(workspace.slotDir, assignment.branch);
  if (tip.kind !== 'tip') return { kind: 'tool-failed', reason: tip.reason };
  const { commit } = tip;
  if (commit === start) return { kind: 'back', commit };
  const objects = await readInside(workspace.slotDir, '.git/objects/info/alternates', ALTERNATES_LIMIT);
  if (objects.kind === 'odd') return { kind: 'tool-failed', reason: `the clone is not what it was: ${objects.reason}` };
  const from = { gitDir: join(workspace.slotDir, '.git') };
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
