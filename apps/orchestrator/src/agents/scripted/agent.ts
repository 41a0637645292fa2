/** The process behind `agents: { scripted: FILE }`: does in its clone what the script says for this role and attempt. */
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exitStatusOf, outputText, runInGroup } from '@gatehouse/proc-group';
import type { AgentRole } from '@gatehouse/stage-engine';
import { attemptOf, parseScript, type ScriptedAttempt } from './script.ts';

interface ScriptedRun {
  readonly script: string;
  readonly role: AgentRole;
  readonly key: string;
  readonly attempt: number;
  readonly nonce: string;
  readonly prompt: string;
  /** Path of the stage's report in the clone. */
  readonly artefact: string | null;
}

const LIMIT_MS = 600_000;
const CANNOT = 2;
const UNEXPECTED = 3;

async function play(scene: ScriptedRun): Promise<number> {
  const read = parseScript(await readFile(scene.script, 'utf8'));
  if (read.kind !== 'script') return say(`the script cannot be used: ${read.problems.join('; ')}`, CANNOT);
  const attempt = attemptOf(read.script, scene.role, scene);
  if (attempt === null) return say(`the script has nothing for ${scene.role} of ${scene.key}`, CANNOT);
  const prompt = await readFile(scene.prompt, 'utf8');
  const missing = (attempt.expects ?? []).find((text) => !prompt.includes(text));
  if (missing !== undefined) return say(`the prompt does not say ${JSON.stringify(missing)}`, UNEXPECTED);
  if (attempt.shell !== undefined) {
    // A bare spawn: the service has to find the processes that the command leaves behind.
    const ran = await run('sh', ['-c', attempt.shell], 'plain');
    if (ran !== 0) return ran;
  }
  const paths = await writeAll(attempt, scene);
  const committed = attempt.commit === undefined ? 0 : await commit(attempt.commit, paths);
  if (committed !== 0) return committed;
  if (attempt.say !== undefined) say(attempt.say, 0);
  if (attempt.hang === true) await new Promise(() => setInterval(() => {}, 1_000));
  return attempt.exit ?? 0;
}

async function writeAll(
  { write = {}, append = {}, report }: ScriptedAttempt,
  { artefact, nonce }: ScriptedRun,
): Promise<string[]> {
  for (const [path, text] of Object.entries(write)) {
    await mkdir(dirname(path), { recursive: true });
    if (text === null) await rm(path, { force: true });
    else await writeFile(path, text);
  }
  for (const [path, text] of Object.entries(append)) await appendFile(path, text);
  const paths = [...Object.keys(write), ...Object.keys(append)];
  if (report === undefined || artefact === null) return paths;
  const front = Object.entries({ ...report.front, attempt: nonce }).map(([key, value]) => `${key}: ${value}\n`);
  await mkdir(dirname(artefact), { recursive: true });
  await writeFile(artefact, `---\n${front.join('')}---\n\n${report.body ?? ''}\n`);
  return [...paths, artefact];
}

async function commit(message: string, paths: readonly string[]): Promise<number> {
  const staged = paths.length === 0 ? 0 : await run('git', ['add', '--all', '--force', '--', ...paths], 'group');
  return staged === 0 ? run('git', ['commit', '--quiet', '--allow-empty', '--message', message], 'group') : staged;
}

/** What a command of the script sees of what the agent was told. */
const TOLD: readonly string[] = [
  ...['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_COMMITTER_NAME', 'GIT_COMMITTER_EMAIL'],
  ...['ROLE', 'STAGE', 'TASK', 'TASK_NAME', 'BRANCH', 'COMMIT', 'TRY', 'ATTEMPT', 'PROMPT', 'USAGE', 'ARTEFACT'].map(
    (name) => `GATEHOUSE_${name}`,
  ),
];

async function run(command: string, args: readonly string[], containment: 'plain' | 'group'): Promise<number> {
  const done = await runInGroup({ command, args, env: { allow: TOLD }, timeoutMs: LIMIT_MS, containment });
  if (done.kind === 'crashed') return say(done.error.message, CANNOT);
  const status = exitStatusOf(done);
  return status === 0 ? 0 : say(`${command}: ${outputText(done.stdout)}${outputText(done.stderr)}`, status);
}

function say(text: string, status: number): number {
  (status === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  return status;
}

process.exitCode = await play(JSON.parse(process.argv[2] ?? '{}') as ScriptedRun);
