/**
 * Runs a private tool of the checkout for a command of its name. Tools depend on the service and not the other way round, so
 * each is a program of its own, with our working directory, environment and streams.
 */
import { fileURLToPath } from 'node:url';
import { exitStatusOf, runInGroup } from '@gatehouse/proc-group';
import { describeCrash } from '@gatehouse/verdict';
import { readTextFile } from '../platform/files.ts';
import { processEnvironment } from '../platform/process-environment.ts';
import { type Answer, failure, type Terminal } from './answer.ts';
import { NO_DEADLINE_MS } from './run-command.ts';

const PROGRAM_LIMIT = 1024 * 1024;
/** A tool that receives a signal may have a service to end first. */
const GRACE_MS = 60_000;

export interface RunToolRequest {
  /** As in "the demo". */
  readonly title: string;
  /** What to run; see {@link toolProgram}. */
  readonly program: string;
  readonly args: readonly string[];
  readonly terminal: Terminal;
}

/** Where the build of a checkout puts a tool's program. */
export const toolProgram = (name: 'demo' | 'sim'): string =>
  fileURLToPath(new URL(`../../../../tools/${name}/dist/main.js`, import.meta.url));

/** Our own environment as it is. */
const ownEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(processEnvironment()).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** Passes on the tool's output and exit status, also after a signal. */
export async function runPrivateTool({ title, program, args, terminal }: RunToolRequest): Promise<Answer> {
  const built = await readTextFile(program, PROGRAM_LIMIT);
  if (built.kind !== 'read')
    return failure(
      `${title} is not built (${program}); it comes with a checkout of the repository: npm run build`,
      'npm run build',
    );
  const run = await runInGroup({
    command: process.execPath,
    args: ['--enable-source-maps', program, ...args],
    cwd: terminal.cwd,
    env: { set: ownEnvironment() },
    timeoutMs: NO_DEADLINE_MS,
    graceMs: GRACE_MS,
    containment: 'group',
    trusted: true,
    signal: terminal.signal,
    output: {
      headBytes: 0,
      tailBytes: 0,
      onChunk: (stream, bytes) => (stream === 'stdout' ? terminal.out : terminal.err)(Uint8Array.from(bytes)),
    },
  });
  if (run.kind === 'crashed') return failure(describeCrash(run));
  if (run.kind === 'spawn-failed' || run.kind === 'refused') return failure(`${title} cannot be started`);
  const code = run.kind === 'cancelled' ? run.raw?.code : undefined;
  return { exit: code ?? exitStatusOf(run) };
}
