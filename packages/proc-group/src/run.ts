/**
 * One run from request to answer. The answer waits for the command's exit and a bounded drain, never for its pipes to
 * close, and not a moment longer than deadline + grace + the caps in `stop.ts` and `drain.ts`.
 */

import { spawnChild } from './adapters/child.ts';
import { guardRun } from './adapters/guard.ts';
import { callListener } from './adapters/listener.ts';
import { type LogFile, openLog } from './adapters/log-file.ts';
import { rethrow } from './adapters/rethrow.ts';
import { environmentReadableBy } from './adapters/secrets.ts';
import { isWorthSpawner, spawnViaHelper } from './adapters/spawner.ts';
import { makeTempHome, type TempHome } from './adapters/temp-home.ts';
import { monotonicMs } from './adapters/within.ts';
import { type Chosen, choose } from './choose.ts';
import { describeRun, endBeforeBegin, notBecome, notRun } from './describe-run.ts';
import { execFailure, nameOf, openerFailure } from './exec-through.ts';
import { type LaunchLine, launchLine } from './launch-line.ts';
import { collectOutput } from './output.ts';
import { controlOf } from './run-control.ts';
import { type Request, type RunSpec, readSpec } from './spec.ts';
import { StopRequest, watchDeadline } from './stop-request.ts';
import { supervise } from './supervise.ts';
import { sampleUsage } from './usage-sampler.ts';
import type { GroupRun } from './verdict.ts';

/** What a run needs besides its request; the code that opened it frees it. */
interface RunContext {
  readonly asked: number;
  readonly request: Request;
  readonly stop: StopRequest;
  readonly chosen: Chosen;
  readonly home: TempHome | null;
  readonly log: LogFile | null;
}

/**
 * Runs one command and answers when it has ended and nothing of it that this level can reach is left. `GroupRun` says
 * how a run can end, README what each level guarantees.
 */
export async function runInGroup(spec: RunSpec): Promise<GroupRun> {
  const asked = monotonicMs();
  const read = readSpec(spec);
  if (read.kind === 'malformed') return notRun(asked, { kind: 'refused', reason: read.reason });
  const { request } = read;
  const stop = new StopRequest();
  const unwatch = watchDeadline(stop, request.timeoutMs, request.signal);
  const opened: { chosen?: Chosen; home?: TempHome; log?: LogFile } = {};
  try {
    if (stop.cause?.kind === 'cancelled') return notRun(asked, stop.cause);
    const chosen = await choose(request);
    if (chosen.kind === 'refused') return notRun(asked, chosen);
    opened.chosen = chosen;
    if (request.containment !== 'group' && !request.inheritsAll && request.set['HOME'] === undefined) {
      const made = await makeTempHome(request.runAs);
      if (made.kind === 'failed')
        return notRun(asked, {
          kind: 'spawn-failed',
          // Its errno would be taken for the command's.
          errno: 'ECONTAIN',
          message: `no HOME can be made for it: ${made.message}`,
        });
      opened.home = made.home;
    }
    if (request.log !== null) {
      const log = openLog(request.log.path, request.log.maxBytes);
      if (log.kind === 'failed')
        return notRun(asked, { kind: 'refused', reason: `the log file cannot be written: ${log.reason}` });
      opened.log = log.log;
    }
    return await runIn({ asked, request, stop, chosen, home: opened.home ?? null, log: opened.log ?? null });
  } finally {
    unwatch();
    opened.log?.close();
    await opened.chosen?.mechanism.close();
    await opened.home?.remove();
  }
}

async function runIn(context: RunContext): Promise<GroupRun> {
  const { asked, chosen } = context;
  const line = launchLine(context);
  if (line.kind !== 'line') return notRun(asked, line);
  const guard = chosen.marks === null ? null : await guardRun({ ...chosen.marks, home: context.home?.path ?? null });
  try {
    return await runGuarded(context, { line, guarded: guard?.guarded ?? false });
  } finally {
    guard?.release();
  }
}

interface Launch {
  readonly line: LaunchLine;
  readonly guarded: boolean;
}

async function runGuarded(context: RunContext, { line, guarded }: Launch): Promise<GroupRun> {
  const { asked, request, stop, chosen, log } = context;
  const { mechanism } = chosen;
  const output = collectOutput(request, log, (fault) =>
    stop.ask(fault.kind === 'broken' ? fault : { kind: 'output-limit' }),
  );
  const { cwd, stdin, runAs, descriptors } = request;
  const { file, args, env, shell } = line;
  const detached = mechanism.detached && request.session === 'own';
  const wanted = {
    file,
    args,
    cwd,
    env,
    detached,
    stdin,
    runAs,
    stderrAt: shell?.stderrAt ?? null,
    descriptors,
    onChunk: output.onChunk,
  };
  const viaHelper = detached && isWorthSpawner() ? await spawnViaHelper(wanted, stop.asked) : null;
  const first = viaHelper ?? (await spawnChild(wanted));
  const spawned = chosen.kept === null ? first : await chosen.kept.adopt(first, stop.asked);
  const spawnMs = monotonicMs() - asked;
  if (stop.cause?.kind === 'broken' && spawned.kind === 'not-begun') return rethrow(stop.cause);
  if (spawned.kind === 'not-begun') return notRun(asked, endBeforeBegin(spawned.by, stop.cause));
  if (spawned.kind === 'spawn-failed') return notRun(asked, spawned);
  const { child } = spawned;
  mechanism.started(child.pid);
  void child.exited.then(mechanism.leaderGone);
  if (request.onStart !== null) {
    const control = controlOf(stop, child, { detached, hasShell: shell !== null, chosen });
    callListener(
      () => request.onStart?.(control),
      (error) => stop.ask({ kind: 'broken', error }),
    );
  }
  const sampler =
    mechanism.detached && mechanism.level !== 'kernel' && child.pid > 1
      ? sampleUsage(child.pid, shell === null ? 0 : 1)
      : null;
  const ended = await supervise({ request, stop, mechanism, child, output }).finally(() => sampler?.stop());
  if (ended.cause?.kind === 'broken') return rethrow(ended.cause);
  const captured = output.result();
  const names = [...(chosen.marks === null ? [] : [nameOf(chosen.marks)]), ...(shell === null ? [] : [shell.name])];
  const failure = execFailure(names, child.exit()?.code ?? null, captured.stderr);
  if (failure !== null) return notBecome(asked, failure, { ...ended, chosen, guarded });
  const unopened = request.inside === null ? null : openerFailure(child.exit()?.code ?? null, captured);
  if (unopened !== null && ended.cause === null) return notBecome(asked, unopened, { ...ended, chosen, guarded });
  const secretsReadable = chosen.opener === null && environmentReadableBy(runAs?.uid ?? null);
  return describeRun({
    ...ended,
    isTold: chosen.kept !== null || shell !== null || request.trusted || process.platform !== 'linux',
    asked,
    spawnMs,
    chosen,
    captured,
    logPath: log?.path ?? null,
    sampled: sampler?.result() ?? null,
    secretsReadable,
    guarded,
  });
}
