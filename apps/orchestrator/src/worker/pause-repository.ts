/** The service itself pauses a repository, with the reason, and a person is told once. Meanwhile no task learns anything from it. */
import type { ServiceContext } from '../context.ts';
import { alertMessage, repositoryAlert } from '../notifiers/alert-message.ts';
import { errorOf } from '../platform/errors.ts';
import type { Repository } from '../store/port/index.ts';

/** What a person is told of a pause. */
export interface Pause {
  /** First part of the alert's key. */
  readonly cause: 'foreign-forge' | 'repository-in-the-way';
  readonly reason: string;
  readonly next: string;
}

/** Why a fetch was not believed. */
export const foreignPause = ({ id }: Repository, reason: string): Pause => ({
  cause: 'foreign-forge',
  reason,
  next: `Put the right one back and it goes on by itself, or accept what is there with \`gatehouse resume --repo ${id}\``,
});

/** Jobs and watchers may find the same at the same time: one after another, so that only the first one tells it. */
const TURNS = new WeakMap<ServiceContext['store'], Promise<unknown>>();

type Pauses = Pick<ServiceContext, 'log' | 'now' | 'store'>;

/** Pauses, and tells a person once; again only when the service itself paused it for another reason. */
export function pauseRepository(service: Pauses, repo: Repository, pause: Pause): Promise<void> {
  const mine = (TURNS.get(service.store) ?? Promise.resolve()).then(() => pauseNow(service, repo, pause));
  TURNS.set(service.store, errorOf(mine));
  return mine;
}

async function pauseNow(
  { store, log, now }: Pauses,
  { id }: Repository,
  { cause, reason, next }: Pause,
): Promise<void> {
  const atMs = now();
  const known = await store.getRepo(id);
  // A person may have paused it since the pass began.
  if (known === null || (known.paused && (known.pausedReason === null || known.pausedReason === reason))) return;
  const text = `${id} is paused: ${reason}; no task was changed by it. ${next}`;
  await store.addOutbox({ ...alertMessage(repositoryAlert(id, { key: `${cause}#${atMs}`, text })), atMs });
  await store.updateRepo(id, { paused: true, pausedReason: reason }, { actor: 'watch', atMs });
  log.warn('a repository cannot be worked with as it is at its forge', { repo: id, reason });
}
