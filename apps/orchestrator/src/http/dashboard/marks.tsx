/** The small signs of the board: a state, a time, a commit. A state is a shape and a word; its colour only repeats them. */
import type { Child } from 'hono/jsx';

/** `run` a broken ring, `go` a disc, `stop` a diamond, `wait` a square, `off` a line. */
export type Shape = 'run' | 'go' | 'stop' | 'wait' | 'off';

export const State = ({ shape, children }: { readonly shape: Shape; readonly children?: Child }) => (
  <span class={`state ${shape}`}>{children}</span>
);

/** A moment, as far away as it is; the exact one on hover. */
export const When = ({ atMs, nowMs }: { readonly atMs: number; readonly nowMs: number }) => {
  const iso = new Date(atMs).toISOString();
  return (
    <time datetime={iso} title={iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}>
      {ago(nowMs - atMs)}
    </time>
  );
};

/** A commit, short; the whole name on hover. */
export const Sha = ({ of }: { readonly of: string }) => (
  <code class="sha" title={of}>
    {of.slice(0, 8)}
  </code>
);

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];

/** `6 min ago`, `in 2 h`; board.js says the same. */
function ago(ms: number): string {
  const words = roughly(Math.abs(ms));
  if (words === null) return 'just now';
  return ms < 0 ? `in ${words}` : `${words} ago`;
}

function roughly(ms: number): string | null {
  if (ms < 10 * SECOND) return null;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  return ms < 2 * DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} days`;
}

/** How long something took, as exactly as a person cares. */
export function lasting(ms: number): string {
  if (ms < 950) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  const [hours, minutes, seconds] = [
    Math.floor(ms / HOUR),
    Math.floor((ms % HOUR) / MINUTE),
    Math.floor((ms % MINUTE) / SECOND),
  ];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return seconds === 0 || minutes >= 20 ? `${minutes} min` : `${minutes} min ${seconds} s`;
}

/** An estimate never sounds exact. */
export function about(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / MINUTE));
  if (ms < MINUTE) return 'under a minute';
  return `about ${minutes > 20 ? lasting(Math.ceil(minutes / 10) * 10 * MINUTE) : `${minutes} min`}`;
}

/** `1 task`, `2 tasks`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
