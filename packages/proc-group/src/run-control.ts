/** What a caller may do to a command that runs. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './adapters/child.ts';
import { sendSignal } from './adapters/process-signal.ts';
import { childrenOf, pidInside, readStat } from './adapters/procfs.ts';
import { descendants } from './adapters/tree.ts';
import type { Chosen } from './choose.ts';
import type { RunControl } from './spec.ts';
import type { StopRequest } from './stop-request.ts';

/** What stands between us and the command. */
export interface Way {
  readonly detached: boolean;
  readonly hasShell: boolean;
  readonly chosen: Pick<Chosen, 'opener'> & { readonly mechanism: Pick<Chosen['mechanism'], 'isReachable'> };
}

const POLL_MS = 2;
/** In a PID namespace, whose first process is the init. */
const COMMAND = 2;

/**
 * A command that leads a session gets a signal with its whole group. In our own group nobody else may be meant: it goes to the
 * command alone, which is the child of the shell that tells its status. What opened a namespace would take it for itself, and end.
 */
export function controlOf(stop: StopRequest, child: Child, { detached, hasShell, chosen }: Way): RunControl {
  const addresses = (): readonly number[] => {
    if (chosen.opener !== null) {
      const command = descendants(child.pid).find(({ pid }) => pidInside(pid) === COMMAND)?.pid;
      return command === undefined ? [] : [readStat(command)?.pgrp === command ? -command : command];
    }
    if (detached) return [-child.pid];
    return hasShell ? childrenOf(child.pid) : [child.pid];
  };
  let begun = false;
  const begin = child.begun.then(async () => {
    while (child.exit() === null && !chosen.mechanism.isReachable()) await delay(POLL_MS);
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
