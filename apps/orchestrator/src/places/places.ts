/** Where a job works and what it leaves: slots, reports, logs. Everything a job does to the disk goes through here. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { removeSlot } from '@gatehouse/git';
import { makeDirectory, readTextFile } from '../adapters/files.ts';
import type { CheckPlaces } from '../checks/context.ts';
import { fileName } from '../mirrors.ts';
import type { ArtefactRow, ClaimedJob, JobStore, NewArtefact } from '../store/port.ts';
import { type ReportStamp, reportRows } from './report-rows.ts';
import { removeDeadSlots, slotOf } from './slots.ts';

export interface Places {
  /** The places of one claim: a slot that is its own, and a directory for reports and logs. */
  open(job: ClaimedJob): Promise<CheckPlaces>;
  /** The slot goes with the job: what a command planted in it meets nobody else. */
  close(places: CheckPlaces): Promise<void>;
  /** The reports a check left, as rows for the store. */
  reports(places: CheckPlaces, stamp: ReportStamp): Promise<NewArtefact[]>;
  /** The text of a kept file; null when it is gone or not the very bytes that were recorded. */
  keptText(row: ArtefactRow): Promise<string | null>;
  /** Removes what no live claim works in. */
  sweep(repoId: string): Promise<void>;
}

const KEPT_LIMIT = 256 * 1024 * 1024;

/** Places below the service's data directory. */
export function placesIn(dataDir: string, store: Pick<JobStore, 'getJob'>): Places {
  return {
    async open(job) {
      const own = join(dataDir, 'reports', fileName(job.taskId ?? job.repoId), `${job.id}-${job.token}`);
      await makeDirectory(own);
      const slotDir = slotOf(dataDir, job.repoId, { jobId: job.id, token: job.token });
      return { slotDir, reportsDir: own, logDir: own };
    },
    async close({ slotDir }) {
      await removeSlot({ dir: slotDir });
    },
    reports: ({ reportsDir }, stamp) => reportRows(reportsDir, stamp),
    async keptText({ path, digest }) {
      const file = await readTextFile(path, KEPT_LIMIT);
      if (file.kind !== 'read') return null;
      return createHash('sha256').update(file.text).digest('hex') === digest ? file.text : null;
    },
    sweep: (repoId) => removeDeadSlots(dataDir, store, repoId),
  };
}
