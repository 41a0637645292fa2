/** After a landing the baseline moves to what was measured on the landed tree; a failure is logged, no landing undone. */
import { ratchetBaseline } from '@gatehouse/coverage-gate';
import { describeCrash, type LeaseProof } from '@gatehouse/verdict';
import { type Measurement, parseMeasurement } from '../checks/coverage-measurement.ts';
import type { ServiceContext } from '../context.ts';
import { MEASUREMENT } from '../platform/claim-directories.ts';
import { holderOf, type TestedCandidate } from '../store/candidate.ts';
import type { Repository } from '../store/port/index.ts';
import { baselinePort } from './store-ports.ts';

export interface Landed {
  readonly service: Pick<ServiceContext, 'log' | 'now' | 'store' | 'workspaces'>;
  readonly repo: Repository;
  readonly candidate: TestedCandidate;
}

/** Whichever member's coverage was measured on the tested commit speaks for all of them. */
export async function ratchetAfterLanding({ service, repo, candidate }: Landed, proof: LeaseProof): Promise<void> {
  const { members, tested } = candidate;
  const task = holderOf(candidate);
  let measurement: Measurement | null = null;
  let isKept = false;
  for (const { id } of members) {
    const kept = await service.store.findArtefact({ taskId: id, name: MEASUREMENT });
    if (kept === null) continue;
    isKept = true;
    const text = await service.workspaces.readStoredReport(kept);
    const found = text === null ? null : parseMeasurement(text);
    if (found?.commit === tested) measurement = found;
  }
  if (!isKept) return;
  if (measurement === null) {
    service.log.warn('coverage baseline not moved: the measurement does not belong to the landed commit', { task });
    return;
  }
  const { commit, tree, commandHash, measured } = measurement;
  const key = { repoId: repo.id, branch: repo.main, metric: 'lines' as const, commandHash };
  const store = baselinePort(service.store, key, service.now);
  const ratcheted = await ratchetBaseline({ store, proof, landed: { tree, commit, measured, commandHash } });
  if (ratcheted.kind === 'crashed')
    service.log.error('coverage baseline not moved', { task, why: describeCrash(ratcheted) });
  else if (ratcheted.kind !== 'ratcheted')
    service.log.warn('coverage baseline not moved', { task, why: ratcheted.kind });
}
