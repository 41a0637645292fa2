/**
 * `gatehouse run`: timeout(1) that leaves nothing behind. The command gets our words, variables and descriptors byte for byte; its
 * exit status is ours; signals are passed on, and the second one ends what the first did not.
 */
import { constants } from 'node:os';
import { exitStatusOf, type GroupRun, type RunControl, runInGroup, signalNumber } from '@gatehouse/proc-group';
import { type Crashed, describeCrash } from '@gatehouse/verdict';
import { ownVariableNames } from '../platform/own-process.ts';
import { type Answer, type Terminal, usage } from './answer.ts';
import { passSignals } from './pass-signals.ts';

const OURS = 125;
const NOT_FOUND = 127;
/** We received a signal before the command ran, or it did not end by itself after one. */
const CANCELLED = 128 + constants.signals.SIGTERM;

/** The longest a timer can be set for, a little under 25 days: what "no deadline" means here. */
export const NO_DEADLINE_MS = 2_147_000_000;
const LONGEST = '24 days';

export interface RunOptions {
  readonly timeout: string;
  readonly grace: string;
  readonly json: boolean;
  readonly signal?: string;
  readonly preserveStatus?: boolean;
  readonly scrubEnv?: boolean;
}

interface RunPlan {
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly atOnce: boolean;
}

function readPlan(options: RunOptions): RunPlan | string {
  const timeoutMs = parseDuration(options.timeout);
  const graceMs = parseDuration(options.grace);
  if (timeoutMs === null)
    return `--timeout ${options.timeout} is not a duration of at most ${LONGEST}; write 90s, 15m or 500ms`;
  const atOnce = /^(?:SIG)?KILL$|^9$/i.test(options.signal ?? '');
  if (options.signal !== undefined && !atOnce && !/^(?:SIG)?TERM$|^15$/i.test(options.signal))
    return `--signal ${options.signal}: a run is ended with TERM and then KILL, or with KILL at once`;
  if (graceMs === null) return `--grace ${options.grace} is not a duration of at most ${LONGEST}; write 10s or 500ms`;
  return { timeoutMs: timeoutMs === 0 ? NO_DEADLINE_MS : timeoutMs, graceMs, atOnce };
}

export async function runCommand(words: readonly string[], options: RunOptions, terminal: Terminal): Promise<Answer> {
  const plan = readPlan(options);
  if (typeof plan === 'string') return { ...usage(plan, 'gatehouse run --help'), exit: OURS };
  const [command] = words;
  if (command === undefined)
    return { ...usage('no command given; write `gatehouse run --timeout 900s -- CMD ARGS…`'), exit: OURS };
  // As execvp(3) has it; a request without a command would be refused as malformed.
  if (command === '') return { exit: NOT_FOUND, problem: 'the command cannot be started: its name is empty' };
  const started = process.hrtime.bigint();
  const { own } = terminal;
  const output = passOutput(terminal, options.json);
  const calledOff = new AbortController();
  const signals = passSignals(own?.onSignal ?? null, {
    graceMs: plan.graceMs,
    isFromKeyboard: own?.isInForeground ?? (() => false),
    callOff: (name) => calledOff.abort(`received ${name}`),
  });
  const run = await runInGroup({
    command,
    args: own?.exactWords(words).slice(1) ?? words.slice(1),
    cwd: terminal.cwd,
    env: options.scrubEnv === true ? { allow: ownVariableNames() } : 'inherit',
    stdin: 'inherit',
    descriptors: own?.descriptors ?? [],
    session: own?.hasTerminal === true ? 'ours' : 'own',
    ignoreHangup: own?.isHangupIgnored ?? false,
    timeoutMs: plan.timeoutMs,
    graceMs: plan.atOnce ? 0 : plan.graceMs,
    signal: AbortSignal.any([terminal.signal, calledOff.signal]),
    onStart: (control) => {
      signals.started(control);
      output.started(control);
    },
    output: { headBytes: 600, tailBytes: 0, onChunk: output.onChunk },
  });
  signals.done();
  const answer = answerFor(run, {
    durationMs: Math.round(Number(process.hrtime.bigint() - started) / 1e6),
    received: signals.received(),
    isCalledOff: calledOff.signal.aborted,
  });
  const lost = output.lost();
  if (lost !== null) return { ...answer, exit: OURS, problem: lost };
  return options.preserveStatus === true ? { ...answer, exit: preserved(run) ?? answer.exit } : answer;
}

interface PassedOutput {
  readonly started: (control: RunControl) => void;
  readonly onChunk: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void | Promise<void>;
  /** In words, once something could not be passed on. */
  readonly lost: () => string | null;
}

/** What the command says goes where we say it; a place that takes no more ends the run, as nobody would hear the rest. */
function passOutput({ own, out, err }: Terminal, asJson: boolean): PassedOutput {
  let control: RunControl | null = null;
  let lost: string | null = null;
  return {
    started: (given) => {
      control = given;
      if (lost !== null) control.end(lost);
    },
    onChunk: (stream, bytes) => {
      const place = asJson ? 'stderr' : stream;
      if (own === undefined) return (place === 'stdout' ? out : err)(Uint8Array.from(bytes));
      return own.write(place, bytes).then((errno) => {
        if (errno === null || lost !== null) return;
        lost = `what the command wrote could not be passed on to ${place}: ${errno}`;
        control?.end(lost);
      });
    },
    lost: () => lost,
  };
}

/** What the command itself ended with, although we ended it; null when that is unknown. */
function preserved(run: GroupRun | Crashed): number | null {
  const raw = run.kind === 'crashed' ? undefined : run.raw;
  if (raw === undefined) return null;
  if (raw.code !== null) return raw.code;
  const number = raw.signal === null ? null : signalNumber(raw.signal);
  return number === null ? null : 128 + number;
}

/** Milliseconds of `90s`, `1.5m`, `2d`, `500ms` or plain seconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text);
  if (match === null) return null;
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 's'] ?? 1000;
  const ms = Math.round(Number(match[1]) * unit);
  return ms >= 0 && ms <= NO_DEADLINE_MS ? ms : null;
}

interface About {
  readonly durationMs: number;
  /** The first signal that came while the command ran. */
  readonly received: NodeJS.Signals | null;
  /** It came before the command ran. */
  readonly isCalledOff: boolean;
}

function answerFor(run: GroupRun | Crashed, about: About): Answer {
  const { durationMs } = about;
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
    ...(run.kind === 'unknown' ? { reason: run.reason } : {}),
    level: run.level,
    verified: run.containment.verified,
    ...(run.containment.unproven === undefined ? {} : { unproven: run.containment.unproven }),
    leftovers: run.containment.leftovers,
    leaked: run.containment.leaked,
    ...(run.usage === undefined ? {} : { usage: run.usage }),
    duration_ms: durationMs,
  };
  const problems = [problemOf(run), noteOn(run.containment)].filter((words) => words !== null);
  return {
    exit: run.kind === 'cancelled' ? cancelledStatus(run, about) : exitStatusOf(run),
    json,
    ...(problems.length === 0 ? {} : { problem: problems.join('; ') }),
  };
}

/** The command's own status also where it took a SIGKILL; of the signal which kept it from running, whatever became of its start. */
function cancelledStatus(run: GroupRun, { received, isCalledOff }: About): number {
  const own = received === null || isCalledOff ? null : preserved(run);
  return own ?? (received === null ? CANCELLED : 128 + (signalNumber(received) ?? 0));
}

/** What outlived the command, or why it is not certain that nothing did. */
function noteOn({ leftovers, unproven }: GroupRun['containment']): string | null {
  if (unproven !== undefined) return `it is not proven that nothing of the command is left: ${unproven}`;
  if (leftovers.length === 0) return null;
  const [processes, were] = leftovers.length === 1 ? ['process', 'was'] : ['processes', 'were'];
  return `${leftovers.length} ${processes} outlived the command and ${were} ended`;
}

function problemOf(run: GroupRun): string | null {
  if (run.kind === 'spawn-failed') return `the command cannot be started: ${run.message}`;
  if (run.kind === 'refused' || run.kind === 'unknown') return run.reason;
  if (run.kind === 'timeout') return 'the command was still running at its deadline and was ended';
  return null;
}
