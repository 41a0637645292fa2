/**
 * A shell has no landing that would move its baseline. It moves when main itself is measured: what is on main has
 * landed. A branch is only compared.
 */
import { join } from 'node:path';
import { ratchetBaseline } from '@gatehouse/coverage-gate';
import { describeCrash } from '@gatehouse/verdict';
import { parseMeasurement } from '../checks/coverage-measurement.ts';
import type { CheckContext } from '../checks/port.ts';
import { MEASUREMENT } from '../platform/claim-directories.ts';
import { readTextFile } from '../platform/files.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** What became of the baseline, in one line; null: the commit is not main's, or was not measured. */
export async function keepBaseline({ subject, workspace, ports, signal }: CheckContext): Promise<string | null> {
  const { base, head, repo, holder } = subject;
  if (head !== base) return null;
  const file = await readTextFile(join(workspace.reportsDir, MEASUREMENT), MAX_BYTES);
  const measurement = file.kind === 'read' ? parseMeasurement(file.text) : null;
  if (measurement?.commit !== (subject.tested ?? head)) return null;
  const lease = await ports.lease.acquire({ repo, holder, signal });
  if (lease.kind !== 'acquired') return `coverage_baseline_not_kept: ${lease.kind}`;
  const store = ports.baseline(measurement.commandHash);
  const answer = await ratchetBaseline({ store, proof: lease.proof, landed: measurement });
  await ports.lease.release(lease.proof);
  switch (answer.kind) {
    case 'ratcheted':
      return null;
    case 'crashed':
      return `coverage_baseline_not_kept: ${describeCrash(answer)}`;
    case 'refused':
      return `coverage_baseline_not_kept: ${answer.reason}`;
    case 'stale':
      return 'coverage_baseline_not_kept: others wrote it all the time';
  }
}
