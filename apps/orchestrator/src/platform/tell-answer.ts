/** How telling somebody outside ended: the same words for a forge, a tracker and a notifier, because one outbox asks them all. */

/** It was told; or asking again may help; or it never will. */
export type TellAnswer =
  | { readonly kind: 'told' }
  /** Asking again may help, but not within `retryAfterMs`; null: the caller chooses when. */
  | { readonly kind: 'untold'; readonly reason: string; readonly retryAfterMs: number | null }
  /** Refused for good: a dead letter. */
  | { readonly kind: 'rejected'; readonly reason: string };

/** What was asked for does not exist behind this adapter. Nobody is at fault and nothing was tried; the caller says so. */
export interface Unsupported {
  readonly kind: 'unsupported';
  readonly reason: string;
}
