/** Passes the signals that we receive on to the command, and ends it when it does not end by them. */
import type { RunControl } from '@gatehouse/proc-group';

export type OnSignal = (listener: (name: NodeJS.Signals) => void) => void;

export interface PassedSignals {
  readonly started: (control: RunControl) => void;
  readonly done: () => void;
  /** The first that asked the command to end. */
  readonly received: () => NodeJS.Signals | null;
}

/** A command is told these, but not asked to end by them. */
const NEWS: readonly NodeJS.Signals[] = ['SIGUSR1', 'SIGUSR2'];
/** A terminal sends these to its whole foreground group. */
const KEYS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
/** npm and shells pass on what the terminal has sent us already; that is no second wish. */
const SAME_WISH_MS = 250;

/**
 * The first signal is passed on as it is, with a grace; the second ends the run with SIGKILL. `callOff`: one came before the
 * command ran.
 */
export function passSignals(
  onSignal: OnSignal | null,
  {
    graceMs,
    isFromKeyboard,
    callOff,
  }: {
    readonly graceMs: number;
    readonly isFromKeyboard: () => boolean;
    readonly callOff: (name: NodeJS.Signals) => void;
  },
): PassedSignals {
  let control: RunControl | null = null;
  let first: { readonly name: NodeJS.Signals; readonly at: number } | null = null;
  let timer: NodeJS.Timeout | undefined;
  onSignal?.((name) => {
    if (NEWS.includes(name)) return control?.send(name);
    const now = performance.now();
    if (first !== null) {
      if (first.name !== name || now - first.at > SAME_WISH_MS) control?.end(`received ${name} after ${first.name}`);
      return;
    }
    first = { name, at: now };
    if (control === null) return callOff(name);
    if (!KEYS.includes(name) || !isFromKeyboard()) control.send(name);
    timer = setTimeout(() => control?.end(`still running after ${name}`), graceMs);
  });
  return {
    started: (given) => {
      control = given;
    },
    done: () => clearTimeout(timer),
    received: () => first?.name ?? null,
  };
}
