/** After a landing main must still hold every regression marker; a missing one is reported, and undoes nothing. */
import type { ServiceContext } from '../context.ts';
import { alertMessage, repositoryAlert } from '../notifiers/alert-message.ts';
import type { NewOutbox, Repository } from '../store/port/index.ts';

export interface MarkedLanding {
  readonly service: Pick<ServiceContext, 'agentRunner' | 'loadPolicy' | 'log' | 'mirrors' | 'settings'>;
  readonly repo: Pick<Repository, 'id' | 'main' | 'policyPath'>;
  /** The commit whose gate definition counts: the base that was tested on. */
  readonly base: string;
}

/** The alerts for markers that `head` of main lacks: one per marker and repository. */
export async function alertLostMarkers({ service, repo, base }: MarkedLanding, head: string): Promise<NewOutbox[]> {
  const git = { gitDir: service.mirrors.directory(repo.id) };
  const { settings } = service;
  const loaded = await service.loadPolicy({ git, base, operatorFile: repo.policyPath ?? '', settings });
  if (loaded.kind !== 'policy' || loaded.policy.markers.length === 0) return [];
  const lost = await service.agentRunner.lostMarkers({ git, commit: head, markers: loaded.policy.markers });
  if (lost === null)
    service.log.warn('main could not be searched for its regression markers', { repo: repo.id, commit: head });
  return (lost ?? []).map(({ ticket, symbol, file }) => {
    const key = `marker-lost/${ticket}/${symbol}@${head.slice(0, 12)}`;
    const text = `${repo.main} of ${repo.id} has lost ${symbol} in ${file} (${ticket})`;
    return alertMessage(repositoryAlert(repo.id, { key, text }));
  });
}
