/**
 * Which command does the work of which stage. Only the operator's file may say so: an agent runs with the operator's
 * rights and money, so no repository names one.
 */
import type { AgentRole } from '@gatehouse/stage-engine';
import { z } from 'zod';
import { budgetSchema } from './budget.ts';
import { command, duration, variable } from './policy-values.ts';

/** A credential that moves branches or main stays with the service, even if an operator lists it. */
const WITHHELD = /^(ORCH_|GATEHOUSE_)|^(GH_TOKEN|GITHUB_TOKEN|GITEA_TOKEN|SSH_AUTH_SOCK|GIT_ASKPASS|SSH_ASKPASS)$/;

const workings = {
  command: command.min(1).optional(),
  scripted: z.string().startsWith('/', 'must be an absolute path').max(4096).optional(),
  timeout: duration.optional(),
  env: z
    .array(variable.refine((name) => !WITHHELD.test(name), 'is the service’s own: agents hold no forge credential'))
    .max(100)
    .optional(),
};
const oneOf = { message: 'names both a command and a script; keep one' };
const notBoth = (given: { command?: string | undefined; scripted?: string | undefined }): boolean =>
  given.command === undefined || given.scripted === undefined;
const role = z.strictObject(workings).refine(notBoth, oneOf).optional();
const roles = { analyst: role, architect: role, developer: role, reviewer: role, tester: role, deployer: role };

/** The key `agents` of an operator's file. */
export const agentsSchema = z
  .strictObject({
    ...workings,
    ...roles,
    budget: budgetSchema.optional(),
    isolation: z.enum(['none', 'uid', 'bwrap']).optional(),
  })
  .refine(notBoth, oneOf);
export type AgentsFile = z.output<typeof agentsSchema>;

export const AGENT_KEYS: readonly string[] = Object.keys(workings);
export const AGENTS_KEYS: readonly string[] = [...AGENT_KEYS, ...Object.keys(roles), 'budget', 'isolation'];

/** How one role works. `env` names variables of the service that the agent receives. */
export interface Agent {
  /** `command`: a command for `sh -c`. `scripted`: the path of a script, see scripted/script.ts. */
  readonly kind: 'command' | 'scripted';
  readonly run: string;
  readonly timeoutMs: number;
  readonly env: readonly string[];
}

export type AgentPolicy = { readonly [Role in AgentRole]: Agent | null };

const DEFAULT_TIMEOUT_MS = 1_800_000;

/** A role's own settings win over the common ones; null: this role has no agent. */
export function resolveAgents(file: AgentsFile | undefined): AgentPolicy {
  const of = (name: AgentRole): Agent | null => {
    const own = file?.[name];
    const from = own?.command !== undefined || own?.scripted !== undefined ? own : file;
    const run = from?.command ?? from?.scripted;
    if (run === undefined) return null;
    return {
      kind: from?.command === undefined ? 'scripted' : 'command',
      run,
      timeoutMs: own?.timeout ?? file?.timeout ?? DEFAULT_TIMEOUT_MS,
      env: own?.env ?? file?.env ?? [],
    };
  };
  return {
    analyst: of('analyst'),
    architect: of('architect'),
    developer: of('developer'),
    reviewer: of('reviewer'),
    tester: of('tester'),
    deployer: of('deployer'),
  };
}
