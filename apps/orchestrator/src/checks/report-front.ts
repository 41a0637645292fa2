/** The machine verdict of a security report on disk, for whoever checks it without the run's nonce. */
import { basename, dirname } from 'node:path';
import { readArtefact } from '@gatehouse/artefact';
import { SECURITY_REPORT_KEYS } from '@gatehouse/security-gate';

export interface SecurityFront {
  readonly status: string;
  readonly head: string;
}

export async function readSecurityFront(path: string): Promise<SecurityFront | null> {
  const report = await readArtefact({ dir: dirname(path), name: basename(path), keys: SECURITY_REPORT_KEYS });
  if (report.kind !== 'read') return null;
  return { status: String(report.front['security_status']), head: String(report.front['head_sha']) };
}
