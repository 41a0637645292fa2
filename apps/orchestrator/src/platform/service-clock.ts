/**
 * The service's time (docs/adr/0023): it begins at the machine's clock and goes on by the monotonic one, so that a clock that is set,
 * by hand or by NTP, makes no claim expire and keeps nothing waiting. It approaches the machine's clock slowly.
 */

/** What is forgiven: slower than the 60 s that a command's deadline leaves under the reaper's, and faster than any crystal drifts. */
const FASTEST = 1.005;
/** Who waits for a time waits twice as long at most. */
const SLOWEST = 0.5;

export interface ServiceClock {
  /** Milliseconds since the epoch. Never smaller than before, and at most half a percent faster than time passes. */
  readonly now: () => number;
  /** How far the machine's clock is ahead; negative where it is behind. */
  readonly behindMs: () => number;
  /** Takes the machine's time at once, if that is later. Only while nothing is being timed: all that is due becomes so together. */
  readonly catchUp: () => void;
}

export interface ClockSources {
  /** The machine's clock, which anybody may set. */
  readonly wall?: () => number;
  /** One that only runs; where it begins does not matter. */
  readonly monotonic?: () => number;
  /** The newest time on record: nothing that begins now is older. */
  readonly notBeforeMs?: number;
}

export function createServiceClock(sources: ClockSources = {}): ServiceClock {
  const { wall = () => Date.now(), monotonic = () => performance.now(), notBeforeMs = 0 } = sources;
  let own = Math.max(wall(), notBeforeMs);
  let read = monotonic();
  const advance = (): number => {
    const at = monotonic();
    const passed = Math.max(0, at - read);
    read = at;
    own += Math.min(Math.max(wall() - own, passed * SLOWEST), passed * FASTEST);
    return own;
  };
  return {
    now: () => Math.floor(advance()),
    behindMs: () => wall() - advance(),
    catchUp: () => {
      own = Math.max(advance(), wall());
    },
  };
}
