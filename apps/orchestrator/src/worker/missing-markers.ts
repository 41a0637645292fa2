/** After a landing main must still hold every regression marker; one that is gone is told, and undoes nothing. */
import type { House } from '../context.ts';
import type { NewOutbox, RepoRow, TaskRow } from '../store/port.ts';

export interface MarkedLanding {
  readonly house: House;
  readonly task: TaskRow;
  readonly repo: RepoRow;
  /** The commit whose gate definition counts: the base that was tested on. */
  readonly base: string;
}

/** The alerts for markers that `head` of main lacks: one per marker and repository. */
export async function alertLostMarkers({ house, task, repo, base }: MarkedLanding, head: string): Promise<NewOutbox[]> {
  const git = { gitDir: house.mirrors.directory(repo.id) };
  const { settings } = house;
  const loaded = await house.loadPolicy({ git, base, operatorFile: repo.policyPath ?? '', settings });
  if (loaded.kind !== 'policy' || loaded.policy.markers.length === 0) return [];
  const lost = await house.workshop.lostMarkers({ git, commit: head, markers: loaded.policy.markers });
  if (lost === null) house.log.warn('main could not be searched for its regression markers', { task: task.id });
  return (lost ?? []).map(({ ticket, symbol, file }) => {
    const key = `marker-lost/${ticket}/${symbol}@${head.slice(0, 12)}`;
    const text = `${repo.main} of ${repo.id} has lost ${symbol} in ${file} (${ticket})`;
    const payload = { kind: 'alert', key, scope: 'repository', text };
    return { kind: 'alert', dedupeKey: `alert:repository:${repo.id}:${key}`, payload };
  });
}
