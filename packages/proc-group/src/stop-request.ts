/** Why a run has to stop before its command is done. The first reason stands; later ones change nothing. */
import { types } from 'node:util';
import { catchUp } from './adapters/within.ts';

export type StopCause =
  | { readonly kind: 'timeout' }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'output-limit' }
  /** The caller's listener failed; the run is stopped and its error becomes the answer. */
  | { readonly kind: 'broken'; readonly error: unknown };

export class StopRequest {
  #cause: StopCause | null = null;
  #isUrgent = false;
  #resolve: (cause: StopCause) => void = () => {};
  readonly asked: Promise<StopCause> = new Promise((resolve) => {
    this.#resolve = resolve;
  });

  ask(cause: StopCause): void {
    this.#cause ??= cause;
    this.#resolve(this.#cause);
  }

  /** Asks, and cuts every grace short, of a stop that is under way as well. */
  hurry(reason: string): void {
    this.#isUrgent = true;
    this.ask({ kind: 'cancelled', reason });
  }

  get isUrgent(): boolean {
    return this.#isUrgent;
  }

  get cause(): StopCause | null {
    return this.#cause;
  }
}

/**
 * Asks once the deadline or the caller's signal says so. Returns the function that takes both back. A command that ended while this
 * process stood still ended in time.
 */
export function watchDeadline(stop: StopRequest, ms: number, signal: AbortSignal | null): () => void {
  let isWatched = true;
  const timer = setTimeout(async () => {
    await catchUp();
    if (isWatched) stop.ask({ kind: 'timeout' });
  }, ms);
  const abort = (): void => stop.ask({ kind: 'cancelled', reason: describeReason(signal?.reason) });
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return () => {
    isWatched = false;
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  };
}

const REASON_LIMIT = 500;

/** One bounded line out of whatever `AbortController.abort` was given, without running code of that value. */
function describeReason(reason: unknown): string {
  if (typeof reason === 'string') return reason.slice(0, REASON_LIMIT);
  const message = types.isNativeError(reason) ? Object.getOwnPropertyDescriptor(reason, 'message')?.value : undefined;
  if (typeof message === 'string') return message.slice(0, REASON_LIMIT);
  return 'the caller aborted the run';
}
