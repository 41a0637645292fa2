/** What a caller may do to a command that runs. */
import type { Child } from './adapters/child.ts';
import { sendSignal } from './adapters/process-signal.ts';
import { childrenOf } from './adapters/procfs.ts';
import type { RunControl } from './spec.ts';
import type { StopRequest } from './stop-request.ts';

/**
 * A command that leads a session gets a signal with its whole group. In our own group nobody else may be meant: it goes to the
 * command alone, which is the child of the shell that tells its status.
 */
export function controlOf(
  stop: StopRequest,
  child: Child,
  { detached, hasShell }: { readonly detached: boolean; readonly hasShell: boolean },
): RunControl {
  const addresses = (): readonly number[] => {
    if (detached) return [-child.pid];
    return hasShell ? childrenOf(child.pid) : [child.pid];
  };
  let begun = false;
  const begin = child.begun.then(() => {
    begun = true;
  });
  const deliver = (signal: NodeJS.Signals): void => {
    if (child.exit() !== null || child.pid < 2) return;
    for (const address of addresses()) {
      sendSignal(address, signal);
      // A stopped command could not act on it.
      if (signal !== 'SIGSTOP' && signal !== 'SIGTSTP') sendSignal(address, 'SIGCONT');
    }
  };
  return {
    send: (signal) => {
      // A shell on the way would keep it from a command that has not begun.
      if (begun) deliver(signal);
      else void begin.then(() => deliver(signal));
    },
    end: (reason) => stop.hurry(reason),
  };
}
