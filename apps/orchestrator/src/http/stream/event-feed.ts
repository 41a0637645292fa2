/**
 * The stream of events for any number of clients: one reader of the log, woken by the commits of this process and looking for those
 * of others, hands each event to all of them. A client that comes back reads the log by itself until it stands where the reader does.
 */
import { errorOf } from '../../platform/errors.ts';
import { maskWords } from '../../platform/mask-words.ts';
import { createWakeup } from '../../platform/wakeup.ts';
import type { Store, StoredEvent } from '../../store/port/index.ts';
import { framesOf, openingFrame, resetFrame } from './frames.ts';
import { createOutlet } from './outlet.ts';
import { newestSeq, resumeAt } from './resume.ts';
import { createWatchers, type Watch, type Watcher, type Watchers } from './watchers.ts';

export interface FeedParts {
  readonly store: Pick<Store, 'changeNumber' | 'events' | 'onCommit' | 'searchEvents'>;
  /** Ids of the sessions that are open now. */
  readonly openSessions: () => Promise<ReadonlySet<number>>;
  readonly now: () => number;
  /** Events are kept at least so long. */
  readonly keptMs: number;
  readonly limits?: Partial<FeedLimits>;
}

interface FeedLimits {
  readonly watchers: number;
  /** A client that has left more than this untaken is dropped at the next event, however large that one is. */
  readonly waitingBytes: number;
  /** Events that are read at once. */
  readonly page: number;
  /** How soon a commit of another process is seen. */
  readonly lookMs: number;
  /** How soon the end of a session's time is seen; that of a session which is revoked here is seen at once. */
  readonly sessionsMs: number;
  readonly pingMs: number;
}

const LIMITS: FeedLimits = {
  watchers: 500,
  waitingBytes: 256 * 1024,
  page: 200,
  lookMs: 200,
  sessionsMs: 1000,
  pingMs: 15_000,
};

export interface EventFeed {
  /** Null: there are as many clients as there may be. */
  readonly open: (watch: Watch) => ReadableStream<Uint8Array<ArrayBuffer>> | null;
  readonly watching: () => number;
}

export function createEventFeed(parts: FeedParts): EventFeed {
  const limits = { ...LIMITS, ...parts.limits };
  const watchers = createWatchers(limits.waitingBytes);
  const reader = createReader(parts, watchers, limits);
  return {
    watching: () => watchers.all.size,
    open(watch) {
      if (watchers.all.size >= limits.watchers) return null;
      const outlet = createOutlet(() => {
        watchers.drop(watcher);
        reader.lookNow();
      });
      const watcher: Watcher = { ...watch, outlet, seq: 0, isLive: false };
      watchers.add(watcher);
      outlet.send(openingFrame());
      void errorOf(catchUp(watcher)).then((failure) => failure === undefined || watchers.drop(watcher));
      return outlet.body;
    },
  };

  /** Until the client stands where the reader does, as fast as it takes what it is sent. */
  async function catchUp(watcher: Watcher): Promise<void> {
    const { as, outlet, since } = watcher;
    if (!(await reader.begun())) return watchers.drop(watcher);
    const at = await resumeAt(parts.store, { since, as, keptSinceMs: parts.now() - parts.keptMs });
    if (at.kind === 'reset') outlet.send(resetFrame(since, at.seq));
    watcher.seq = at.seq;
    while (watchers.all.has(watcher) && !watcher.isLive) {
      const known = reader.head();
      const page = await shown(await parts.store.events({ afterSeq: watcher.seq, limit: limits.page }));
      if (page.length > 0) outlet.send(framesOf(page, as));
      watcher.seq = page.at(-1)?.seq ?? watcher.seq;
      if (page.length < limits.page) {
        // What was handed out before the log was read is in what was read.
        watcher.seq = Math.max(watcher.seq, known);
        watcher.isLive = watcher.seq >= reader.head();
      }
      if (!watcher.isLive) await outlet.taken();
    }
  }
}

/** The events with every secret in their words masked. */
const shown = async (page: readonly StoredEvent[]): Promise<readonly StoredEvent[]> =>
  page.length === 0 ? page : (JSON.parse(await maskWords(JSON.stringify(page))) as readonly StoredEvent[]);

/** Reads as long as anybody watches. */
function createReader({ store, openSessions }: FeedParts, watchers: Watchers, limits: FeedLimits) {
  const wakeup = createWakeup();
  const never = new AbortController().signal;
  /** The last event that was handed out: whoever is live has it. */
  let head = 0;
  let beginning: Promise<void> | null = null;
  let [seen, sessionsSeenAt, saidAt] = ['', 0, 0];

  async function begin(): Promise<void> {
    head = await newestSeq(store);
    [seen, sessionsSeenAt, saidAt] = ['', 0, performance.now()];
    void follow();
  }
  async function follow(): Promise<void> {
    const leave = store.onCommit(wakeup.notify);
    while (watchers.all.size > 0) {
      // A store that cannot be read is met, and told, by whoever works with it; the next look may succeed.
      await errorOf(look());
      await wakeup.wait(limits.lookMs, never);
    }
    leave();
    beginning = null;
  }
  async function look(): Promise<void> {
    const number = await store.changeNumber();
    if (number !== seen || performance.now() - sessionsSeenAt >= limits.sessionsMs) {
      sessionsSeenAt = performance.now();
      await watchers.dropClosed(openSessions);
    }
    if (number !== seen) await handOut();
    seen = number;
    if (performance.now() - saidAt < limits.pingMs) return;
    saidAt = performance.now();
    watchers.ping();
  }
  async function handOut(): Promise<void> {
    for (;;) {
      const from = head;
      const page = await shown(await store.events({ afterSeq: from, limit: limits.page }));
      head = page.at(-1)?.seq ?? from;
      watchers.hand(page, from);
      if (page.length < limits.page) return;
    }
  }
  return {
    head: () => head,
    /** Reads from now on, if it does not yet; false: the log cannot be read. */
    async begun(): Promise<boolean> {
      beginning ??= begin();
      const isBegun = (await errorOf(beginning)) === undefined;
      if (!isBegun) beginning = null;
      return isBegun;
    },
    lookNow: wakeup.notify,
  };
}
