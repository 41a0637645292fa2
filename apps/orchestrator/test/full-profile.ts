/** A repository in the profile full, whose agents are scripts carried out by real processes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Script, ScriptedAttempt } from '../src/agents/scripted/script.ts';
import { ask, type Door, type ShownTask, taskOf, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

type Roles = NonNullable<Script['roles']>;
type Play = { readonly [Role in keyof Roles]?: ScriptedAttempt | readonly ScriptedAttempt[] };

const says = (front: Record<string, string>, body = 'as it should be'): ScriptedAttempt => ({
  report: { front, body },
});

/** A paper for the person who approves. `more`: what else the analyst does. */
export const analyses = (more: ScriptedAttempt = {}): ScriptedAttempt => ({
  say: 'understood',
  shell:
    'mkdir -p "docs/work-items/$GATEHOUSE_TASK_NAME" && echo understood > "docs/work-items/$GATEHOUSE_TASK_NAME/01-analysis.md" && git add docs && git commit -qm analysis',
  ...more,
});

/** Every role does what it is asked for; the developer adds a file. */
export const GOOD = {
  analyst: analyses(),
  architect: says({ architecture_status: 'DONE' }),
  developer: { write: { 'feature.txt': 'a feature\n' }, commit: 'add a feature' },
  reviewer: says({ verdict: 'APPROVED' }),
  tester: says({ result: 'PASS' }),
} as const satisfies Play;

export interface FullProfile {
  readonly forge: Forge;
  readonly folder: string;
  readonly policy: string;
  /** Replaces what the agents do from now on. */
  play(play: Play): void;
}

/** Deploying is writing the commit down. */
const deploying = (folder: string): string[] => {
  const write = (place: string) => `printf %s "$GATEHOUSE_TESTED_SHA" > ${join(folder, place)}`;
  return [
    'deploy:',
    `  staging: ${JSON.stringify(write('staging'))}`,
    `  production: ${JSON.stringify(write('production'))}`,
    `  freshness: ${JSON.stringify(`[ "$(cat ${join(folder, 'staging')})" = "$GATEHOUSE_TESTED_SHA" ] || exit 10`)}`,
  ];
};

/** Only roles with a part have an agent. `policy` is more of the operator's file, as YAML lines. [deploy commands that record the commit] */
export async function fullProfile(
  play: Play,
  policy: (folder: string) => readonly string[] = deploying,
): Promise<FullProfile> {
  const folder = scratchFolder();
  const script = join(folder, 'script.json');
  const file = join(folder, 'operator.yaml');
  const rewrite = (next: Play) => {
    const roles = Object.fromEntries(
      Object.entries(next).map(([role, attempts]) => [role, Array.isArray(attempts) ? attempts : [attempts]]),
    );
    writeFileSync(script, JSON.stringify({ version: 1, roles }));
  };
  rewrite(play);
  const agents = Object.keys(play).map((role) => `${role}: { scripted: ${script} }`);
  const lines = ['version: 1', `agents: { timeout: 120s, ${agents.join(', ')} }`, 'ci: { command: sh check.sh }'];
  writeFileSync(file, `${[...lines, ...policy(folder)].join('\n')}\n`);
  const forge = await Forge.make(PROJECT, folder);
  return { forge, folder, policy: file, play: rewrite };
}

/** Registers the repository; gives the answer to `ask`. */
export async function registerFull(service: Door, { forge, policy }: FullProfile, id = 'app'): Promise<void> {
  const response = await ask(service, '/repos', {
    body: { id, path: forge.path, policy_path: policy, profile: 'full' },
  });
  if (response.status !== 201) throw new Error(response.text);
}

/** Asks for a change; gives the task's id. */
export async function askFor(service: Door, wanted: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const body = { repo: 'app', title: 'Add a feature', key: 'K-1', ...wanted };
  const response = await ask(service, '/tasks', { body });
  if (response.status !== 201) throw new Error(response.text);
  return (response.json as ShownTask).id;
}

/** Waits until the task waits for a person, and says yes. */
export async function approveWhenAsked(service: Door, id: string): Promise<void> {
  await until(`${id} waits for a person`, async () => (await taskOf(service, id)).status === 'waiting');
  const response = await ask(service, `/tasks/${id}/approve`, { body: {} });
  if (response.status !== 200) throw new Error(response.text);
}
