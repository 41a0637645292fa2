/**
 * Another repository at a forge's path pauses its repository, until what was known is back there or a person accepts what
 * is there now. Meanwhile no task learns anything from it.
 */
import type { ServiceContext } from '../context.ts';
import { alertMessage, repositoryAlert } from '../notifiers/alert-message.ts';
import type { Repository } from '../store/port/index.ts';

type Watches = Pick<ServiceContext, 'log' | 'now' | 'store' | 'wakeup'>;
const ACTOR = 'watch';

/** Pauses, and tells a person once. */
export async function pauseForeign({ store, log, now }: Watches, { id }: Repository, reason: string): Promise<void> {
  const atMs = now();
  // A person may have paused it since the pass began.
  if ((await store.getRepo(id))?.paused !== false) return;
  const text = `${id} is paused: ${reason}; no task was changed by it. Put the right one back and it goes on by itself, or accept what is there with \`gatehouse resume --repo ${id}\``;
  await store.addOutbox({ ...alertMessage(repositoryAlert(id, { key: `foreign-forge#${atMs}`, text })), atMs });
  await store.updateRepo(id, { paused: true, pausedReason: reason }, { actor: ACTOR, atMs });
  log.warn('another repository answers at the path of a forge', { repo: id, reason });
}

/** Looks whether the repository that was known is back. */
export async function watchForeign(
  { mirrors, ...service }: Watches & Pick<ServiceContext, 'mirrors'>,
  repo: Repository,
  signal: AbortSignal,
): Promise<void> {
  const mirror = await mirrors.refresh(repo, signal);
  if (signal.aborted || mirror.kind !== 'fresh') return;
  const { store, log, now, wakeup } = service;
  await store.updateRepo(repo.id, { paused: false, pausedReason: null }, { actor: ACTOR, atMs: now() });
  log.info('the repository that was known is back at the path of its forge', { repo: repo.id });
  wakeup.notify();
}
