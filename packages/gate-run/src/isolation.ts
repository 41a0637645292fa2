/**
 * What separates a command from the service that runs it: a world of its own (bubblewrap), or a user of its own. Why, and
 * what each of them stops: docs/adr/0026-a-command-sees-what-it-is-shown.md. Pure; the disk is in adapters/open-world.ts.
 */

/** A world that holds the system's programs, the checkout, HOME, TMPDIR and what is named here, and no other process. */
export interface OwnWorld {
  readonly kind: 'bwrap';
  /** False: a network of its own, with nothing in it but its own loopback. */
  readonly network: boolean;
  /** Directories of programs outside of the system's, such as those of PATH; absolute. What not everybody may read there is covered. What a link there leads to is shown, too. */
  readonly tools: readonly string[];
  /** Absolute paths that commands may read, as they are. */
  readonly read: readonly string[];
  /** Absolute paths that they may write, too. */
  readonly write: readonly string[];
  /** Absolute paths that are hidden wherever they lie in what is shown. */
  readonly hidden: readonly string[];
}

/** Another user; only root may have one. Each run at work has one that no other has, as long as there are enough. */
export interface OwnUser {
  readonly kind: 'uid';
  /** User ids, at least one. */
  readonly uids: readonly number[];
  /** Group id of them all. */
  readonly gid: number;
}

/** What a command is separated by. */
export type Isolation = OwnWorld | OwnUser;

/** What a caller's command needs besides its checkout. Absolute paths. */
export interface VisiblePaths {
  /** Read, not written. */
  readonly read?: readonly string[];
  /** Written, too. */
  readonly write?: readonly string[];
}

/** What something is covered by has to be of its kind. */
export interface HiddenPlace {
  readonly path: string;
  readonly kind: 'directory' | 'file';
}

/** Everything that a world is made of, as it was found on the disk. */
export interface World {
  readonly isRoot: boolean;
  readonly program: string;
  /** The program that makes the command the leader of a session and a group; null: there is none. */
  readonly leader: string | null;
  readonly network: boolean;
  /** Read only, besides the system's. */
  readonly read: readonly string[];
  /** Below what is shown. */
  readonly hidden: readonly HiddenPlace[];
  /** Shown wherever they lie, hidden places included. */
  readonly write: readonly string[];
  /** As `write`, but read only. */
  readonly lent: readonly string[];
  /** Seen as /tmp and /var/tmp. */
  readonly scratch: { readonly tmp: string; readonly varTmp: string };
  readonly dir: string;
}

/** Of the system; what everybody may read there is no secret. `/run`, `/home`, `/root`, `/srv`, `/mnt` and most of `/var` are not here. */
const SYSTEM: readonly string[] = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/opt', '/nix', '/gnu', '/snap', '/etc', '/sys'],
  ...['/var/cache/fontconfig', '/var/lib/dpkg', '/var/lib/ca-certificates', '/var/lib/alternatives'],
];
/** Of the kernel, for root alone, and nothing that a test is about. */
export const KERNEL_PLACES: readonly string[] = [
  '/sys/firmware',
  '/sys/kernel/debug',
  '/sys/kernel/tracing',
  '/sys/fs/bpf',
];

/**
 * What root keeps: to own, to change owner and user, to leave a directory for another root. No device, no mount, no trace of
 * another's process, no raw packet, for a bearer token travels over the loopback. SETFCAP is what the kernel asks for before a
 * user namespace of its own may have a root.
 */
const KEPT_BY_ROOT = 'CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP SETFCAP NET_BIND_SERVICE SYS_CHROOT';

/** The line that opens the world, up to the command. What comes later covers what came before. */
export function worldLine(world: World): readonly string[] {
  const { program, leader, isRoot, network, read, write, lent, hidden, scratch, dir } = world;
  const each = (flag: string, paths: readonly string[]) => paths.flatMap((path) => [flag, path, path]);
  return [
    ...[program, '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(network ? [] : ['--unshare-net']),
    ...(isRoot
      ? ['--cap-drop', 'ALL', ...KEPT_BY_ROOT.split(' ').flatMap((name) => ['--cap-add', `CAP_${name}`])]
      : []),
    ...ways([...SYSTEM, '/var/tmp']),
    ...each('--ro-bind-try', SYSTEM),
    ...['--proc', '/proc'],
    // Its sysctls are of the whole machine, and root's to write.
    ...(isRoot ? each('--ro-bind', ['/proc/sys']) : []),
    ...['--dev', '/dev', '--perms', '1777', '--tmpfs', '/dev/shm'],
    ...['--tmpfs', '/run', '--perms', '1777', '--dir', '/run/lock'],
    ...['--symlink', '/run', '/var/run', '--symlink', '/run/lock', '/var/lock'],
    ...['--bind', scratch.tmp, '/tmp', '--bind', scratch.varTmp, '/var/tmp'],
    ...ways(read),
    ...each('--ro-bind-try', read),
    ...hidden.flatMap(({ path, kind }) =>
      kind === 'directory' ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path],
    ),
    ...ways([...write, ...lent]),
    ...each('--bind', write),
    ...each('--ro-bind-try', lent),
    ...['--chdir', dir, '--remount-ro', '/'],
    // The leader of the run's session is outside: there a signal to the command's own group would go, to the opener of the world.
    ...(leader === null ? ['--new-session', '--'] : ['--', leader]),
  ];
}

/** The directories on the way to each path, for everybody: bubblewrap would make them for this user alone. */
function ways(paths: readonly string[]): readonly string[] {
  const steps = new Set<string>();
  for (const path of paths)
    for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) steps.add(path.slice(0, end));
  return [...steps].flatMap((step) => ['--perms', '0755', '--dir', step]);
}

/** Whether `path` is `place` or below it. */
export const isWithin = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

/** Whether a world shows the path unless it is hidden there. */
export const isShown = (path: string, read: readonly string[]): boolean =>
  [...SYSTEM, ...read].some((place) => isWithin(path, place));

const ABSOLUTE = /^\/[^\0]*$/;
const isPath = (path: unknown): boolean =>
  typeof path === 'string' && ABSOLUTE.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path);
const arePaths = (paths: unknown): boolean => Array.isArray(paths) && paths.every(isPath);
const isId = (id: unknown): boolean => Number.isSafeInteger(id) && Number(id) > 0 && Number(id) < 4_294_967_295;

/** Why it cannot be used; null: it can. */
export function isolationFault(isolation: Isolation): string | null {
  if (isolation.kind === 'bwrap') {
    const { network, tools, read, write, hidden } = isolation;
    const sound = typeof network === 'boolean' && [tools, read, write, hidden].every(arePaths);
    return sound ? null : 'limits.isolation must name absolute paths, and whether there is a network';
  }
  if (isolation.kind !== 'uid') return 'limits.isolation.kind must be bwrap or uid';
  const { uids, gid } = isolation;
  const sound = Array.isArray(uids) && uids.length > 0 && [...uids, gid].every(isId);
  return sound ? null : 'limits.isolation must name user ids and a group id, none of them 0';
}

/** Why these paths cannot be shown; null: they can. */
export const visibleFault = ({ read = [], write = [] }: VisiblePaths): string | null =>
  arePaths(read) && arePaths(write) ? null : 'visible must name absolute paths';
