/** Runs an agent's command in its clone: contained, within its deadline, and without a variable that no policy names. */
import { getCompileCacheDir } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Command,
  type CommandRun,
  type CommitRun,
  type EndedCommand,
  type Judgement,
  runOnCommit,
  type VisiblePaths,
} from '@gatehouse/gate-run';
import { outputText } from '@gatehouse/proc-group';
import { describeCrash } from '@gatehouse/verdict';
import { openToRead, writeTextFile } from '../platform/files.ts';
import { maskText } from '../platform/mask-text.ts';
import { maskedEnd } from '../platform/masked-ends.ts';
import type { Environment } from '../platform/process-environment.ts';
import { ownProgramPlaces } from '../policy/isolation.ts';
import { papersDir } from '../policy/task-key.ts';
import type { AgentRequest, AgentResult } from './port.ts';
import { PROMPT } from './prompt.ts';
import { artefactOf } from './roles.ts';
import { type AgentUsage, readUsage, USAGE } from './usage.ts';

export type AgentRun =
  | {
      readonly kind: 'finished';
      readonly run: CommandRun;
      readonly warnings: readonly string[];
      readonly usage: AgentUsage;
    }
  | Extract<AgentResult, { readonly kind: 'tool-failed' | 'infra' }>;

const LOG = 'agent';
const TAIL_CHARS = 1_500;
/** Between TERM and KILL. */
const GRACE_MS = 5_000;

/** `environment` is the service's own; only what the operator named is taken from it. */
export async function runAgent(order: AgentRequest, environment: Environment): Promise<AgentRun> {
  const { agent, assignment, workspace, start, timeoutMs, limits, signal } = order;
  const answer = await runOnCommit({
    purpose: assignment.role,
    commit: start,
    slot: { kind: 'stands', dir: workspace.slotDir, tree: null },
    command: commandOf(order),
    timeoutMs,
    graceMs: GRACE_MS,
    limits,
    visible: await visibleTo(order),
    env: { set: { ...passthroughEnv(agent.env, environment), ...agentEnv(order) } },
    log: { dir: workspace.reportsDir, name: LOG },
    judge: judgeAgent,
    mask: maskText,
    signal,
  });
  if (answer.kind !== 'ran') return agentRunOf(answer);
  return ranAgent(answer, await readUsage(workspace.reportsDir, outputText(answer.ended.stdout)));
}

function commandOf({ agent, assignment, workspace }: AgentRequest): Command {
  if (agent.kind === 'command') return agent.run;
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
    artefact: rule === null ? null : `${papersDir(key)}/${rule.name}`,
  };
  const options = isSource ? ['--conditions=gatehouse:src', ...keptCode()] : [];
  return { program: process.execPath, args: [...options, entry, JSON.stringify(scene)], shown: agent.run };
}

/** An agent from the sources strips their types, 0.2 s, unless it finds what we have stripped. No variable: its commands would see it. */
function keptCode(): readonly string[] {
  const dir = getCompileCacheDir();
  if (dir === undefined) return [];
  const enable = `import { enableCompileCache } from 'node:module'; enableCompileCache(${JSON.stringify(dirname(dir))})`;
  return [`--import=data:text/javascript,${encodeURIComponent(enable)}`];
}

/** Its prompt, the reports that the prompt names, and where it says what it used; `scripted` is a program of ours. */
async function visibleTo({ agent, assignment, workspace, limits }: AgentRequest): Promise<VisiblePaths> {
  const { isolation } = limits;
  if (isolation === undefined) return {};
  const usage = join(workspace.reportsDir, USAGE);
  const papers = [join(workspace.reportsDir, PROMPT), ...assignment.papers.map(({ path }) => path)];
  await writeTextFile(usage, '');
  if (isolation.kind === 'uid') for (const path of [...papers, usage]) await openToRead(path);
  const program = agent.kind === 'scripted' ? [agent.run, ...ownProgramPlaces()] : [];
  return { read: [...papers, ...program], write: [usage] };
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
    GATEHOUSE_USAGE: join(workspace.reportsDir, USAGE),
    ...(rule === null ? {} : { GATEHOUSE_ARTEFACT: `${papersDir(key)}/${rule.name}` }),
    GIT_AUTHOR_NAME: who.NAME,
    GIT_AUTHOR_EMAIL: who.EMAIL,
    GIT_COMMITTER_NAME: who.NAME,
    GIT_COMMITTER_EMAIL: who.EMAIL,
    GIT_TERMINAL_PROMPT: '0',
  };
}

type Ran = Extract<CommitRun, { readonly kind: 'ran' }>;

function ranAgent({ run, ended, warnings }: Ran, usage: AgentUsage): AgentRun {
  if (ended.kind === 'exited' && ended.code === 0) return { kind: 'finished', run, warnings, usage };
  const isOwn = ended.kind === 'exited' || ended.kind === 'timeout';
  return { kind: isOwn ? 'tool-failed' : 'infra', reason: run.reason, run, warnings, usage };
}

function agentRunOf(answer: Exclude<CommitRun, Ran>): AgentRun {
  switch (answer.kind) {
    case 'setup-failed':
      return { kind: 'infra', reason: answer.run.reason, run: answer.run };
    case 'unsupervised':
      return { kind: 'infra', reason: describeCrash(answer.crash), run: answer.run };
    case 'refused':
      return { kind: 'tool-failed', reason: `the agent was not started: ${answer.reason}`, run: null };
    case 'checkout-failed':
    case 'no-logs':
      return { kind: 'infra', reason: `the agent was not started: ${answer.reason}`, run: null };
    case 'crashed':
      return { kind: 'infra', reason: describeCrash(answer), run: null };
  }
}

/** Maps how a command ended to the result of an agent. */
async function judgeAgent({ ended, output }: EndedCommand): Promise<Judgement> {
  switch (ended.kind) {
    case 'exited':
      return ended.code === 0
        ? { reason: 'the agent ended by itself' }
        : { reason: `the agent ended with exit status ${ended.code}${await lastWords(output)}` };
    case 'timeout':
      return { reason: `the agent met its deadline${await lastWords(output)}` };
    case 'signaled':
      return { reason: `the agent was ended by ${ended.signal}` };
    case 'unknown':
      return { reason: `how the agent ended is not known: ${ended.reason}` };
    case 'cancelled':
      return { reason: `the agent was stopped: ${ended.reason}` };
    case 'output-limit':
      return { reason: 'the agent said more than it may' };
    case 'spawn-failed':
      return { reason: `the agent cannot be started: ${ended.message}` };
    case 'refused':
      return { reason: `the agent was not started: ${ended.reason}` };
  }
}

async function lastWords(output: string): Promise<string> {
  const said = output.trim();
  if (said === '') return '';
  const end = await maskedEnd(said, TAIL_CHARS, `all of it is in the agent's log`);
  // A person is shown the first line: what a program says last is why it ended.
  const last = end.slice(end.lastIndexOf('\n') + 1);
  return last === end ? `: ${end}` : `: ${last}\n${end}`;
}
