/** After a landing the baseline moves to what was measured on the landed tree; trouble is logged and never undoes a landing. */
import { ratchetBaseline } from '@gatehouse/coverage-gate';
import { describeCrash, type LeaseProof } from '@gatehouse/verdict';
import { MEASUREMENT, parseMeasurement } from '../checks/coverage-measurement.ts';
import { baselineOn } from '../checks/store-ports.ts';
import type { House } from '../context.ts';
import type { RepoRow, TaskRow } from '../store/port.ts';

export interface Landed {
  readonly house: House;
  readonly task: TaskRow;
  readonly repo: RepoRow;
  readonly tested: string;
}

export async function ratchetAfterLanding({ house, task, repo, tested }: Landed, proof: LeaseProof): Promise<void> {
  const kept = await house.store.findArtefact({ taskId: task.id, name: MEASUREMENT });
  if (kept === null) return;
  const text = await house.places.keptText(kept);
  const measurement = text === null ? null : parseMeasurement(text);
  if (measurement === null || measurement.commit !== tested) {
    house.log.warn('coverage baseline not moved: the measurement does not belong to the landed commit', {
      task: task.id,
    });
    return;
  }
  const { commit, tree, commandHash, measured } = measurement;
  const key = { repoId: repo.id, branch: repo.main, metric: 'lines' as const, commandHash };
  const store = baselineOn(house.store, key, house.now);
  const ratcheted = await ratchetBaseline({ store, proof, landed: { tree, commit, measured, commandHash } });
  if (ratcheted.kind === 'crashed')
    house.log.error('coverage baseline not moved', { task: task.id, why: describeCrash(ratcheted) });
  else if (ratcheted.kind !== 'ratcheted')
    house.log.warn('coverage baseline not moved', { task: task.id, why: ratcheted.kind });
}
