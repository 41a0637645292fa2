/** Where a job works and what it leaves: slots, reports, logs. Everything a job does to the disk goes through here. */

import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { CheckWorkspace } from '../platform/claim-directories.ts';
import { BEFORE } from '../platform/cut-text.ts';
import {
  freeBytesAt,
  makeDirectory,
  namesIn,
  openToPass,
  readTail,
  readTextFile,
  removeDirectory,
} from '../platform/files.ts';
import type { Artefact, ClaimedJob, Job, JobStore, NewArtefact } from '../store/port/index.ts';
import { checkoutPath, removeCheckout, removeStaleCheckouts } from './checkouts.ts';
import { fileName } from './mirrors.ts';
import { collectReportRecords, type ReportStamp } from './report-files.ts';

export interface Workspaces {
  /** The workspace of one claim: a slot that is its own, and a directory for reports and logs. */
  create(job: ClaimedJob): Promise<CheckWorkspace>;
  /** The slot is removed with the job: what a command planted in it reaches no other job. */
  dispose(workspace: CheckWorkspace): Promise<void>;
  /** The reports a check left, as rows for the store. */
  reports(workspace: CheckWorkspace, stamp: ReportStamp): Promise<NewArtefact[]>;
  /** The text of a kept file; null when it is gone or not the very bytes that were recorded. */
  readStoredReport(row: Artefact): Promise<string | null>;
  /** The ends of the logs that a job's commands wrote, oldest first. */
  logs(job: Job, tailBytes: number): Promise<readonly LogEnd[]>;
  /** Removes the reports and logs of a task that ended long ago. */
  deleteReports(taskId: string): Promise<void>;
  /** Removes the reports and logs of probes that the store has forgotten. */
  deleteProbeReports(repoId: string): Promise<void>;
  /** Free bytes where jobs work; null when the machine does not say. */
  freeBytes(): Promise<number | null>;
  /** Removes what no live claim works in. */
  removeStale(repoId: string): Promise<void>;
}

export interface LogEnd {
  readonly name: string;
  readonly text: string;
  /** How much came before `text`. */
  readonly skippedBytes: number;
  /** Characters of the end that are shown; what stands before them is only searched for secrets. */
  readonly limit: number;
}

const KEPT_LIMIT = 256 * 1024 * 1024;

/** Places below the service's data directory. */
export function workspacesIn(dataDir: string, store: Pick<JobStore, 'getJob'>): Workspaces {
  const reportsOf = (job: Pick<Job, 'taskId' | 'repoId'>) =>
    join(dataDir, 'reports', fileName(job.taskId ?? job.repoId));
  return {
    async create(job) {
      const own = join(reportsOf(job), `${job.id}-${job.token}`);
      await makeDirectory(own);
      const slotDir = checkoutPath(dataDir, job.repoId, { jobId: job.id, token: job.token });
      // Shut from the first: another user, as whom another job may run, gets through the directories above it.
      await makeDirectory(slotDir);
      await openToPass(dirname(slotDir));
      return { slotDir, reportsDir: own, logDir: own };
    },
    async dispose({ slotDir }) {
      await removeCheckout(slotDir);
    },
    reports: ({ reportsDir }, stamp) => collectReportRecords(reportsDir, stamp),
    async readStoredReport({ path, digest }) {
      const file = await readTextFile(path, KEPT_LIMIT);
      if (file.kind !== 'read') return null;
      return createHash('sha256').update(file.text).digest('hex') === digest ? file.text : null;
    },
    async logs(job, tailBytes) {
      const ends: LogEnd[] = [];
      for (const claim of (await namesIn(reportsOf(job))).filter((name) => name.startsWith(`${job.id}-`)).sort())
        for (const name of (await namesIn(join(reportsOf(job), claim)))
          .filter((file) => file.endsWith('.log'))
          .sort()) {
          const end = await readTail(join(reportsOf(job), claim, name), tailBytes + BEFORE);
          if (end !== null) ends.push({ name, text: end.text, skippedBytes: end.skipped, limit: tailBytes });
        }
      return ends;
    },
    deleteReports: (taskId) => removeDirectory(join(dataDir, 'reports', fileName(taskId))),
    async deleteProbeReports(repoId) {
      const folder = join(dataDir, 'reports', fileName(repoId));
      for (const claim of await namesIn(folder)) {
        const jobId = Number(/^(\d+)-/.exec(claim)?.[1]);
        if (Number.isSafeInteger(jobId) && (await store.getJob(jobId)) === null)
          await removeDirectory(join(folder, claim));
      }
    },
    freeBytes: () => freeBytesAt(dataDir),
    removeStale: (repoId) => removeStaleCheckouts(dataDir, store, repoId),
  };
}
