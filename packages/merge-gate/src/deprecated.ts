/** Names of earlier versions, kept for one release. */
import type { CommandRun } from '@gatehouse/gate-run';
import type { BaseRunQueueOptions } from './base-run-queue.ts';
import type { ReportedLanding } from './landing-proof.ts';
import type { BaseRunQueue, BaseRunSlot } from './ports.ts';

export { createBaseRunQueue as memoryBase } from './base-run-queue.ts';

/** @deprecated Use `BaseRunQueue`. */
export type BasePort = BaseRunQueue;
/** @deprecated Use `BaseRunSlot`. */
export type BaseTurn = BaseRunSlot;
/** @deprecated Use `BaseRunQueueOptions`. */
export type MemoryBaseOptions = BaseRunQueueOptions;
/** @deprecated Use `ReportedLanding`. */
export type ToldOfLanding = ReportedLanding;
/** @deprecated Use `CommandRun` of @gatehouse/gate-run. */
export type RecordedRun = CommandRun;
