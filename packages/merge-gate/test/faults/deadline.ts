/**
 * A deadline that passes because something hangs, and not because the machine is slow: `HANG_MS` is longer than any real
 * call takes, and a wait of that length ends as soon as the fault has fired.
 */

/** The limit to give to what is going to hang; far from every other limit, so that its timers are known by it. */
export const HANG_MS = 1_200_000;
const SPENT_MS = 200_000;

/** Until the answer is called, the timers of `HANG_MS` that wait when `fired` comes to hold are over; later ones are ordinary. */
export function overOnceFired(fired: () => boolean): () => void {
  const real = globalThis.setTimeout;
  let waiting = true;
  const stand = ((callback: () => void, ms?: number): NodeJS.Timeout => {
    if (!waiting || ms === undefined || ms > HANG_MS || ms < HANG_MS - SPENT_MS) return real(callback, ms);
    const watch = setInterval(() => {
      if (!fired()) return;
      waiting = false;
      clearInterval(watch);
      callback();
    }, 10);
    return watch;
  }) as typeof setTimeout;
  globalThis.setTimeout = Object.assign(stand, real);
  return () => {
    globalThis.setTimeout = real;
  };
}
