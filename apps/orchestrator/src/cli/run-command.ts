/** `gatehouse run`: a command with a deadline that leaves nothing behind; exit statuses as timeout(1) has them. */
import { constants } from 'node:os';
import { exitStatusOf, type GroupRun, runInGroup } from '@gatehouse/proc-group';
import { type Crashed, describeCrash } from '@gatehouse/verdict';
import { processEnvironment } from '../settings.ts';
import { type Answer, type Terminal, usage } from './answer.ts';

const OURS = 125;
/** We received a signal, and passed it on to the command. */
const CANCELLED = 128 + constants.signals.SIGTERM;

/** The longest a timer can be set for, a little under 25 days: what "no deadline" means here. */
export const NO_DEADLINE_MS = 2_147_000_000;

export interface RunOptions {
  readonly timeout: string;
  readonly grace: string;
  readonly json: boolean;
  readonly signal?: string;
  readonly preserveStatus?: boolean;
  readonly scrubEnv?: boolean;
}

export async function runCommand(words: readonly string[], options: RunOptions, terminal: Terminal): Promise<Answer> {
  const timeoutMs = parseDuration(options.timeout);
  const graceMs = parseDuration(options.grace);
  if (timeoutMs === null)
    return { ...usage(`--timeout ${options.timeout} is not a duration; write 90s, 15m or 500ms`), exit: OURS };
  const atOnce = /^(?:SIG)?KILL$|^9$/i.test(options.signal ?? '');
  if (options.signal !== undefined && !atOnce && !/^(?:SIG)?TERM$|^15$/i.test(options.signal))
    return {
      ...usage(`--signal ${options.signal}: a run is ended with TERM and then KILL, or with KILL at once`),
      exit: OURS,
    };
  if (graceMs === null)
    return { ...usage(`--grace ${options.grace} is not a duration; write 10s or 500ms`), exit: OURS };
  const [command, ...args] = words;
  if (command === undefined)
    return { ...usage('no command given; write `gatehouse run --timeout 900s -- CMD ARGS…`'), exit: OURS };
  const started = Date.now();
  const run = await runInGroup({
    command,
    args,
    cwd: terminal.cwd,
    env: options.scrubEnv === true ? { allow: Object.keys(processEnvironment()) } : { set: ownEnvironment() },
    stdin: 'inherit',
    timeoutMs: timeoutMs === 0 ? NO_DEADLINE_MS : timeoutMs,
    graceMs: atOnce ? 0 : graceMs,
    signal: terminal.signal,
    output: {
      headBytes: 0,
      tailBytes: 0,
      onChunk: (stream, bytes) =>
        (stream === 'stdout' && !options.json ? terminal.out : terminal.err)(Uint8Array.from(bytes)),
    },
  });
  const answer = answerFor(run, Date.now() - started);
  return options.preserveStatus === true ? { ...answer, exit: preserved(run) ?? answer.exit } : answer;
}

/** Our own environment as it is: a command that is run through us from a shell should see the same variables. */
export const ownEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(processEnvironment()).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** What the command itself ended with, although we ended it; null when that is unknown. */
function preserved(run: GroupRun | Crashed): number | null {
  const raw = run.kind === 'crashed' ? undefined : run.raw;
  if (raw === undefined) return null;
  if (raw.code !== null) return raw.code;
  const number = Object.entries(constants.signals).find(([name]) => name === raw.signal)?.[1];
  return number === undefined ? null : 128 + number;
}

/** Milliseconds of `90s`, `1.5m`, `2d`, `500ms` or plain seconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text);
  if (match === null) return null;
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 's'] ?? 1000;
  const ms = Math.round(Number(match[1]) * unit);
  return ms >= 0 && ms <= 2_147_000_000 ? ms : null;
}

function answerFor(run: GroupRun | Crashed, durationMs: number): Answer {
  if (run.kind === 'crashed')
    return {
      exit: OURS,
      problem: describeCrash(run),
      json: { kind: 'crashed', reason: describeCrash(run), duration_ms: durationMs },
    };
  const json = {
    kind: run.kind,
    ...(run.kind === 'exited' ? { code: run.code } : {}),
    ...(run.kind === 'signaled' ? { signal: run.signal, inferred: run.inferred === true } : {}),
    level: run.level,
    verified: run.containment.verified,
    leftovers: run.containment.leftovers,
    leaked: run.containment.leaked,
    ...(run.usage === undefined ? {} : { usage: run.usage }),
    duration_ms: durationMs,
  };
  const left = run.containment.leftovers.length;
  const note = left > 0 ? { problem: `${left} processes outlived the command and were ended` } : {};
  return { exit: run.kind === 'cancelled' ? CANCELLED : exitStatusOf(run), json, ...note, ...problemOf(run) };
}

function problemOf(run: GroupRun): { readonly problem?: string } {
  if (run.kind === 'spawn-failed') return { problem: `the command cannot be started: ${run.message}` };
  if (run.kind === 'refused') return { problem: run.reason };
  if (run.kind === 'timeout') return { problem: 'the command was still running at its deadline and was ended' };
  return {};
}
