/** The machine verdict of a report on disk, for a caller that checks it without the run's nonce. */
import { basename, dirname } from 'node:path';
import { readArtefact } from '@gatehouse/artefact';
import { SECURITY_REPORT_KEYS } from '@gatehouse/security-gate';

export interface ReportFront {
  readonly status: string;
  readonly head: string;
}

/** Null: there is no report at `path` that says exactly one thing. */
export async function readSecurityFront(path: string): Promise<ReportFront | null> {
  const report = await readArtefact({ dir: dirname(path), name: basename(path), keys: SECURITY_REPORT_KEYS });
  if (report.kind !== 'read') return null;
  return { status: String(report.front['security_status']), head: String(report.front['head_sha']) };
}

/** The same for a coverage report, whose numbers depend on the policy and are not required. */
export async function readCoverageFront(path: string): Promise<ReportFront | null> {
  const keys = { coverage_status: ['PASS', 'FAIL', 'UNKNOWN', 'SKIP'], head_sha: 'string' } as const;
  const report = await readArtefact({ dir: dirname(path), name: basename(path), keys, form: 'authored' });
  if (report.kind !== 'read') return null;
  return { status: report.front.coverage_status, head: report.front.head_sha };
}
