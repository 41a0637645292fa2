/**
 * The claims this process works on, so that a stop reaches the very run it is about, at once, and can say what is proven
 * of its end. Nothing here is durable: after a restart no claim of the process before is known.
 */
import type { CommandRun } from '@gatehouse/gate-run';
import type { ClaimedJob, JobToken } from '../store/port/index.ts';

export interface ActiveClaims {
  /** A claim begins. One that was ended before it began gets a signal that is aborted already. */
  open(job: Pick<ClaimedJob, 'id' | 'token' | 'taskId'>): ClaimHandle;
  /** A command of the claim ended by itself or by a signal. */
  commandEnded(claim: JobToken, command: Pick<CommandRun, 'verified' | 'purpose' | 'level' | 'unproven'>): void;
  /** Aborts the claim and waits until it is closed. A claim that is not open never begins from now on. */
  end(claim: JobToken): Promise<ClaimEnd>;
  /** The claim is open, or was and has closed by itself: its end can be vouched for here. */
  knows(claim: JobToken): boolean;
  /** What an open claim waits for by itself, in words for people; until it closes or says another. Null: it works. */
  awaits(claim: JobToken, words: string | null): void;
  /** What an open claim of the task waits for; null: it works. */
  awaitedBy(taskId: string): string | null;
  /** The open claims of a task, fenced ones included; null: those of no task. */
  of(taskId: string | null): readonly JobToken[];
}

export interface ClaimHandle {
  readonly signal: AbortSignal;
  readonly abort: (why: string) => void;
  /** Everything the claim started has been waited for. */
  readonly close: () => void;
}

/** `unproven`: commands of which it is not proven that no process is left, one text line each. */
export interface ClaimEnd {
  readonly unproven: readonly string[];
}

interface Entry {
  readonly claim: JobToken;
  readonly taskId: string | null;
  readonly controller: AbortController;
  readonly unproven: string[];
  awaits: string | null;
  readonly closed: PromiseWithResolvers<ClaimEnd>;
}

/** Far more claims than can end between a stop's transaction and its end. */
const REMEMBERED = 1000;

/** `onChange`: what a claim waits for is other than it was. */
export function createActiveClaims(onChange: () => void = () => undefined): ActiveClaims {
  const open = new Map<string, Entry>();
  const past = new Map<string, ClaimEnd>();
  const barred = new Set<string>();

  return {
    open({ id, token, taskId }) {
      const claim = { jobId: id, token };
      const key = keyOf(claim);
      const entry: Entry = {
        claim,
        taskId,
        controller: new AbortController(),
        unproven: [],
        awaits: null,
        closed: Promise.withResolvers(),
      };
      const abort = (why: string) => entry.controller.abort(new Error(why));
      open.set(key, entry);
      if (barred.delete(key)) abort('the task was stopped before the claim began');
      const close = () => {
        open.delete(key);
        onChange();
        remember(past, key, { unproven: entry.unproven });
        entry.closed.resolve({ unproven: entry.unproven });
      };
      return { signal: entry.controller.signal, abort, close };
    },
    commandEnded(claim, { verified, purpose, level, unproven }) {
      const why = unproven === undefined ? '' : `: ${unproven}`;
      if (!verified) open.get(keyOf(claim))?.unproven.push(`the ${purpose} command at level ${level}${why}`);
    },
    async end(claim) {
      const key = keyOf(claim);
      const entry = open.get(key);
      if (entry !== undefined) {
        entry.controller.abort(new Error('the task was stopped'));
        return entry.closed.promise;
      }
      const ended = past.get(key);
      if (ended !== undefined) return ended;
      barred.add(key);
      for (const oldest of barred) if (barred.size > REMEMBERED) barred.delete(oldest);
      return { unproven: [] };
    },
    awaits(claim, words) {
      const entry = open.get(keyOf(claim));
      if (entry === undefined) return;
      entry.awaits = words;
      onChange();
    },
    awaitedBy: (taskId) => [...open.values()].findLast((entry) => entry.taskId === taskId)?.awaits ?? null,
    knows: (claim) => open.has(keyOf(claim)) || past.has(keyOf(claim)),
    of: (taskId) => [...open.values()].filter((entry) => entry.taskId === taskId).map(({ claim }) => claim),
  };
}

const keyOf = ({ jobId, token }: JobToken): string => `${jobId}-${token}`;

function remember(past: Map<string, ClaimEnd>, key: string, end: ClaimEnd): void {
  past.set(key, end);
  for (const oldest of past.keys()) if (past.size > REMEMBERED) past.delete(oldest);
}
