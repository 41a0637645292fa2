/**
 * Runs the trusted deploy command of a stage on one exact commit, and writes the stage's report itself: a command
 * that exits by itself is a result, everything else is a machine fault and says nothing.
 */
import { writeArtefact } from '@gatehouse/artefact';
import { type CommandRun, type CommitRun, type RunLimits, runOnCommit } from '@gatehouse/gate-run';
import { codeTree, type GitRepo } from '@gatehouse/git';
import { describeCrash } from '@gatehouse/verdict';
import type { CheckWorkspace } from '../platform/claim-directories.ts';
import { maskText } from '../platform/mask-text.ts';
import { maskedEnd } from '../platform/masked-ends.ts';
import type { AgentResult } from './port.ts';
import { artefactOf } from './roles.ts';

export interface DeployRequest {
  readonly git: GitRepo;
  readonly stage: 'deploy-staging' | 'deploy';
  readonly command: string;
  readonly commit: string;
  readonly key: string;
  /** Variables of the service that the command receives. */
  readonly env: readonly string[];
  readonly workspace: CheckWorkspace;
  readonly timeoutMs: number;
  /** What holds for every command of the service. */
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
}

const TAIL_CHARS = 16_384;
/** By this exit status a command says that it could not do its work now, whatever the change is like (sysexits.h: EX_TEMPFAIL). */
const NOT_NOW = 75;

export async function deploy(order: DeployRequest): Promise<AgentResult> {
  const { git, workspace, commit, command, env, timeoutMs, limits, signal, stage } = order;
  const answer = await runOnCommit({
    purpose: stage,
    commit,
    slot: { kind: 'check-out', git, dir: workspace.slotDir },
    command,
    timeoutMs,
    limits,
    env: { allow: env, set: { GATEHOUSE_TESTED_SHA: commit, GATEHOUSE_STAGE: stage } },
    log: { dir: workspace.logDir, name: 'deploy' },
    mask: maskText,
    signal,
  });
  if (answer.kind !== 'ran') return notRun(answer);
  const { run, ended, output, warnings } = answer;
  if (ended.kind !== 'exited')
    return { kind: 'infra', reason: `the deploy command did not end by itself: ${ended.kind}`, run, warnings };
  const log = await maskedEnd(output.trim(), TAIL_CHARS, logWords(run.logPath));
  if (ended.code === NOT_NOW)
    return {
      kind: 'infra',
      reason: `the deploy command could not deploy now (exit status 75): ${lastLine(log)}`,
      run,
      warnings,
    };
  return { ...(await report(order, { run, code: ended.code, log })), warnings };
}

const lastLine = (text: string): string =>
  text.split('\n').findLast((line) => line.trim() !== '') ?? 'it printed nothing';

const logWords = (path: string | undefined): string => (path === undefined ? '' : `all of it: ${path}`);

function notRun(answer: Exclude<CommitRun, { kind: 'ran' }>): AgentResult {
  switch (answer.kind) {
    case 'setup-failed':
      return { kind: 'infra', reason: answer.run.reason, run: answer.run };
    case 'unsupervised':
      return { kind: 'infra', reason: describeCrash(answer.crash), run: answer.run };
    case 'refused':
      return { kind: 'tool-failed', reason: `the deploy command was not started: ${answer.reason}`, run: null };
    case 'checkout-failed':
      return { kind: 'infra', reason: `the slot of the deploy command is not ready: ${answer.reason}`, run: null };
    case 'no-logs':
      return { kind: 'infra', reason: answer.reason, run: null };
    case 'crashed':
      return { kind: 'infra', reason: describeCrash(answer), run: null };
  }
}

function report(
  order: DeployRequest,
  ended: { readonly run: CommandRun; readonly code: number; readonly log: string },
): Promise<AgentResult> {
  const { run, code, log } = ended;
  const text = `Command: \`${order.command}\`\n\nIt ended with status ${code}. The end of its output:\n\n~~~text\n${log}\n~~~\n`;
  return leaveReport(order, { run, isGood: code === 0, front: { sha: order.commit, exit_status: code }, text });
}

/** A task that landed later, and whose deployed commit contains this one's. */
export interface NewerDeployment {
  readonly task: string;
  readonly commit: string;
}

/** That nothing was deployed, because what is deployed contains the commit. */
export const reportDeployed = (order: ReportPlace, { task, commit }: NewerDeployment): Promise<AgentResult> => {
  const note = `nothing was deployed: ${commit.slice(0, 12)} of ${task}, which contains it, is deployed`;
  return leaveReport(order, { run: null, isGood: true, front: { sha: commit, note }, text: `${note}.\n` });
};

export type ReportPlace = Pick<DeployRequest, 'git' | 'stage' | 'workspace' | 'commit' | 'key' | 'signal'>;

interface Deployed {
  readonly run: CommandRun | null;
  readonly isGood: boolean;
  readonly front: Readonly<Record<string, string | number>>;
  readonly text: string;
}

async function leaveReport(
  { git, stage, workspace, commit, key, signal }: ReportPlace,
  { run, isGood, front: facts, text }: Deployed,
): Promise<AgentResult> {
  const failed = (reason: string): AgentResult => ({ kind: 'infra', reason, run });
  const rule = artefactOf(stage);
  if (rule === null) return failed(`${stage} has no report`);
  const tree = await codeTree({ repo: git, commit, key, signal });
  if (tree.kind !== 'found') return failed('the code tree of the deployed commit cannot be read');
  const front = { [rule.key]: isGood ? rule.opens : 'FAILED', ...facts };
  const body = `\n# ${stage}\n\n${text}`;
  const { reportsDir: dir } = workspace;
  const written = await writeArtefact({ dir, name: rule.name, front, body, mode: 'replace' });
  if (written.kind === 'crashed') return failed(describeCrash(written));
  if (written.kind !== 'written') return failed(`${rule.name} cannot be written: ${written.reason}`);
  const stageReport = { name: rule.name, path: written.path, digest: written.digest, codeTree: tree.tree };
  return { kind: 'worked', run, commit, paper: stageReport };
}
