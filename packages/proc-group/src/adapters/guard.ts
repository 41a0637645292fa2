/**
 * The crash guard: one idle shell per orchestrator that outlives it. It blocks on a pipe; when the pipe ends, because
 * the orchestrator is gone (even by SIGKILL), it kills every run still on its list and removes what they left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { noteOwn } from '../own-processes.ts';
import { errnoOf } from './errno.ts';
import { resume } from './process-signal.ts';
import { isAlive, readStat } from './procfs.ts';

export interface GuardedRun {
  readonly low: bigint;
  readonly high: bigint;
  readonly leaf: string | null;
  readonly home: string | null;
}

/**
 * Fields are separated by tabs, runs by newlines. A mark is recognised as in `cookie.ts`. The last loop ends after
 * three scans in a row that found no process, or after 100; it pauses between them, because a process that was being
 * forked when the orchestrator died may not carry its mark yet.
 */
const SCRIPT = `
tab=$(printf '\\t') nl='
' runs=
while IFS=$tab read -r op id rest; do
  case $op in
  +) runs=$runs$id$tab$rest$nl ;;
  -) kept= IFS=$nl
     set -f
     for run in $runs; do case $run in "$id$tab"*) ;; *) kept=$kept$run$nl ;; esac; done
     runs=$kept ;;
  esac
done
[ -n "$runs" ] || exit 0
set -f
IFS=$nl
for run in $runs; do IFS=$tab; set -- $run; [ "$4" = - ] || echo 1 > "$4/cgroup.kill"; done
round=0 empty=0
while [ $round -lt 100 ] && [ $empty -lt 3 ]; do
  round=$((round + 1)) empty=$((empty + 1))
  set +f
  limits=$(grep -s '^Max file locks' /proc/[0-9]*/limits)
  set -f
  IFS=$nl
  for line in $limits; do
    pid=\${line#/proc/} pid=\${pid%%/*}
    IFS=' '; set -- \${line#*:}
    soft=$4 hard=$5
    case $soft$hard in *[!0-9]*) continue ;; esac
    IFS=$nl
    for run in $runs; do
      IFS=$tab; set -- $run
      if [ "$soft" -ge "$2" ] && [ "$hard" -le "$3" ] || [ "$hard" -eq "$3" ]; then
        read -r stat < "/proc/$pid/stat" || continue
        kill -9 "$pid"
        case $stat in *') Z '*) ;; *) empty=0 ;; esac
      fi
    done
  done
  [ $empty -eq 0 ] || sleep 0.1 || sleep 1
done
IFS=$nl
for run in $runs; do
  IFS=$tab; set -- $run
  [ "$4" = - ] || rmdir "$4"
  case $5 in */gatehouse-home-*) rm -rf -- "$5" ;; esac
done
`;

const open = new Map<number, string>();
let shell: ChildProcess | null = null;
let lastId = 0;

/** Resolves once the guard has the run on its list. `guarded` is false if there is no guard to be had. */
export async function guardRun(run: GuardedRun): Promise<{ readonly guarded: boolean; readonly release: () => void }> {
  lastId += 1;
  const id = lastId;
  const fields = ['+', id, run.low, run.high, field(run.leaf), field(run.home)];
  open.set(id, `${fields.join('\t')}\n`);
  const guarded = await send(shell === null ? [...open.values()].join('') : (open.get(id) ?? ''));
  const release = (): void => {
    open.delete(id);
    if (shell !== null) void send(`-\t${id}\n`);
  };
  return { guarded, release };
}

/** A path with a separator in it cannot be sent; its run is guarded all the same. */
const field = (path: string | null): string => (path === null || /[\t\n]/.test(path) ? '-' : path);

function send(lines: string): Promise<boolean> {
  shell ??= startGuard();
  // A stopped one guards nothing.
  if (shell !== null) resume(shell);
  const pipe = shell?.stdin;
  if (pipe == null) return Promise.resolve(false);
  return new Promise((resolve) => pipe.write(lines, (error) => resolve(error == null)));
}

function startGuard(): ChildProcess | null {
  const guard = trySpawn();
  if (guard === null) return null;
  if (guard.pid !== undefined) noteOwn(guard.pid);
  const endIdle = (): void => {
    if (open.size === 0) endNow(guard);
  };
  process.once('exit', endIdle);
  const forget = (): void => {
    if (shell === guard) shell = null;
    process.off('exit', endIdle);
  };
  guard.on('error', forget);
  guard.on('exit', forget);
  guard.stdin?.on('error', forget);
  // The guard must not keep an orchestrator alive that has nothing else to do.
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guard;
}

const LONGEST_END_MS = 50;

/** Idle, it would outlive us by a moment, and a run around us would call it left behind. On the way out nothing can be awaited. */
function endNow(guard: ChildProcess): void {
  guard.kill('SIGKILL');
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let ms = 0; ms < LONGEST_END_MS && isAlive(readStat(guard.pid ?? 0)); ms += 1) Atomics.wait(pause, 0, 0, 1);
}

function trySpawn(): ChildProcess | null {
  try {
    return spawn('/bin/sh', ['-c', SCRIPT, 'gatehouse-guard'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    });
  } catch (error) {
    if (errnoOf(error) !== null) return null;
    throw error;
  }
}
