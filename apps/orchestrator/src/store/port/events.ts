/** The append-only log. */

export interface StoredEvent {
  /** Global, without repeats, in commit order: the cursor of the event stream. */
  readonly seq: number;
  readonly repoId: string | null;
  readonly taskId: string | null;
  readonly kind: string;
  /** For an engine event the event itself, so that a task's rows replay to its state. */
  readonly body: unknown;
  readonly actor: string;
  readonly at: number;
}

export interface EventSearch {
  readonly repoId?: string;
  readonly taskId?: string;
  readonly actor?: string;
  readonly kind?: string;
  readonly text?: string;
  /** Only those before this one. */
  readonly beforeSeq?: number;
  readonly limit: number;
}

export interface EventStore {
  /** In order of seq, after `afterSeq`. */
  taskEvents(taskId: string, page?: { afterSeq?: number; limit?: number }): Promise<StoredEvent[]>;
  countTaskEvents(taskId: string): Promise<number>;
  /** All events of all tasks and repositories, for a resumable stream. */
  events(page: { afterSeq: number; limit: number }): Promise<StoredEvent[]>;
  /** The newest first, those that match everything that is given. `text`: what the body, as JSON, has in it. */
  searchEvents(filter: EventSearch): Promise<StoredEvent[]>;
  /** For facts outside the reducer (approval asked, override, alert raised). */
  appendEvent(event: Omit<StoredEvent, 'seq'>): Promise<number>;
}
