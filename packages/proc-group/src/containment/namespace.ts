/**
 * Level `namespace`: the command runs in a PID namespace of its own behind an init, and sees only its own processes.
 * When the init ends, the kernel ends every process in it. The command is never pid 1 itself: there a default-action
 * signal is ignored, and a crash would read as success.
 */

import { execThrough } from '../exec-through.ts';
import type { CookieContainment } from './cookie.ts';

/** `prefix`: the absolute command line that opens the namespace, up to the command. */
export function namespaceContainment(inner: CookieContainment, prefix: readonly string[]): CookieContainment {
  const [file = '', ...args] = prefix;
  return {
    ...inner,
    level: 'namespace',
    wrap: (line) => execThrough({ file, args: [...args, line.file, ...line.args] }, inner.marks),
    // Not the group: its leader opened the namespace and takes every process along, without the grace.
    terminate: inner.terminateBelow,
  };
}
