/** What its people, and its owners, do with a repository and its pull requests at a double: the rows of docs/operations.md. */
import type { Gitea, GithubDouble, Repository } from '@gatehouse/doubles';
import { Forge } from '../scratch-forge.ts';

/** Each is seen at the next call; a webhook may tell of it. */
export interface ForgeActs {
  /** Made a draft; at Gitea the title says so. */
  draft(pullRequest: number): Promise<void>;
  renameBranch(from: string, to: string): Promise<void>;
  /** A pull request of `outsider`, from a fork; the forge has its commit. */
  openFromFork(branch: string, head: string): Promise<number>;
  deleteFork(pullRequest: number): void;
  /** The repository is `owner/name` from now on. */
  rename(fullName: string): void;
  /** The repository gets another name, and a stranger's with the very same commits takes the one that it had. */
  loseName(fullName: string): Promise<Stranger>;
  archive(isArchived: boolean): void;
  /** Whether the service's user sees it. */
  show(isShown: boolean): void;
  /** Another branch becomes the default one, and main is deleted; called, the answer puts it back. */
  dropMain(main: string, other: string): Promise<() => Promise<void>>;
  /** Address of the repository now. */
  address(): string;
}

export interface Stranger {
  /** Whatever somebody tried to change there. */
  readonly changes: () => readonly string[];
}

export const giteaActs = (gitea: Gitea): ForgeActs => {
  const { state } = gitea;
  const as = async (call: string, body: unknown): Promise<void> => {
    const { status } = await gitea.as('boss', call, body);
    if (status >= 300) throw new Error(`${call}: ${status}`);
  };
  const rename = (name: string): void => gitea.rename(name);
  return {
    draft: (number) => as(`PATCH pulls/${number}`, { title: '[WIP] not yet' }),
    renameBranch: (from, to) => as(`PATCH branches/${from}`, { name: to }),
    openFromFork: (branch, head) => gitea.openFromFork({ by: 'outsider', branch, title: 'From outside', head }),
    deleteFork: (number) => gitea.deleteFork(number),
    rename,
    loseName: async (name) => {
      const taken = `${state.owner}/${state.name}`;
      rename(name);
      gitea.takeName(taken);
      return { changes: () => state.misdirected };
    },
    archive: (isArchived) => {
      state.settings.archived = isArchived;
    },
    show: (isShown) => void state.people.set('queue', isShown ? 'admin' : 'none'),
    dropMain: async (main, other) => {
      const commit = state.seen.get(main) ?? '';
      const become = async (name: string, ...ref: string[]): Promise<void> => {
        state.main = name;
        await state.repository.git('update-ref', ...ref);
        await gitea.notice('boss');
      };
      await become(other, '-d', `refs/heads/${main}`);
      return () => become(main, `refs/heads/${main}`, commit);
    },
    address: () => `${gitea.url}/${state.owner}/${state.name}.git`,
  };
};

export const githubActs = (double: GithubDouble, repository: Repository): ForgeActs => ({
  draft: async (number) => {
    const pull = repository.pulls[number - 1];
    if (pull === undefined) throw new Error(`there is no #${number}`);
    pull.isDraft = true;
    await double.as(repository, 'dev', { what: `PATCH pulls/${number}`, body: { title: pull.title } });
  },
  renameBranch: (from, to) => double.renameBranch(repository, from, to),
  openFromFork: async (branch, head) => {
    const fork = Forge.at(repository.bare.path).copy();
    fork.git('update-ref', `refs/heads/${branch}`, head);
    await double.addRepository({ name: `outsider/${repository.name}`, path: fork.path, isFork: true });
    const body = { title: 'From outside', head: `outsider:${branch}`, base: 'main' };
    const made = await double.as(repository, 'outsider', { what: 'POST pulls', body });
    return (made as { readonly number: number }).number;
  },
  deleteFork: (number) => {
    const fork = repository.pulls[number - 1]?.headRepository;
    if (fork != null) double.deleteRepository(fork);
  },
  rename: (name) => double.rename(repository, name),
  loseName: async (name) => {
    const taken = `${repository.owner.login}/${repository.name}`;
    const copy = Forge.at(repository.bare.path).copy();
    double.rename(repository, name);
    const stranger = await double.addRepository({ name: taken, path: copy.path });
    double.grant(stranger, 'queue', 'write');
    const refs = (): string => copy.git('for-each-ref');
    const before = refs();
    return {
      changes: () => [
        ...(refs() === before ? [] : ['a ref']),
        ...[...stranger.comments, ...stranger.statuses].map(() => 'a word'),
      ],
    };
  },
  archive: (isArchived) => {
    repository.isArchived = isArchived;
  },
  show: (isShown) => {
    repository.isPrivate = !isShown;
    if (isShown) double.grant(repository, 'queue', 'write');
    else repository.roles.delete('queue');
  },
  dropMain: async (main, other) => {
    const commit = repository.seen.get(main) ?? '';
    const become = async (name: string, ...ref: string[]): Promise<void> => {
      repository.defaultBranch = name;
      await repository.bare.git('update-ref', ...ref);
      await double.settle();
    };
    await become(other, '-d', `refs/heads/${main}`);
    return () => become(main, `refs/heads/${main}`, commit);
  },
  address: () => `${double.url}/${repository.owner.login}/${repository.name}.git`,
});
