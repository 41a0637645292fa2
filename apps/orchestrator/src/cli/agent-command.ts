/**
 * `gatehouse agent try ROLE`: one role's agent on one commit, in a scratch clone, with the prompt that it gets, what it left and what its
 * stage's check says of that. No task, no branch and no mirror of a service is touched; what was made is removed, also after Ctrl-C.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { STAGE_TRANSITIONS, STAGES, type Stage } from '@gatehouse/stage-engine';
import type { AgentRequest, AgentResult, Assignment } from '../agents/port.ts';
import { PROMPT } from '../agents/prompt.ts';
import { isRole, ROLES } from '../agents/roles.ts';
import { agentRunnerWith } from '../agents/runner.ts';
import { closestMatch } from '../platform/did-you-mean.ts';
import { makeDirectory, readTextFile } from '../platform/files.ts';
import { processEnvironment } from '../platform/process-environment.ts';
import { temporaryDirectory } from '../platform/temporary-directory.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import { runLimits } from '../policy/run-limits.ts';
import type { Settings } from '../settings.ts';
import { judgeWork } from './agent-verdict.ts';
import { answerOf } from './agent-view.ts';
import { type Answer, failure, type Terminal, usage } from './answer.ts';
import type { Api } from './api-client.ts';
import { locate } from './checkout/locate.ts';
import type { Located, LocateOptions } from './checkout/located.ts';
import { type RegisteredPlace, registeredPlace } from './registered-place.ts';

export interface AgentTryOptions extends LocateOptions {
  readonly policy?: string;
  readonly key: string;
  readonly title: string;
  readonly description?: string;
  readonly brief?: string;
  readonly stage?: string;
}

export interface AgentScene {
  readonly settings: Settings;
  readonly terminal: Terminal;
  /** Asked only where `--repo` names neither a directory nor an address. */
  readonly api: () => Promise<Api>;
}

export async function agentTry(name: string, options: AgentTryOptions, scene: AgentScene): Promise<Answer> {
  if (!isRole(name)) {
    const roles = Object.keys(ROLES);
    return usage(`no role is called ${JSON.stringify(name)}; did you mean ${closestMatch(name, roles)}?`);
  }
  const stage = stageOf(name, options.stage);
  if (stage === null) return usage(`${name} works on ${stagesOf(name).join(' and ')}, not on ${options.stage}`);
  const isThere = existsSync(resolve(scene.terminal.cwd, options.repo));
  const registered =
    isThere && options.policy !== undefined ? ({ kind: 'place' } as const) : await registeredPlace(options.repo, scene);
  if (registered.kind === 'refused') return registered.answer;
  const placed = registered.kind === 'place' ? options : placedAt(options, registered);
  const directory = await temporaryDirectory('gatehouse-agent-');
  if (directory.kind !== 'made') return failure(`no temporary directory can be made: ${directory.reason}`);
  try {
    return await tryIn({ ...scene, options: placed, role: name, stage, directory: directory.path });
  } finally {
    await directory.remove();
  }
}

const stagesOf = (role: Assignment['role']): readonly Stage[] =>
  STAGES.filter((stage) => STAGE_TRANSITIONS[stage].agent === role);

function stageOf(role: Assignment['role'], wanted: string | undefined): Stage | null {
  const stages = stagesOf(role);
  return (wanted === undefined ? stages[0] : stages.find((stage) => stage === wanted)) ?? null;
}

/** The name of a registered repository stands for its address, its main and its operator's file; a directory of that name only with `--policy`. */
function placedAt(options: AgentTryOptions, { repo, main, policy }: RegisteredPlace): AgentTryOptions {
  const base = options.base ?? main;
  const file = options.policy ?? policy;
  return {
    ...options,
    repo,
    ...(file === undefined ? {} : { policy: file }),
    ...(base === undefined ? {} : { base, branch: options.branch ?? base }),
  };
}

export interface Trial extends AgentScene {
  readonly options: AgentTryOptions;
  readonly role: Assignment['role'];
  readonly stage: Stage;
  readonly directory: string;
}

async function tryIn(trial: Trial): Promise<Answer> {
  const { options, settings, terminal, directory, role } = trial;
  const operatorFile = options.policy === undefined ? '' : resolve(terminal.cwd, options.policy);
  if (operatorFile !== '' && !existsSync(operatorFile))
    return usage(`--policy ${options.policy}: there is no such file`);
  const found = await locate(options, { directory, terminal });
  if (found.kind !== 'located') return found.answer;
  const { git, subject } = found;
  const loaded = await loadPolicy({ git, base: subject.base, operatorFile, settings, signal: terminal.signal });
  if (loaded.kind === 'invalid') return usage(loaded.problems.join('\n           '));
  if (loaded.kind !== 'policy') return failure(loaded.reason);
  const { policy } = loaded;
  if (policy.agents[role] === null)
    return usage(
      `no agent is configured for ${role}: name a file with \`agents\`, as \`gatehouse repo add\` takes it`,
      `gatehouse agent try ${role} --repo ${options.repo} --policy operator.yaml`,
    );
  return work(trial, found, policy);
}

async function work(trial: Trial, found: Located, policy: GatePolicy): Promise<Answer> {
  const { directory, terminal, role, stage } = trial;
  const reportsDir = join(directory, 'reports');
  await makeDirectory(reportsDir);
  const order = requestOf(trial, { found, policy, reportsDir });
  terminal.progress?.step({ what: `the ${role} works on ${order.start.slice(0, 12)}` });
  const result: AgentResult = await agentRunnerWith(processEnvironment()).run(order);
  const prompt = await readTextFile(join(reportsDir, PROMPT), TEXT_LIMIT);
  const judged = await judgeWork({ trial, found, policy, order, result });
  return answerOf({
    role,
    stage,
    repo: trial.options.repo,
    commit: order.start,
    prompt: prompt.kind === 'read' ? prompt.text : '',
    result,
    ...judged,
  });
}

const TEXT_LIMIT = 4 * 1024 * 1024;

interface RequestParts {
  readonly found: Located;
  readonly policy: GatePolicy;
  readonly reportsDir: string;
}

function requestOf(trial: Trial, { found, policy, reportsDir }: RequestParts): AgentRequest {
  const { options, settings, terminal, role, stage, directory } = trial;
  const { key, title, description = '', brief = null } = options;
  const agent = policy.agents[role] ?? { kind: 'command', run: 'false', timeoutMs: 1, env: [] };
  return {
    assignment: {
      ...{ repoId: 'try', taskId: 'try', key, title, description, role, stage, brief },
      branch: `feature/${key}-try`,
      main: found.subject.main,
      attempt: 1,
      nonce: randomBytes(12).toString('hex'),
      failed: null,
      refused: null,
      papers: [],
    },
    agent,
    git: found.git,
    start: found.subject.head,
    base: found.subject.base,
    workspace: { slotDir: join(directory, 'clone'), reportsDir, logDir: reportsDir },
    timeoutMs: agent.timeoutMs,
    limits: runLimits(settings, policy, 'agents'),
    signal: terminal.signal,
  };
}
