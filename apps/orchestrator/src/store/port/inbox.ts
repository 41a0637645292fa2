/** What arrived from outside, each delivery once. */

export interface InboxMessage {
  readonly id: number;
  readonly source: string;
  readonly dedupeKey: string;
  readonly bodyHash: string;
  readonly body: string;
  readonly receivedAt: number;
  readonly processedAt: number | null;
  readonly error: string | null;
}

export interface InboxStore {
  /** A webhook delivery; acknowledge it to the sender only after this resolved. */
  receiveInbox(
    mail: Pick<InboxMessage, 'source' | 'dedupeKey' | 'bodyHash' | 'body'> & { atMs: number },
  ): Promise<'received' | 'duplicate'>;
  pendingInbox(limit: number): Promise<InboxMessage[]>;
  settleInbox(id: number, result: { atMs: number; error?: string }): Promise<void>;
  /** The same for many, as one statement. */
  settleInboxAll(ids: readonly number[], atMs: number): Promise<void>;
}
