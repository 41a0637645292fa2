/** Service processes, of which one at a time has the store. */

export interface WorkerRecord {
  readonly id: string;
  /** Host, boot and pid namespace. */
  readonly host: string;
  readonly pid: number;
  /** As the kernel reports it; empty where it does not. */
  readonly startTime: string;
  readonly version: string;
  readonly startedAt: number;
  readonly heartbeatAt: number;
}

export interface WorkerStore {
  /**
   * Makes `worker` the only service on this store and takes back what those before it held, so that nobody waits for a dead one:
   * jobs, messages that were being sent, merge leases of no task. Unless one of them may still be alive: not `gone` and heard of
   * within `silentMs`. `reclaimed` counts the jobs.
   */
  registerExclusive(request: {
    worker: WorkerRecord;
    gone: readonly string[];
    silentMs: number;
  }): Promise<{ kind: 'acquired'; reclaimed: number } | { kind: 'held'; by: WorkerRecord }>;
  heartbeatWorker(worker: WorkerRecord): Promise<void>;
  /** The newest time on record, epoch ms; 0 in a fresh store. */
  newestTime(): Promise<number>;
  listWorkers(): Promise<WorkerRecord[]>;
  removeWorker(id: string): Promise<void>;
}
