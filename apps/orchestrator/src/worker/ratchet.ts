/** After a landing the baseline moves to what was measured on the landed tree; trouble is logged and never undoes a landing. */
import { ratchetBaseline } from '@gatehouse/coverage-gate';
import { describeCrash, type LeaseProof } from '@gatehouse/verdict';
import { parseMeasurement } from '../checks/coverage-measurement.ts';
import { baselinePort } from '../checks/store-ports.ts';
import type { ServiceContext } from '../context.ts';
import type { Repository, Task } from '../store/port.ts';
import { MEASUREMENT } from '../workspace/report-files.ts';

export interface Landed {
  readonly service: ServiceContext;
  readonly task: Task;
  readonly repo: Repository;
  readonly tested: string;
}

export async function ratchetAfterLanding({ service, task, repo, tested }: Landed, proof: LeaseProof): Promise<void> {
  const kept = await service.store.findArtefact({ taskId: task.id, name: MEASUREMENT });
  if (kept === null) return;
  const text = await service.workspaces.readStoredReport(kept);
  const measurement = text === null ? null : parseMeasurement(text);
  if (measurement === null || measurement.commit !== tested) {
    service.log.warn('coverage baseline not moved: the measurement does not belong to the landed commit', {
      task: task.id,
    });
    return;
  }
  const { commit, tree, commandHash, measured } = measurement;
  const key = { repoId: repo.id, branch: repo.main, metric: 'lines' as const, commandHash };
  const store = baselinePort(service.store, key, service.now);
  const ratcheted = await ratchetBaseline({ store, proof, landed: { tree, commit, measured, commandHash } });
  if (ratcheted.kind === 'crashed')
    service.log.error('coverage baseline not moved', { task: task.id, why: describeCrash(ratcheted) });
  else if (ratcheted.kind !== 'ratcheted')
    service.log.warn('coverage baseline not moved', { task: task.id, why: ratcheted.kind });
}
