/**
 * Puts the virtual clock in the place of the machine's: the production loops, heartbeats and deadlines run unchanged.
 * What would make two runs differ (the wall clock, chance) is taken away while a simulation runs.
 */
import type { Clock, ClockEntry } from './clock.ts';

/** What `setTimeout` and `setInterval` answer. */
class Handle {
  entry: ClockEntry | null = null;

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

type Callback = (...args: unknown[]) => void;

/** The clock of the world that is running; one thread runs one world at a time. */
const running: { clock: Clock | null } = { clock: null };

/** Runs `body` under `clock`; the machine's own time is back when it has ended, however it ended. */
export async function underVirtualTime<Answer>(clock: Clock, body: () => Promise<Answer>): Promise<Answer> {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    now: Date.now,
    random: Math.random,
  };
  running.clock = clock;
  Object.assign(globalThis, { setTimeout: once, clearTimeout: cancel, setInterval: repeat, clearInterval: cancel });
  Date.now = () => clock.nowMs;
  Math.random = () => {
    throw new Error('chance that no seed decides was asked for inside a simulation');
  };
  try {
    return await body();
  } finally {
    const { now, random, ...timers } = real;
    Object.assign(globalThis, timers);
    Date.now = now;
    Math.random = random;
    running.clock = null;
  }
}

function clockOrNone(): Clock {
  if (running.clock === null) throw new Error('a timer of a simulation that is over');
  return running.clock;
}

/** A pause may end late; see `Clock`. */
function once(callback: Callback, delayMs = 0, ...args: unknown[]): Handle {
  const handle = new Handle();
  handle.entry = clockOrNone().afterLazily(delayMs, () => callback(...args));
  return handle;
}

/** A heartbeat is on time unless its process is stopped, and then it beats once. */
function repeat(callback: Callback, delayMs = 0, ...args: unknown[]): Handle {
  const handle = new Handle();
  const beat = (): void => {
    handle.entry = clockOrNone().after(delayMs, beat);
    callback(...args);
  };
  handle.entry = clockOrNone().after(delayMs, beat);
  return handle;
}

function cancel(handle: Handle | undefined): void {
  if (handle?.entry) handle.entry.cancelled = true;
}
