/** What columns hold that SQL has no type for. The store's records are built from these. */
import type { Override } from '@gatehouse/stage-engine';

/** `reading`: a check that only reads a report, and runs nothing. */
export type JobKind = 'gate' | 'landing' | 'agent' | 'probe' | 'reading';
/** `done`, `failed` and `cancelled` are terminal: nothing re-queues them. */
export type JobState = 'ready' | 'leased' | 'done' | 'failed' | 'cancelled';
/** What has to change before a ready job can be claimed: something of its repository, of its task, or the time. */
export type HeldBy = 'repository' | 'task' | 'time';
export type JobPayload = { readonly brief?: string; readonly override?: Override };
export type BreakerState = 'suspect' | 'open';
export type OutboxState = 'pending' | 'sent' | 'dead';
/** What the agents of one task may use. A limit that is absent was not set; null lifts one that another source sets. */
export type Budget = {
  readonly timeMs?: number | null;
  readonly attempts?: number | null;
  readonly tokens?: number | null;
  /** Millionths of a US dollar. */
  readonly costMicros?: number | null;
};
/** Covered and total lines by file. */
export type FileCoverage = Readonly<Record<string, readonly [covered: number, total: number]>>;
/** Lines that flap on one tree, ascending, by file. */
export type FlappingLines = Readonly<Record<string, readonly number[]>>;
/** What a run's output or report says of its tests; null: nothing was counted. */
export type CountedTests = { readonly total?: number; readonly failed?: readonly string[] } | null;
/** By what a pull request was asked for. */
export type AskedHow = 'label' | 'comment' | 'approval';
/** How often a command was seen, by person and words: in webhooks, and in the comments as they were read. */
export type CountedCommands = Readonly<Record<string, readonly [webhooks: number, comments: number]>>;
