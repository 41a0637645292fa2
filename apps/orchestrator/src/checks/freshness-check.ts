/** `check_image_freshness`: staging ran the very commit that may land. Not configured: skip, and say so. */
import { join } from 'node:path';
import { checkoutSlot } from '@gatehouse/git';
import { type GroupRun, outputText, runInGroup } from '@gatehouse/proc-group';
import { type CheckVerdict, type Crashed, describeCrash } from '@gatehouse/verdict';
import type { CheckContext } from './port.ts';
import { defer, error, pass, skip } from './verdicts.ts';

/** The exit status by which a freshness command says "staging runs another commit". */
const STALE = 10;

export async function checkImageFreshness(context: CheckContext): Promise<CheckVerdict> {
  const { deploy } = context.policy;
  if (deploy.freshness === '') return skip('no deploy.freshness command is configured');
  const sha = context.subject.tested ?? context.subject.head;
  const slot = await checkoutSlot({ repo: context.git, dir: context.workspace.slotDir, commit: sha });
  if (slot.kind !== 'ready') return defer('infra', `the slot for the freshness command is not ready: ${slot.kind}`);
  const first = await ask(context, deploy.freshness, sha, 'freshness');
  if (exitedWith(first, 0)) return pass(`staging runs ${sha.slice(0, 12)}`);
  if (!exitedWith(first, STALE)) return told('deploy.freshness', first);
  if (deploy.staging === '')
    return error('tool-failed', 'staging is stale and no deploy.staging command is configured');
  const staged = await ask(context, deploy.staging, sha, 'staging');
  if (!exitedWith(staged, 0)) return told('deploy.staging', staged);
  const second = await ask(context, deploy.freshness, sha, 'freshness-again');
  return exitedWith(second, 0)
    ? pass(`staging was redeployed and runs ${sha.slice(0, 12)}`)
    : told('deploy.freshness', second);
}

function ask({ workspace, policy, settings, signal }: CheckContext, command: string, sha: string, log: string) {
  return runInGroup({
    command: 'sh',
    args: ['-c', command],
    cwd: workspace.slotDir,
    env: { allow: ['PATH', 'LANG', ...(policy.test?.env ?? [])], set: { GATEHOUSE_TESTED_SHA: sha } },
    timeoutMs: settings.merge.retestTimeoutMs,
    output: { logFile: join(workspace.logDir, `${log}.log`) },
    signal,
  });
}

const exitedWith = (run: GroupRun | Crashed, code: number): boolean => run.kind === 'exited' && run.code === code;

function told(command: string, run: GroupRun | Crashed): CheckVerdict {
  if (run.kind === 'crashed') return error('crashed', describeCrash(run));
  const how = run.kind === 'exited' ? `exit ${run.code}` : run.kind;
  return defer('infra', `${command} ended with ${how}: ${outputText(run.stderr).trim().slice(-300)}`);
}
