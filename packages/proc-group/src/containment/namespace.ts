/**
 * Level `namespace`: the command runs in a PID namespace of its own behind an init, and sees only its own processes.
 * When the init ends, the kernel ends every process in it. The command is never pid 1 itself: there a default-action
 * signal is ignored, and a crash would read as success.
 */

import { isInit, pidInside } from '../adapters/procfs.ts';
import { descendants } from '../adapters/tree.ts';
import { execThrough } from '../exec-through.ts';
import type { ContainmentMechanism } from './containment.ts';
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

/** The init is no process of the command: it goes by itself once it is the last, and until then the run is not empty. */
export const withoutInit = (mechanism: ContainmentMechanism): ContainmentMechanism => ({
  ...mechanism,
  scan: () => {
    const scan = mechanism.scan();
    return { ...scan, living: scan.living.filter(({ pid }) => !isInit(pid)) };
  },
});
