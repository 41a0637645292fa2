/** Those who follow the stream of events, and how a page of the log is handed to all of them. */
import type { StoredEvent } from '../../store/port/index.ts';
import { framesOf, PING, type Telling } from './frames.ts';
import type { Outlet } from './outlet.ts';

export interface Watch {
  /** The last event that the client knows; 0: none. */
  readonly since: number;
  readonly as: Telling;
  /** Its end ends the stream; null: a bearer token opened it. */
  readonly sessionId: number | null;
  /** Ends the connection of a client that does not take what it is sent. */
  readonly cut: () => void;
}

export interface Watcher extends Watch {
  readonly outlet: Outlet;
  /** The last event that it was sent. */
  seq: number;
  /** It stands where the reader of the log does. */
  isLive: boolean;
}

export interface Watchers {
  readonly all: ReadonlySet<Watcher>;
  readonly add: (watcher: Watcher) => void;
  /** Ends its stream, if it has not ended. */
  readonly drop: (watcher: Watcher) => void;
  /** To all that are live, in one piece: who becomes live later has missed nothing and is told nothing twice. */
  readonly hand: (page: readonly StoredEvent[], from: number) => void;
  readonly ping: () => void;
  /** Ends the streams whose session is not open any more. */
  readonly dropClosed: (openSessions: () => Promise<ReadonlySet<number>>) => Promise<void>;
}

/** `waitingBytes`: who has left more untaken is dropped at the next event. */
export function createWatchers(waitingBytes: number): Watchers {
  const all = new Set<Watcher>();
  const drop = (watcher: Watcher): void => {
    all.delete(watcher);
    watcher.outlet.end();
  };
  return {
    all,
    add: (watcher) => void all.add(watcher),
    drop,
    hand(page, from) {
      const head = page.at(-1)?.seq ?? from;
      const whole = new Map<Telling, Uint8Array<ArrayBuffer>>();
      for (const watcher of all) {
        const { as, outlet, seq } = watcher;
        if (!watcher.isLive || seq >= head) continue;
        if (outlet.waitingBytes() > waitingBytes) {
          drop(watcher);
          watcher.cut();
          continue;
        }
        const frames = whole.get(as) ?? framesOf(page, as);
        whole.set(as, frames);
        outlet.send(
          seq <= from
            ? frames
            : framesOf(
                page.filter((event) => event.seq > seq),
                as,
              ),
        );
        watcher.seq = head;
      }
    },
    ping() {
      for (const { isLive, outlet } of all) if (isLive) outlet.send(PING);
    },
    async dropClosed(openSessions) {
      if (![...all].some(({ sessionId }) => sessionId !== null)) return;
      const open = await openSessions();
      for (const watcher of all) if (watcher.sessionId !== null && !open.has(watcher.sessionId)) drop(watcher);
    },
  };
}
