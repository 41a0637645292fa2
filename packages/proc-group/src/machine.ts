/** What this machine can do, found out once per process by trying it. */
import { isPopulated, killLeaf, makeLeaf, ownCgroup, removeLeaf, sweepStaleLeaves } from './adapters/cgroup.ts';
import { findCommand } from './adapters/command-path.ts';
import { type KeeperMeans, keeperMeans } from './adapters/keeper.ts';
import { probeKeeper } from './adapters/keeper-probe.ts';
import { hidesProcesses, type LockLimit, mayGain, procIsOurs, readLockLimit } from './adapters/procfs.ts';
import { askShell } from './adapters/shell-probe.ts';
import { carveCookie } from './containment/carve-cookie.ts';
import type { LocksFlag } from './exec-through.ts';

export type Ability<Means> =
  | { readonly usable: true; readonly reason: string; readonly means: Means }
  | { readonly usable: false; readonly reason: string };

export interface CookieMeans {
  readonly flag: LocksFlag;
  /** The limits this very process runs under; every cookie is carved out of them. */
  readonly around: LockLimit;
}

const missing = (reason: string): { readonly usable: false; readonly reason: string } => ({ usable: false, reason });

let cookie: Promise<Ability<CookieMeans>> | null = null;

/** Sets a mark in a shell and reads it back: some sandboxes accept the call and forget it. */
export function cookieAbility(): Promise<Ability<CookieMeans>> {
  cookie ??= tryCookie();
  return cookie;
}

const READ_BACK = `while read -r line; do case $line in "Max file locks"*) echo "$line" ;; esac; done < /proc/$$/limits`;

async function tryCookie(): Promise<Ability<CookieMeans>> {
  if (process.platform !== 'linux') return missing('only Linux has the inherited limit that marks a run');
  if (!procIsOurs()) return missing('/proc is not mounted or shows another PID namespace');
  const around = readLockLimit('self');
  if (typeof around === 'string') return missing('/proc shows no limit on file locks');
  const mark = carveCookie(around, []);
  if (mark === null) return missing('too many runs inside runs: no mark is left to carve');
  for (const flag of ['w', 'x'] as const) {
    const answer = await askShell(`ulimit -S -${flag} "$1" && ulimit -H -${flag} "$2" && ${READ_BACK}`, [
      `${mark.low}`,
      `${mark.high}`,
    ]);
    if (answer !== null && new RegExp(`^Max file locks +${mark.low} +${mark.high} `).test(answer)) {
      return { usable: true, reason: `marks stick (ulimit -${flag})`, means: { flag, around } };
    }
  }
  return missing('/bin/sh cannot set the limit that marks a run, or it does not stick');
}

let kernel: Promise<Ability<{ readonly parent: string }>> | null = null;

/** Makes a leaf, moves a shell into it, removes it; before that, clears what a killed predecessor left. */
export function kernelAbility(): Promise<Ability<{ readonly parent: string }>> {
  kernel ??= tryKernel();
  return kernel;
}

async function tryKernel(): Promise<Ability<{ readonly parent: string }>> {
  const parent = process.platform === 'linux' ? ownCgroup() : null;
  if (parent === null) return missing('there is no cgroup v2 hierarchy');
  await sweepStaleLeaves(parent);
  const leaf = makeLeaf(parent);
  if (leaf === null) return missing('the cgroup of this process is not writable');
  const joined = await askShell('echo 0 > "$1/cgroup.procs" && read -r own < "$1/cgroup.procs" && echo "$own"', [leaf]);
  const killable = killLeaf(leaf) && !isPopulated(leaf);
  removeLeaf(leaf);
  if (joined === null || !/^\d+\n$/.test(joined)) return missing('a process may not be moved into a cgroup of its own');
  return killable
    ? { usable: true, reason: 'cgroup.kill works', means: { parent } }
    : missing('this kernel has no cgroup.kill');
}

let keeper: Promise<Ability<KeeperMeans>> | null = null;

/** Has a keeper keep a command that leaves an orphan, and compares what it says with what is so. */
export function keeperAbility(): Promise<Ability<KeeperMeans>> {
  keeper ??= tryKeeper();
  return keeper;
}

async function tryKeeper(): Promise<Ability<KeeperMeans>> {
  const found = findCommand('perl', '/', TOOLS);
  if (found.kind !== 'found') return missing('there is no perl to keep the run');
  const means = await keeperMeans(found.file);
  if (means === null) return missing(`a run cannot be kept on ${process.platform} ${process.arch}`);
  return (await probeKeeper(means))
    ? { usable: true, reason: 'perl keeps the run', means }
    : missing('the kernel gives orphans to no other process than the first');
}

export interface Heredity {
  /** The process that orphans of ours are given to. */
  readonly reaper: number;
  /** Whether a program below us may raise a limit again: with CAP_SYS_RESOURCE, or by getting it from its file. */
  readonly canRaise: boolean;
}

let reaper: Promise<number | null> | null = null;
const ORPHAN =
  'pid=$( (sleep 9 > /dev/null & echo $!) ); read -r stat < "/proc/$pid/stat"; kill -9 "$pid"; echo "$stat"';
const CAP_SYS_RESOURCE = 24n;

/** What an unkept run can be told from; `lack` is why it is unkept. */
export async function heredityFor(lack: string): Promise<{ readonly heredity: Heredity | null; readonly why: string }> {
  if (hidesProcesses()) return { heredity: null, why: `${lack}, and /proc hides the processes of other users` };
  reaper ??= askShell(ORPHAN, []).then((stat) => Number(/\) \S (\d+) /.exec(stat ?? '')?.[1] ?? 0) || null);
  const found = await reaper;
  if (found === null) return { heredity: null, why: `${lack}, and it cannot be found out who gets orphans` };
  return { heredity: { reaper: found, canRaise: mayGain(CAP_SYS_RESOURCE) }, why: lack };
}

export interface NamespaceMeans {
  /** Absolute command line up to the command that shall run inside. */
  readonly prefix: readonly string[];
}

let namespace: Promise<Ability<NamespaceMeans>> | null = null;

/** Runs a shell behind each known opener and takes the first that gives it a namespace and passes its status on. */
export function namespaceAbility(): Promise<Ability<NamespaceMeans>> {
  namespace ??= tryNamespace();
  return namespace;
}

const TOOLS = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';
/**
 * The init: waits for the command, and its end is the end of every process inside. Its own remarks must not mix with
 * the output.
 */
const INIT: readonly string[] = ['/bin/sh', '-c', 'exec 3>&2 2>/dev/null; "$@" 2>&3 3>&-; exit $?', 'gatehouse-init'];
const UNSHARE: readonly string[] = ['--pid', '--fork', '--kill-child', '--mount-proc', '--', ...INIT];
const OPENERS: readonly (readonly [tool: string, ...args: string[]])[] = [
  ['bwrap', '--dev-bind', '/', '/', '--unshare-pid', '--proc', '/proc', '--'],
  ['unshare', ...UNSHARE],
  ['unshare', '--user', '--map-current-user', ...UNSHARE],
];

async function tryNamespace(): Promise<Ability<NamespaceMeans>> {
  if (process.platform !== 'linux') return missing('only Linux has PID namespaces');
  for (const [tool, ...args] of OPENERS) {
    const found = findCommand(tool, '/', TOOLS);
    if (found.kind !== 'found') continue;
    const prefix = [found.file, ...args];
    // The shell inside must not be pid 1, must see itself in /proc, and its status must come through.
    const inside = 'test "$$" -ne 1 && test "$$" -lt 100 && test -d "/proc/$$" && exit 7';
    const answer = await askShell('"$@"; test $? -eq 7 && echo seven', [...prefix, '/bin/sh', '-c', inside]);
    if (answer?.trim() === 'seven') return { usable: true, reason: `${tool} opens a PID namespace`, means: { prefix } };
  }
  return missing('neither bubblewrap nor unshare may open a PID namespace');
}
