/** Runs an agent's command in its clone: own process group, deadline, log, and no variable that nobody named. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GroupRun, outputText, runInGroup } from '@gatehouse/proc-group';
import { type Crashed, describeCrash } from '@gatehouse/verdict';
import type { Environment } from '../settings.ts';
import type { AgentCommandRun, AgentRequest } from './port.ts';
import { PROMPT } from './prompt.ts';
import { artefactOf, workItemDir } from './roles.ts';

export type AgentRun =
  | { readonly kind: 'finished'; readonly run: AgentCommandRun }
  | { readonly kind: 'tool-failed' | 'infra'; readonly reason: string; readonly run: AgentCommandRun };

const LOG = 'agent.log';
const TAIL_CHARS = 1_500;

/** `environment` is the service's own; only what the operator named is taken from it. */
export async function runAgent(order: AgentRequest, environment: Environment): Promise<AgentRun> {
  const { agent, workspace, timeoutMs, signal } = order;
  const startedAt = Date.now();
  const { command, args } = lineOf(order);
  const run = await runInGroup({
    command,
    args,
    cwd: workspace.slotDir,
    env: { allow: [], set: { ...passthroughEnv(agent.env, environment), ...agentEnv(order) } },
    timeoutMs,
    graceMs: GRACE_MS,
    output: { logFile: join(workspace.reportsDir, LOG) },
    signal,
  });
  return classifyEnd(run, { command: agent.run, startedAt });
}

/** Between TERM and KILL. */
export const GRACE_MS = 5_000;

function lineOf({ agent, assignment, workspace }: AgentRequest): { command: string; args: readonly string[] } {
  if (agent.kind === 'command') return { command: 'sh', args: ['-c', agent.run] };
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(isSource ? './scripted/agent.ts' : './scripted/agent.js', import.meta.url));
  const { role, key, attempt, nonce, stage } = assignment;
  const rule = artefactOf(stage);
  const scene = {
    script: agent.run,
    role,
    key,
    stage,
    attempt,
    nonce,
    prompt: join(workspace.reportsDir, PROMPT),
    artefact: rule === null ? null : `${workItemDir(key)}/${rule.name}`,
  };
  const conditions = isSource ? ['--conditions=gatehouse:src'] : [];
  return { command: process.execPath, args: [...conditions, entry, JSON.stringify(scene)] };
}

const passthroughEnv = (names: readonly string[], environment: Environment): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));

function agentEnv({ assignment, workspace, start }: AgentRequest): Record<string, string> {
  const { role, stage, key, taskId, attempt, nonce, branch } = assignment;
  const rule = artefactOf(stage);
  const who = { NAME: `Gatehouse ${role}`, EMAIL: `${role}@gatehouse.invalid` };
  return {
    GATEHOUSE_ROLE: role,
    GATEHOUSE_STAGE: stage,
    GATEHOUSE_TASK: taskId,
    GATEHOUSE_TASK_NAME: key,
    GATEHOUSE_BRANCH: branch,
    GATEHOUSE_COMMIT: start,
    GATEHOUSE_TRY: String(attempt),
    GATEHOUSE_ATTEMPT: nonce,
    GATEHOUSE_PROMPT: join(workspace.reportsDir, PROMPT),
    ...(rule === null ? {} : { GATEHOUSE_ARTEFACT: `${workItemDir(key)}/${rule.name}` }),
    GIT_AUTHOR_NAME: who.NAME,
    GIT_AUTHOR_EMAIL: who.EMAIL,
    GIT_COMMITTER_NAME: who.NAME,
    GIT_COMMITTER_EMAIL: who.EMAIL,
    GIT_TERMINAL_PROMPT: '0',
  };
}

function classifyEnd(run: GroupRun | Crashed, about: Pick<AgentCommandRun, 'command' | 'startedAt'>): AgentRun {
  const blank = { ...about, durationMs: 0, exitCode: null, level: null, leftovers: 0, verified: false, logPath: null };
  if (run.kind === 'crashed') {
    const reason = describeCrash(run);
    return { kind: 'infra', reason, run: { ...blank, outcome: 'infra', reason } };
  }
  const record = {
    ...about,
    durationMs: Math.round(run.timings.totalMs),
    exitCode: run.kind === 'exited' ? run.code : null,
    level: run.level,
    leftovers: run.containment.leftovers.length,
    verified: run.containment.verified,
    logPath: run.logPath ?? null,
  };
  const failed = (kind: 'tool-failed' | 'infra', reason: string): AgentRun => ({
    kind,
    reason,
    run: { ...record, outcome: kind === 'infra' ? 'infra' : 'red', reason },
  });
  switch (run.kind) {
    case 'exited':
      return run.code === 0
        ? { kind: 'finished', run: { ...record, outcome: 'green', reason: 'the agent ended by itself' } }
        : failed('tool-failed', `the agent ended with exit status ${run.code}${lastWords(run)}`);
    case 'timeout':
      return failed('tool-failed', `the agent met its deadline${lastWords(run)}`);
    case 'signaled':
      return failed('infra', `the agent was ended by ${run.signal}`);
    case 'cancelled':
      return failed('infra', `the agent was stopped: ${run.reason}`);
    case 'output-limit':
      return failed('infra', 'the agent said more than it may');
    case 'spawn-failed':
      return failed('infra', `the agent cannot be started: ${run.message}`);
    case 'refused':
      return failed('infra', `the agent was not started: ${run.reason}`);
  }
}

function lastWords(run: GroupRun): string {
  const said = `${outputText(run.stdout)}\n${outputText(run.stderr)}`.trim();
  return said === '' ? '' : `: ${said.slice(-TAIL_CHARS)}`;
}
