/** Whether a report may be of other sources than the commit has: read beside them it would name wrong lines, or none. */
import { join } from 'node:path';
import type { MeasuredOutcome } from '@gatehouse/coverage-gate';
import { lastWrittenMs } from '../../platform/files.ts';

export interface StaleRequest {
  /** Absolute. */
  readonly report: string;
  /** Absolute root of the work tree. */
  readonly root: string;
  /** Changed files of the commit. */
  readonly changed: readonly string[];
  readonly measurement: MeasuredOutcome;
}

/** In words, or null where nothing speaks against it. Only changed files are looked at. */
export async function staleReport({ measurement, changed, report, root }: StaleRequest): Promise<string | null> {
  const beyond = measurement.evidence.placing?.stale.find(({ path }) => changed.includes(path));
  if (beyond !== undefined) return `the report has lines of ${beyond.path} behind its end: it is of other sources`;
  const madeMs = await lastWrittenMs(report);
  for (const path of changed) {
    const editedMs = await lastWrittenMs(join(root, path));
    if (madeMs !== null && editedMs !== null && editedMs > madeMs)
      return `the report is older than ${path}, so that it may be of other lines`;
  }
  return null;
}
