/** Messages that must be delivered outside at least once. */
import type { OutboxState } from '../../schema/stored-values.ts';

export interface OutboxMessage {
  readonly id: number;
  /** `report`, `alert`, `clean-up` or a kind of the caller's. */
  readonly kind: string;
  readonly taskId: string | null;
  readonly dedupeKey: string;
  readonly payload: unknown;
  readonly state: OutboxState;
  readonly token: number;
  readonly attempts: number;
  readonly availableAt: number;
  readonly leaseUntil: number | null;
  readonly sentAt: number | null;
  readonly lastError: string | null;
  readonly createdAt: number;
}

export interface NewOutbox {
  readonly kind: string;
  /** A second row with the same key is dropped: that is what "exactly one alert" rests on. */
  readonly dedupeKey: string;
  readonly payload: unknown;
  readonly availableAt?: number;
}

export interface OutboxStore {
  /** False = the dedupe key is known. */
  addOutbox(row: NewOutbox & { taskId?: string; atMs: number }): Promise<boolean>;
  /** At-least-once: a row not acknowledged within `leaseMs` is handed out again. Oldest first. */
  claimOutbox(request: {
    nowMs: number;
    leaseMs: number;
    limit: number;
    kinds?: readonly string[];
    /** Of all the others. */
    butNot?: string;
  }): Promise<OutboxMessage[]>;
  /** False = handed out again meanwhile. */
  ackOutbox(row: Pick<OutboxMessage, 'id' | 'token'>, atMs: number): Promise<boolean>;
  /** Newest first: those of the kind in the state, only those behind an id. */
  listOutbox(filter: { kind: string; state: OutboxState; behindId?: number; limit: number }): Promise<OutboxMessage[]>;
  countOutbox(filter: { kind: string; state: OutboxState }): Promise<number>;
  /** Makes a dead letter of the kind due again; false: there is no such one. */
  reviveOutbox(id: number, of: { kind: string; atMs: number }): Promise<boolean>;
  /** Due again at `retryAtMs`, or `dead` for good with null. */
  nackOutbox(
    row: Pick<OutboxMessage, 'id' | 'token'>,
    failure: { error: string; retryAtMs: number | null },
  ): Promise<boolean>;
}
