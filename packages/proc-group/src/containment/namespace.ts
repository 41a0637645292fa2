/**
 * Level `namespace`: the command runs in a PID namespace of its own behind an init, and sees only its own processes.
 * When the init ends, the kernel ends every process in it. The command is never pid 1 itself: there a default-action
 * signal is ignored, and a crash would read as success.
 */

import { basename } from 'node:path';
import { isInit, pidInside } from '../adapters/procfs.ts';
import { descendants } from '../adapters/tree.ts';
import { execThrough } from '../exec-through.ts';
import type { ContainmentMechanism, Scan } from './containment.ts';
import type { CookieContainment } from './cookie.ts';

/** `prefix`: the absolute command line that opens the namespace, up to the command. */
export function namespaceContainment(inner: CookieContainment, prefix: readonly string[]): CookieContainment {
  const [file = '', ...args] = prefix;
  let leader = 0;
  return {
    ...inner,
    level: 'namespace',
    started: (pid) => {
      leader = pid;
      inner.started(pid);
    },
    // The init itself is deaf to SIGTERM, and a command that it starts later would never know.
    isReachable: () => descendants(leader).some(({ pid }) => (pidInside(pid) ?? 0) > 1),
    wrap: (line) => execThrough({ file, args: [...args, line.file, ...line.args] }, inner.marks),
    // Not the group: its leader opened the namespace and takes every process along, without the grace.
    terminate: inner.terminateBelow,
  };
}

/**
 * The init is no process of the command: it goes by itself once it is the last, and until then the run is not empty. One that went while
 * it was looked at is known by the opener's name, or has none any more.
 */
export function withoutInit(mechanism: ContainmentMechanism, [opener = '']: readonly string[]): ContainmentMechanism {
  const name = basename(opener).slice(0, COMM_CHARS);
  const isIts = ({ pid, comm }: Scan['living'][number]): boolean => isInit(pid) ?? (comm === '' || comm === name);
  return {
    ...mechanism,
    scan: () => {
      const scan = mechanism.scan();
      return { ...scan, living: scan.living.filter((one) => !isIts(one)) };
    },
  };
}

/** The kernel cuts the name of a process so. */
const COMM_CHARS = 15;
