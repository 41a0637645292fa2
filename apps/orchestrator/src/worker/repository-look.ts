/**
 * Meets what a repository has become at its forge. One that was renamed or transferred is followed and told once; another one, one
 * that is archived, hidden or without its main is paused with the reason. Nothing here concludes anything about a task (docs/adr/0022).
 */
import type { ServiceContext } from '../context.ts';
import { alertMessage, repositoryAlert } from '../notifiers/alert-message.ts';
import type { TellAnswer } from '../platform/tell-answer.ts';
import type { Repository } from '../store/port/index.ts';
import { pauseRepository } from './pause-repository.ts';

type Meets = Pick<ServiceContext, 'log' | 'lookAtRepository' | 'now' | 'store'>;
type AsKnown = Extract<Awaited<ReturnType<ServiceContext['lookAtRepository']>>, { readonly kind: 'as-known' }>;

/**
 * `as-known`: whatever was read of it can be believed, as far as the forge tells. `no-pull-requests`: so it is, and what it says of
 * pull requests means nothing. `unsure`: the forge did not answer; what was believed is believed, and nothing goes on for it. `in-the-way`: it is paused, or was followed to another address, so that the row in hand is an old one.
 */
export type Met = 'as-known' | 'no-pull-requests' | 'unsure' | 'in-the-way';

export async function meetRepository(service: Meets, repo: Repository, signal?: AbortSignal): Promise<Met> {
  const standing = await service.lookAtRepository(repo, signal);
  if (signal?.aborted === true) return 'in-the-way';
  switch (standing.kind) {
    case 'not-told':
      return 'as-known';
    case 'unsure':
      return 'unsure';
    case 'as-known': {
      const hasMoved = await remember(service, repo, standing);
      return hasMoved ? 'in-the-way' : standing.hasPullRequests ? 'as-known' : 'no-pull-requests';
    }
    case 'another':
      await pauseRepository(service, repo, { cause: 'foreign-forge', ...standing });
      return 'in-the-way';
    case 'archived':
    case 'hidden':
    case 'main-gone':
      await pauseRepository(service, repo, { cause: 'repository-in-the-way', ...standing });
      return 'in-the-way';
  }
}

/**
 * Asked right before words are written at a forge: the name of a repository that was renamed may be a stranger's now. The order is given
 * again later; null: nothing is known against it. The pause and its alert are left to whoever watches the repository.
 */
export async function refusesStranger(
  { lookAtRepository }: Pick<ServiceContext, 'lookAtRepository'>,
  repo: Repository,
): Promise<TellAnswer | null> {
  const standing = await lookAtRepository(repo);
  return standing.kind === 'another' ? { kind: 'untold', reason: standing.reason, retryAfterMs: null } : null;
}

/** Whether it is somewhere else than the row says. A change of the row is an event; of a new address a person is told, too. */
async function remember(
  { store, log, now }: Meets,
  { id, url, main, movedTo, forgeId }: Repository,
  found: AsKnown,
): Promise<boolean> {
  const audit = { actor: 'watch', atMs: now() };
  if (forgeId === null) await store.updateRepo(id, { forgeId: found.forgeId }, audit);
  const before = movedTo ?? url;
  if (found.address === before) return false;
  const known = await store.getRepo(id);
  // Somebody was quicker, or said where it is.
  if (known === null || known.url !== url || known.movedTo !== movedTo || known.main !== main) return true;
  if (found.address === url) {
    log.info('a repository has its old address again', { repo: id, address: url });
    await store.updateRepo(id, { movedTo: null }, audit);
    return true;
  }
  const text = `${id} was renamed or transferred at its forge, from ${before} to ${found.address}; it is followed there. Record the new address with \`gatehouse repo set ${id} --address ${found.address}\``;
  const key = `repository-moved#${before}>${found.address}`;
  await store.addOutbox({ ...alertMessage(repositoryAlert(id, { key, text })), atMs: audit.atMs });
  await store.updateRepo(id, { movedTo: found.address }, audit);
  log.warn('a repository has moved at its forge', { repo: id, from: before, to: found.address });
  return true;
}

type Looked = Pick<Repository, 'id' | 'pausedReason'>;

interface Look {
  readonly met: Met;
  /** What was fetched before it failed. [false] */
  readonly fails?: boolean;
}

/** When each repository was looked at; lives as long as the process. */
export interface RepositoryLooks {
  /** Also as soon as the service paused it, for whatever reason, or let it go on, and as soon as fetching it begins to fail. */
  isDue(repo: Looked, fails?: boolean): boolean;
  note(repo: Looked, look: Look): void;
  /** What the last look came to. */
  last(repo: Looked): Met | undefined;
}

/** Of so many looks at the branches one is a look at the repository itself: a minute, or 20 s while it is paused, as the settings come. */
const EVERY = 12;
const EVERY_WHILE_PAUSED = 4;

export function repositoryLooks({ now, settings }: Pick<ServiceContext, 'now' | 'settings'>): RepositoryLooks {
  const last = new Map<string, Look & { readonly atMs: number; readonly reason: string | null }>();
  const { pollMs } = settings.repositories;
  return {
    isDue: ({ id, pausedReason }, fails = false) => {
      const known = last.get(id);
      const everyMs = pollMs * (pausedReason === null ? EVERY : EVERY_WHILE_PAUSED);
      if (known === undefined || known.reason !== pausedReason || now() >= known.atMs + everyMs) return true;
      return fails && known.fails !== true;
    },
    note: ({ id, pausedReason: reason }, look) => void last.set(id, { ...look, atMs: now(), reason }),
    last: ({ id }) => last.get(id)?.met,
  };
}
