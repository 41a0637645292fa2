/** The counts behind the queue page and the metrics. */
import type { Stage, TaskStatus } from '@gatehouse/stage-engine';
import type { JobKind } from './jobs.ts';

export interface QueueCounts {
  readonly jobs: { kind: JobKind; state: 'ready' | 'delayed' | 'leased'; count: number }[];
  readonly tasks: { stage: Stage; status: TaskStatus; count: number }[];
  /** Availability of the longest due ready job; null = none is due. */
  readonly oldestDueAt: number | null;
  readonly tickets: number;
  readonly leasesHeld: number;
  readonly outboxPending: number;
  readonly inboxPending: number;
}

export interface StatsStore {
  queueCounts(nowMs: number): Promise<QueueCounts>;
  /** How many jobs of each kind run; a kind of which none does is not named. However many wait, it costs the same. */
  leasedCounts(): Promise<{ kind: JobKind; count: number }[]>;
}
