/**
 * What a look at a repository's forge says of the repository itself: the one that was known, one that was renamed or transferred,
 * another one, or one where nothing can be done now (docs/adr/0022). Pure but for the question.
 */
import type { ForgeAddress } from './choose.ts';
import type { RepositoryAnswer } from './people.ts';
import type { Forge } from './port.ts';

/** What is remembered of a repository, as far as it is compared. */
export interface KnownRepository extends ForgeAddress {
  readonly id: string;
  readonly main: string;
  /** Its number at the forge; null: it was not asked yet. */
  readonly forgeId: string | null;
}

/** Nothing can be concluded or landed there now; no task is at fault. */
export interface InTheWay {
  readonly kind: 'another' | 'archived' | 'main-gone' | 'hidden';
  readonly reason: string;
  /** What a person does about it, and whether it goes on by itself. */
  readonly next: string;
}

export type Standing =
  | InTheWay
  /** `address`: where it is now, which may be another one than is remembered. */
  | { readonly kind: 'as-known'; readonly forgeId: string; readonly address: string; readonly hasPullRequests: boolean }
  /** The forge did not answer. */
  | { readonly kind: 'unsure'; readonly reason: string }
  /** This kind of forge has no numbers. */
  | { readonly kind: 'not-told'; readonly reason: string };

/** Looks at a repository; injected where it is needed. */
export type LookAtRepository = (repo: KnownRepository, signal?: AbortSignal) => Promise<Standing>;

export const repositoryLook =
  (forgeOf: (repo: ForgeAddress) => Pick<Forge, 'repository'>): LookAtRepository =>
  async (repo, signal) =>
    standingOf(repo, await forgeOf(repo).repository(repo.main, signal));

type Answered = Awaited<ReturnType<Forge['repository']>>;

/** Another repository is told before anything else of it is believed. */
export function standingOf(repo: KnownRepository, answer: Answered): Standing {
  switch (answer.kind) {
    case 'unsupported':
      return { kind: 'not-told', reason: answer.reason };
    case 'unreachable':
      return { kind: 'unsure', reason: answer.reason };
    case 'hidden':
      return hidden(repo, answer.reason);
    case 'repository':
      break;
  }
  if (repo.forgeId !== null && repo.forgeId !== answer.id) return another(repo, answer);
  if (answer.isArchived) return archived(answer);
  if (!answer.hasMain) return mainGone(repo, answer);
  const { id: forgeId, address, hasPullRequests } = answer;
  return { kind: 'as-known', forgeId, address, hasPullRequests };
}

type Found = Extract<RepositoryAnswer, { readonly kind: 'repository' }>;

const another = ({ id, forgeId }: KnownRepository, found: Found): InTheWay => ({
  kind: 'another',
  reason: `what answers at ${found.address} is another repository than the one that was known: its number there is ${found.id}, and was ${forgeId}`,
  next: `Put the right one back and it goes on by itself; or say where the right one is with \`gatehouse repo set ${id} --address ADDRESS\`; or accept what is there with \`gatehouse resume --repo ${id}\``,
});

const archived = ({ address }: Found): InTheWay => ({
  kind: 'archived',
  reason: `${address} is archived: nothing can be written there`,
  next: 'Take it out of the archive, in its settings at the forge, and it goes on by itself within a minute',
});

const mainGone = ({ id, main }: KnownRepository, { address, defaultBranch }: Found): InTheWay => ({
  kind: 'main-gone',
  reason: `${address} has no branch ${main} any more`,
  next:
    defaultBranch === main
      ? `Put it back and it goes on by itself; or say where branches land now with \`gatehouse repo set ${id} --main BRANCH\``
      : `Its default branch is ${defaultBranch}: if branches land there now, say so with \`gatehouse repo set ${id} --main ${defaultBranch}\`; if ${main} is put back, it goes on by itself`,
});

function hidden({ id, url, movedTo, credential }: KnownRepository, why: string): InTheWay {
  const who = credential == null ? 'a caller without a credential' : `the credential ${credential}`;
  return {
    kind: 'hidden',
    reason: `there is no repository at ${movedTo ?? url}, or none that ${who} may see (${why})`,
    next: `Let its user in again, as a person who may write, and it goes on by itself; or say where the repository is now with \`gatehouse repo set ${id} --address ADDRESS\``,
  };
}
