/**
 * An agent as data: for each role what it does at its first, second, … attempt. The last attempt repeats. It is carried
 * out by a real process (agent.ts), so that deadlines, stops and leftovers are real.
 */
import type { AgentRole } from '@gatehouse/stage-engine';
import { parseDocument } from 'yaml';
import { z } from 'zod';

const paths = z.record(z.string().regex(/^[^/].*$/, 'must be a path inside the clone'), z.string().nullable());
const attempt = z.strictObject({
  /** Ends with status 3 unless the prompt holds each of these texts. */
  expects: z.array(z.string().min(1)).optional(),
  /** A command for `sh -c`; the processes that it leaves running stay. */
  shell: z.string().min(1).optional(),
  /** Text by path; null deletes. */
  write: paths.optional(),
  append: z.record(z.string(), z.string()).optional(),
  /** The stage's report; the front matter names the attempt by itself. */
  report: z.strictObject({ front: z.record(z.string(), z.string()), body: z.string().optional() }).optional(),
  /** Commits what was written under this message. */
  commit: z.string().min(1).optional(),
  say: z.string().optional(),
  /** Waits for ever. */
  hang: z.boolean().optional(),
  /** Exit status [0]. */
  exit: z.number().int().min(0).max(255).optional(),
});
const attempts = z.array(attempt).min(1).optional();
const byRole = {
  analyst: attempts,
  architect: attempts,
  developer: attempts,
  reviewer: attempts,
  tester: attempts,
  deployer: attempts,
};
const script = z.strictObject({
  version: z.literal(1),
  /** What a role does for a task that has no entry of its own. */
  roles: z.strictObject(byRole).optional(),
  /** By the task's key. */
  tasks: z.record(z.string(), z.strictObject(byRole)).optional(),
});

export type ScriptedAttempt = z.output<typeof attempt>;
export type Script = z.output<typeof script>;
export type ScriptAnswer =
  | { readonly kind: 'script'; readonly script: Script }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** YAML or JSON. Total. */
export function parseScript(text: string): ScriptAnswer {
  const document = parseDocument(text, { uniqueKeys: true, strict: true, stringKeys: true });
  if (document.errors.length > 0)
    return { kind: 'invalid', problems: document.errors.map((error) => error.message.split('\n')[0] ?? 'is not YAML') };
  const answer = script.safeParse(document.toJS({ maxAliasCount: 0 }) ?? {});
  if (answer.success) return { kind: 'script', script: answer.data };
  return { kind: 'invalid', problems: answer.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

/** What the role does at this attempt (1 is the first); null: the script has nothing for it. */
export function attemptOf(
  { tasks, roles }: Script,
  role: AgentRole,
  at: { key: string; attempt: number },
): ScriptedAttempt | null {
  const own = tasks !== undefined && Object.hasOwn(tasks, at.key) ? tasks[at.key]?.[role] : undefined;
  const list = own ?? roles?.[role];
  return list?.[Math.min(at.attempt, list.length) - 1] ?? null;
}
