/** What was read of a tracker's issues, so that a status asks once. */
import type { Task } from './tasks.ts';

export interface TrackedIssueRecord {
  readonly issueId: string;
  readonly repoId: string;
  readonly wish: 'start' | 'approve' | 'stop' | 'nothing';
  /** The tracker's own clock; only ever compared with itself. */
  readonly updatedAt: number;
  readonly seenAt: number;
}

export interface TrackerStateRecord {
  /** As the tracker calls it. */
  readonly project: string;
  readonly wish: 'start' | 'approve' | 'stop';
  readonly stateId: string;
  /** The name that it had when it was found. */
  readonly name: string;
}

export interface TrackerStore {
  /** The newest task that the issue asked for, over or not; null: none. */
  latestTaskOfIssue(issueId: string): Promise<Task | null>;
  trackedIssue(issueId: string): Promise<TrackedIssueRecord | null>;
  /** Issues that asked for something when they were last read, the longest unread first. */
  askingIssues(limit: number): Promise<TrackedIssueRecord[]>;
  recordIssue(record: TrackedIssueRecord): Promise<void>;
  trackerStates(): Promise<TrackerStateRecord[]>;
  recordTrackerState(record: TrackerStateRecord): Promise<void>;
}
