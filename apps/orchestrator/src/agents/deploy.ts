/**
 * Runs the trusted deploy command of a stage on one exact commit, and writes the stage's report itself: an exit by the
 * command's own will is a result, everything else is trouble of the machine and says nothing.
 */
import { join } from 'node:path';
import { writeArtefact } from '@gatehouse/artefact';
import { checkoutSlot, codeTree, type GitRepo } from '@gatehouse/git';
import { outputText, runInGroup } from '@gatehouse/proc-group';
import { describeCrash } from '@gatehouse/verdict';
import { maskText } from '../checks/mask-secrets.ts';
import type { CheckWorkspace } from '../workspace/workspace.ts';
import type { AgentCommandRun, AgentResult } from './port.ts';
import { artefactOf } from './roles.ts';

export interface DeployRequest {
  readonly git: GitRepo;
  readonly stage: 'deploy-staging' | 'deploy';
  readonly command: string;
  readonly commit: string;
  readonly key: string;
  /** Variables of the service that are handed on. */
  readonly env: readonly string[];
  readonly workspace: CheckWorkspace;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const TAIL_CHARS = 16_384;

export async function deploy(order: DeployRequest): Promise<AgentResult> {
  const { git, workspace, commit, command, env, timeoutMs, signal, stage } = order;
  const unrun = (reason: string): AgentResult => ({ kind: 'infra', reason, run: null });
  const slot = await checkoutSlot({ repo: git, dir: workspace.slotDir, commit, signal });
  if (slot.kind === 'crashed') return unrun(describeCrash(slot));
  if (slot.kind !== 'ready') return unrun(`the slot of the deploy command is not ready: git ${slot.trouble}`);
  const startedAt = Date.now();
  const run = await runInGroup({
    command: 'sh',
    args: ['-c', command],
    cwd: workspace.slotDir,
    env: { allow: [...env], set: { GATEHOUSE_TESTED_SHA: commit, GATEHOUSE_STAGE: stage } },
    timeoutMs,
    output: { logFile: join(workspace.logDir, 'deploy.log') },
    signal,
  });
  if (run.kind === 'crashed') return unrun(describeCrash(run));
  const record: AgentCommandRun = {
    command,
    startedAt,
    durationMs: Math.round(run.timings.totalMs),
    outcome: run.kind !== 'exited' ? 'infra' : run.code === 0 ? 'green' : 'red',
    reason: run.kind === 'exited' ? `exit status ${run.code}` : run.kind,
    exitCode: run.kind === 'exited' ? run.code : null,
    level: run.level,
    leftovers: run.containment.leftovers.length,
    verified: run.containment.verified,
    logPath: run.logPath ?? null,
  };
  if (run.kind !== 'exited')
    return { kind: 'infra', reason: `the deploy command did not end by itself: ${run.kind}`, run: record };
  const log = `${outputText(run.stdout)}\n${outputText(run.stderr)}`.trim().slice(-TAIL_CHARS);
  return report(order, { record, code: run.code, log: await maskText(log) });
}

async function report(
  { git, stage, workspace, commit, key, command, signal }: DeployRequest,
  ended: { readonly record: AgentCommandRun; readonly code: number; readonly log: string },
): Promise<AgentResult> {
  const { record, code, log } = ended;
  const failed = (reason: string): AgentResult => ({ kind: 'infra', reason, run: record });
  const rule = artefactOf(stage);
  if (rule === null) return failed(`${stage} has no report`);
  const tree = await codeTree({ repo: git, commit, key, signal });
  if (tree.kind !== 'found') return failed('the code tree of the deployed commit cannot be read');
  const front = { [rule.key]: code === 0 ? rule.opens : 'FAILED', sha: commit, exit_status: code };
  const body = `\n# ${stage}\n\nCommand: \`${command}\`\n\nIt ended with status ${code}. The end of its output:\n\n~~~text\n${log}\n~~~\n`;
  const { reportsDir: dir } = workspace;
  const written = await writeArtefact({ dir, name: rule.name, front, body, mode: 'replace' });
  if (written.kind === 'crashed') return failed(describeCrash(written));
  if (written.kind !== 'written') return failed(`${rule.name} cannot be written: ${written.reason}`);
  const paper = { name: rule.name, path: written.path, digest: written.digest, codeTree: tree.tree };
  return { kind: 'worked', run: record, commit, paper };
}
