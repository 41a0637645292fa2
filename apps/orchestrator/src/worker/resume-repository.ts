/**
 * A repository that the service paused itself goes on when the one that was known is back at its address, with its main, and can be
 * written; or when a person accepts what is there now.
 */
import type { ServiceContext } from '../context.ts';
import type { Repository } from '../store/port/index.ts';
import { meetRepository, type RepositoryLooks } from './repository-look.ts';

type Watches = Pick<ServiceContext, 'log' | 'now' | 'store' | 'wakeup'>;
const ACTOR = 'watch';

/** Lets it go on once it is as it was known. */
export async function resumeWhenKnown(
  { mirrors, ...service }: Watches & Pick<ServiceContext, 'lookAtRepository' | 'mirrors'>,
  repo: Repository,
  { looks, signal }: { readonly looks: RepositoryLooks; readonly signal: AbortSignal },
): Promise<void> {
  if (looks.isDue(repo)) looks.note(repo, { met: await meetRepository(service, repo, signal) });
  const met = looks.last(repo);
  if (signal.aborted || met === 'in-the-way' || met === 'unsure') return;
  const mirror = await mirrors.refresh(repo, signal);
  if (signal.aborted || mirror.kind !== 'fresh') return;
  const { store, log, now, wakeup } = service;
  await store.updateRepo(repo.id, { paused: false, pausedReason: null }, { actor: ACTOR, atMs: now() });
  log.info('a repository is at its forge as it was known, and goes on', { repo: repo.id });
  wakeup.notify();
}
