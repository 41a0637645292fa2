/** How a stream of server-sent events says things: whole events, or only what changed. */
import type { StoredEvent } from '../../store/port/index.ts';

/** `changes`: messages without a name that only say which task or repository to read again. */
export type Telling = 'events' | 'changes';

const encoder = new TextEncoder();

/** The events as they go over the wire. */
export const framesOf = (events: readonly StoredEvent[], as: Telling): Uint8Array<ArrayBuffer> =>
  encoder.encode(events.map(SHOW[as]).join(''));

const SHOW: { readonly [As in Telling]: (event: StoredEvent) => string } = {
  events: ({ seq, kind, repoId, taskId, actor, at, body }) => {
    const told = { seq, kind, repo: repoId, task: taskId, actor, at: new Date(at).toISOString(), body };
    return `event: ${kind}\ndata: ${JSON.stringify(told)}\nid: ${seq}\n\n`;
  },
  changes: ({ seq, repoId, taskId }) => `data: ${JSON.stringify({ repo: repoId, task: taskId })}\nid: ${seq}\n\n`,
};

/** Says that what happened between is not told, and goes on behind `seq`. */
export const resetFrame = (from: number, seq: number): Uint8Array<ArrayBuffer> =>
  encoder.encode(
    `event: reset\ndata: ${JSON.stringify({ from, to: seq, why: 'what happened between is not kept; read again what you show' })}\nid: ${seq}\n\n`,
  );

/** Opens a stream. Clients that lose it together do not come back together. */
export const openingFrame = (): Uint8Array<ArrayBuffer> =>
  encoder.encode(`retry: ${RETRY_MS.least + Math.floor(Math.random() * RETRY_MS.spread)}\n\n`);

const RETRY_MS = { least: 1000, spread: 2000 } as const;

export const PING: Uint8Array<ArrayBuffer> = encoder.encode(': still here\n\n');
