/** Wakes every caller that waits for work. A notification without a waiting caller is kept, so that no wake-up is lost. */
export interface Wakeup {
  notify(): void;
  /** Resolves at the next notification, after `limitMs`, or at the signal; never rejects. */
  wait(limitMs: number, signal: AbortSignal): Promise<void>;
}

export function createWakeup(): Wakeup {
  let rung = false;
  const waiting = new Set<() => void>();
  return {
    notify() {
      rung = waiting.size === 0;
      for (const wake of [...waiting]) wake();
    },
    wait(limitMs, signal) {
      if (rung || signal.aborted) {
        rung = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, limitMs);
        signal.addEventListener('abort', wake, { once: true });
        waiting.add(wake);
      });
    },
  };
}
