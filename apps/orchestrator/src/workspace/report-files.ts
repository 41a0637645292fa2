/** The reports a check left, as rows for the store: name, place and digest of the very bytes. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { MEASUREMENT, TEST_RUN } from '../platform/claim-directories.ts';
import { readTextFile } from '../platform/files.ts';
import type { NewArtefact } from '../store/port/index.ts';

const NAMES = ['17-security-report.md', '18-coverage-report.md', MEASUREMENT, TEST_RUN] as const;
const REPORT_LIMIT = 64 * 1024 * 1024;

/** Which stage and attempt a report belongs to. */
export interface ReportStamp {
  readonly stage: NewArtefact['stage'];
  readonly attempt: number;
  readonly atMs: number;
}

export async function collectReportRecords(dir: string, of: ReportStamp): Promise<NewArtefact[]> {
  const rows: NewArtefact[] = [];
  for (const name of NAMES) {
    const path = join(dir, name);
    const file = await readTextFile(path, REPORT_LIMIT);
    if (file.kind !== 'read') continue;
    const digest = createHash('sha256').update(file.text).digest('hex');
    rows.push({ stage: of.stage, attempt: of.attempt, name, path, digest, codeTree: null, createdAt: of.atMs });
  }
  return rows;
}
