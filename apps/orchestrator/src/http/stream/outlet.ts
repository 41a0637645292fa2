/**
 * What one client of a stream has not read yet. It is kept here and not in the stream itself, so that its size is known in bytes
 * and can be thrown away.
 */

export interface Outlet {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Bytes that were sent and not taken. */
  readonly waitingBytes: () => number;
  readonly send: (frame: Uint8Array<ArrayBuffer>) => void;
  /** Resolves as soon as everything was taken, or nothing will be any more. */
  readonly taken: () => Promise<void>;
  /** Throws away what waits; nothing is sent any more. */
  readonly end: () => void;
}

/** `onGone`: the client has left. */
export function createOutlet(onGone: () => void): Outlet {
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let [bytes, isAsked, isOver] = [0, false, false];
  const awaitsTaken: (() => void)[] = [];
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | null = null;
  const empty = (): void => {
    [waiting, bytes] = [[], 0];
    for (const resolve of awaitsTaken.splice(0)) resolve();
  };
  const hand = (): void => {
    if (!isAsked || waiting.length === 0) return;
    isAsked = false;
    controller?.enqueue(waiting.length === 1 && waiting[0] !== undefined ? waiting[0] : Buffer.concat(waiting));
    empty();
  };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (given) => {
        controller = given;
      },
      pull: () => {
        isAsked = true;
        hand();
      },
      cancel: () => {
        isOver = true;
        empty();
        onGone();
      },
    },
    { highWaterMark: 0 },
  );
  return {
    body,
    waitingBytes: () => bytes,
    send(frame) {
      if (isOver) return;
      waiting.push(frame);
      bytes += frame.byteLength;
      hand();
    },
    taken: () => (isOver || bytes === 0 ? Promise.resolve() : new Promise((resolve) => awaitsTaken.push(resolve))),
    end() {
      if (isOver) return;
      isOver = true;
      empty();
      controller?.close();
    },
  };
}
