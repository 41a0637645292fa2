/** One scripted agent in a clone of its own, on a real repository; both are made anew for each test file. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from '@jest/globals';
import type { AgentRequest, AgentResult, Assignment } from '../src/agents/port.ts';
import { agentRunnerWith } from '../src/agents/runner.ts';
import type { ScriptedAttempt } from '../src/agents/scripted/script.ts';
import { forgeChooser } from '../src/forges/choose.ts';
import { mirrorsIn } from '../src/workspace/mirrors.ts';
import { type Change, Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

export const KEY = 'K-1';
export const BRANCH = 'feature/K-1-work';
export const REPORTS = `docs/work-items/${KEY}`;
export const NONCE = 'f00dbeef';

export let forge: Forge;
export let folder: string;
let rooms = 0;
beforeAll(async () => {
  folder = scratchFolder();
  forge = await Forge.make({ ...PROJECT, 'CLAUDE.md': 'be careful\n', 'AGENTS.md': 'be careful\n' }, folder);
});

const STAGE: { readonly [Role in Assignment['role']]?: Assignment['stage'] } = {
  analyst: 'analysis',
  architect: 'architecture',
  reviewer: 'review',
  tester: 'testing',
};

export interface Scene {
  readonly role?: Assignment['role'];
  /** What the branch holds when the work begins. */
  readonly branch?: Change;
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly env?: readonly string[];
}

/** Lets a scripted agent do `attempt` in a clone of its own; `at` is where. */
export async function at(
  attempt: ScriptedAttempt,
  scene: Scene = {},
): Promise<{ report: AgentResult; order: AgentRequest }> {
  const { role = 'developer', branch, timeoutMs = 60_000, environment = {}, env = [] } = scene;
  rooms += 1;
  const room = join(folder, `room-${rooms}`);
  mkdirSync(join(room, 'reports'), { recursive: true });
  const script = join(room, 'script.json');
  writeFileSync(script, JSON.stringify({ version: 1, roles: { [role]: [attempt] } }));
  const base = forge.head('main');
  const start = branch === undefined ? base : forge.push({ branch: `start-${rooms}`, from: 'main' }, branch);
  const mirror = await mirrorsIn(room, forgeChooser(new Map())).refresh({
    id: 'app',
    url: forge.path,
    forge: 'local',
    main: 'main',
  });
  if (mirror.kind !== 'fresh') throw new Error(mirror.reason);
  const order: AgentRequest = {
    assignment: {
      repoId: 'app',
      taskId: `t-${rooms}`,
      key: KEY,
      title: 'work',
      description: 'do it',
      branch: BRANCH,
      main: 'main',
      role,
      stage: STAGE[role] ?? 'development',
      attempt: 1,
      nonce: NONCE,
      brief: null,
      failed: null,
      refused: null,
      papers: [],
    },
    agent: { kind: 'scripted', run: script, timeoutMs, env },
    git: mirror.git,
    start,
    base,
    workspace: { slotDir: join(room, 'clone'), reportsDir: join(room, 'reports'), logDir: join(room, 'reports') },
    timeoutMs,
    limits: {},
    signal: new AbortController().signal,
  };
  return { report: await agentRunnerWith(environment).run(order), order };
}

export const promptOf = ({ workspace }: AgentRequest): string =>
  readFileSync(join(workspace.reportsDir, 'prompt.md'), 'utf8');

export const forgeless = ({ git }: AgentRequest, ...args: string[]): string => Forge.at(git.gitDir).git(...args);

export const APPROVED = '---\nverdict: APPROVED\n---\n';
export const approve: ScriptedAttempt = { report: { front: { verdict: 'APPROVED' }, body: 'fine' } };
