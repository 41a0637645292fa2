/** Work by stage: where each task that is not over stands, for repositories whose tasks agents work on. */
import { STAGES, type Stage } from '@gatehouse/stage-engine';
import { everyTask } from '../../store/every-task.ts';
import type { Task } from '../../store/port/index.ts';
import { NOWHERE, type QueueRow, type ReadsBoard, rowsOf } from './read-queue.ts';

interface StageColumn {
  readonly stage: Stage;
  readonly rows: readonly QueueRow[];
  readonly more: number;
}

export interface WorkContent {
  readonly columns: readonly StageColumn[];
  readonly nowMs: number;
}

const SHOWN = 25;

export async function readWork(service: ReadsBoard): Promise<WorkContent> {
  const byStage = new Map<Stage, Task[]>();
  for await (const task of everyTask(service.store, { live: true }))
    if (task.profile === 'full') byStage.set(task.stage, [...(byStage.get(task.stage) ?? []), task]);
  const columns: StageColumn[] = [];
  for (const stage of STAGES.filter((name) => name !== 'created' && name !== 'done' && name !== 'cancelled')) {
    const tasks = (byStage.get(stage) ?? []).toSorted((one, other) => one.createdAt - other.createdAt);
    columns.push({
      stage,
      rows: await rowsOf(service, tasks.slice(0, SHOWN), NOWHERE),
      more: Math.max(0, tasks.length - SHOWN),
    });
  }
  return { columns, nowMs: service.now() };
}
