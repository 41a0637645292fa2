/** What this machine can do, found out once per process by trying it. */
import { isPopulated, killLeaf, makeLeaf, ownCgroup, removeLeaf, sweepStaleLeaves } from './adapters/cgroup.ts';
import { findCommand } from './adapters/command-path.ts';
import { type KeeperMeans, keeperMeans } from './adapters/keeper.ts';
import { probeKeeper } from './adapters/keeper-probe.ts';
import { hidesProcesses, type LockLimit, mayGain, procIsOurs, readLockLimit } from './adapters/procfs.ts';
import { askShell } from './adapters/shell-probe.ts';
import { type Cookie, carveCookie } from './containment/carve-cookie.ts';
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

const FLAGS = ['w', 'x'] as const satisfies readonly LocksFlag[];
let cookie: Promise<Ability<CookieMeans>> | null = null;

/** Sets a mark in a shell and reads it back: some sandboxes accept the call and forget it. */
export function cookieAbility(): Promise<Ability<CookieMeans>> {
  cookie ??= tryCookie();
  return cookie;
}

/** Whoever opens `/proc/self` is meant by it, in a subshell, too. */
const READ_BACK = `while read -r line; do case $line in "Max file locks"*) echo "$line" ;; esac; done < /proc/self/limits`;
const setMark = (flag: LocksFlag, { low, high }: Cookie): string =>
  `ulimit -S -${flag} ${low} 2> /dev/null && ulimit -H -${flag} ${high} && ${READ_BACK}`;
const sticks = (said: string | null, { low, high }: Cookie): boolean =>
  new RegExp(`^Max file locks +${low} +${high} `).test(said ?? '');

interface MarkTrial {
  readonly around: LockLimit;
  readonly mark: Cookie;
}

let trial: MarkTrial | { readonly lack: string } | null = null;

function markTrial(): MarkTrial | { readonly lack: string } {
  trial ??= newTrial();
  return trial;
}

function newTrial(): MarkTrial | { readonly lack: string } {
  if (process.platform !== 'linux') return { lack: 'only Linux has the inherited limit that marks a run' };
  if (!procIsOurs()) return { lack: '/proc is not mounted or shows another PID namespace' };
  const around = readLockLimit('self');
  if (typeof around === 'string') return { lack: '/proc shows no limit on file locks' };
  const mark = carveCookie(around, []);
  return mark === null ? { lack: 'too many runs inside runs: no mark is left to carve' } : { around, mark };
}

/** The keeper's probe has tried the usual flag already. */
async function tryCookie(): Promise<Ability<CookieMeans>> {
  const trial = markTrial();
  if ('lack' in trial) return missing(trial.lack);
  const { around, mark } = trial;
  const usable = (flag: LocksFlag): Ability<CookieMeans> => ({
    usable: true,
    reason: `marks stick (ulimit -${flag})`,
    means: { flag, around },
  });
  if (sticks((await probedKeeper()).said, mark)) return usable(FLAGS[0]);
  for (const flag of FLAGS) if (sticks(await askShell(setMark(flag, mark), []), mark)) return usable(flag);
  return missing('/bin/sh cannot set the limit that marks a run, or it does not stick');
}

type KernelAbility = Ability<{ readonly parent: string }>;
let kernel: Promise<KernelAbility> | null = null;

/** Makes a leaf, moves a shell into it, removes it; before that, clears what a killed predecessor left. */
export function kernelAbility(): Promise<KernelAbility> {
  kernel ??= probedKeeper().then(({ kernel }) => kernel ?? tryKernel());
  return kernel;
}

/** The keeper's probe has tried it already, where there is a keeper. */
async function tryKernel(): Promise<KernelAbility> {
  const trial = await leafTrial();
  return 'lack' in trial ? missing(trial.lack) : concludeLeaf(trial, await askShell(JOIN, [trial.leaf]));
}

interface LeafTrial {
  readonly parent: string;
  readonly leaf: string;
}

async function leafTrial(): Promise<LeafTrial | { readonly lack: string }> {
  const parent = process.platform === 'linux' ? ownCgroup() : null;
  if (parent === null) return { lack: 'there is no cgroup v2 hierarchy' };
  await sweepStaleLeaves(parent);
  const leaf = makeLeaf(parent);
  return leaf === null ? { lack: 'the cgroup of this process is not writable' } : { parent, leaf };
}

/** What a shell does that gets the leaf as its first word. */
const JOIN = 'echo 0 > "$1/cgroup.procs" && read -r own < "$1/cgroup.procs" && echo "joined $own"';

function concludeLeaf({ parent, leaf }: LeafTrial, said: string | null): KernelAbility {
  const killable = killLeaf(leaf) && !isPopulated(leaf);
  removeLeaf(leaf);
  if (!/^joined \d+$/m.test(said ?? '')) return missing('a process may not be moved into a cgroup of its own');
  return killable
    ? { usable: true, reason: 'cgroup.kill works', means: { parent } }
    : missing('this kernel has no cgroup.kill');
}

/** Has a keeper keep a command that leaves an orphan, and compares what it says with what is so. */
export const keeperAbility = async (): Promise<Ability<KeeperMeans>> => (await probedKeeper()).ability;

interface Probed {
  readonly ability: Ability<KeeperMeans>;
  /** What its shell read back of a mark; null if there was no shell. */
  readonly said: string | null;
  /** What came of a leaf that its shell joined; null where that is still to be tried. */
  readonly kernel: KernelAbility | null;
}

let probed: Promise<Probed> | null = null;

function probedKeeper(): Promise<Probed> {
  probed ??= probe();
  return probed;
}

async function probe(): Promise<Probed> {
  const none = { said: null, kernel: null };
  const found = findCommand('perl', '/', TOOLS);
  if (found.kind !== 'found') return { ...none, ability: missing('there is no perl to keep the run') };
  const means = await keeperMeans(found.file);
  if (means === null)
    return { ...none, ability: missing(`a run cannot be kept on ${process.platform} ${process.arch}`) };
  const mark = markTrial();
  const leaf = await leafTrial();
  const lines = ['lack' in mark ? ':' : setMark(FLAGS[0], mark.mark), 'lack' in leaf ? ':' : JOIN];
  const { keeps, said } = await probeKeeper(means, lines, 'lack' in leaf ? '' : leaf.leaf);
  const kernel = 'lack' in leaf ? missing(leaf.lack) : concludeLeaf(leaf, said);
  const ability: Ability<KeeperMeans> = keeps
    ? { usable: true, reason: 'perl keeps the run', means }
    : missing('the kernel gives orphans to no other process than the first');
  // Of a keeper that failed nothing can be concluded.
  return { ability, said, kernel: keeps || kernel.usable ? kernel : null };
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
