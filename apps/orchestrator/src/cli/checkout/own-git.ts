/**
 * The user's own git in the user's own clone, as typed by hand: with their configuration and credentials. For `--fetch` alone, which
 * asks for exactly that; everything else reads through @gatehouse/git.
 */
import { runInGroup } from '@gatehouse/proc-group';
import type { Environment } from '../../platform/process-environment.ts';

/** How the call ended; `said` is the first line on stderr that explains it. */
export type OwnGitAnswer =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'failed'; readonly said: string };

export interface OwnGitRequest {
  readonly gitDir: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** Variables by which a hook names the repository that it runs for, and by which objects would land elsewhere. */
const LOCAL =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|SHALLOW_FILE|GRAFT_FILE|QUARANTINE_PATH|IMPLICIT_WORK_TREE|CONFIG|NO_REPLACE_OBJECTS)$/;

const LIMIT_MS = 600_000;

export async function ownGit({ gitDir, args, env, signal }: OwnGitRequest): Promise<OwnGitAnswer> {
  const set = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined || LOCAL.test(name) ? [] : [[name, value]])),
  );
  const run = await runInGroup({
    command: 'git',
    args: [`--git-dir=${gitDir}`, ...args],
    cwd: '/',
    env: { set: { ...set, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' } },
    timeoutMs: LIMIT_MS,
    graceMs: 1000,
    containment: 'group',
    trusted: true,
    signal,
    output: { headBytes: 64 * 1024, tailBytes: 0 },
  });
  if (run.kind === 'crashed') return { kind: 'failed', said: run.error.message };
  if (run.kind === 'spawn-failed' || run.kind === 'refused') return { kind: 'failed', said: 'git cannot be started' };
  const stderr = Buffer.from(run.stderr.head).toString('utf8');
  if (run.kind !== 'exited') return { kind: 'failed', said: `git did not end by itself: ${run.kind}` };
  return run.code === 0
    ? { kind: 'done', text: Buffer.from(run.stdout.head).toString('utf8') }
    : { kind: 'failed', said: telling(stderr) };
}

function telling(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^(?:fatal|error):/.test(line)) ?? lines.at(-1) ?? 'git said nothing';
}
