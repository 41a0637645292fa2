/** How a delivery to the outside ended: one type for forge, tracker and notifier, because one outbox calls them all. */

/** It was delivered; or asking again may help; or it never will. */
export type TellAnswer =
  | { readonly kind: 'told' }
  /** Asking again may help, but not within `retryAfterMs`; null: the caller chooses when. */
  | { readonly kind: 'untold'; readonly reason: string; readonly retryAfterMs: number | null }
  /** Refused for good: a dead letter. */
  | { readonly kind: 'rejected'; readonly reason: string };

/** What was asked for does not exist behind this adapter. Nothing failed and nothing was tried; the caller says so. */
export interface Unsupported {
  readonly kind: 'unsupported';
  readonly reason: string;
}
