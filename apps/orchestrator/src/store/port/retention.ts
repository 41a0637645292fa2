/** What is old enough to go. */

export interface RetentionStore {
  /** Drops finished jobs, events, runs, sent mail and expired results older than `beforeMs` of ended tasks. */
  prune(beforeMs: number): Promise<number>;
}
