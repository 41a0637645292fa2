/** What is old enough to go. */

export interface RetentionStore {
  /** Drops finished jobs, events, runs, sent mail, expired results and what is known of single tests older than `beforeMs` of ended tasks. */
  prune(beforeMs: number): Promise<number>;
}
