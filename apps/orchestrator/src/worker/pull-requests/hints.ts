/** What webhooks asked to read again and nobody has read yet. Lives as long as the process: a poll reads it all in the end. */

/** A comment as a webhook brought it: `by` pressed the key. */
export interface HeardComment {
  readonly by: string;
  readonly text: string;
}

export interface Hinted {
  /** The list of all open pull requests is to be read. */
  readonly isWhole: boolean;
  readonly pullRequests: ReadonlyMap<number, readonly HeardComment[]>;
}

export interface PullRequestHints {
  /** `pullRequest` null: the repository as a whole. Ten hints about one thing are one. */
  add(hint: {
    readonly repoId: string;
    readonly pullRequest: number | null;
    readonly comment: HeardComment | null;
  }): void;
  /** What is hinted of a repository; it is forgotten with that. */
  take(repoId: string): Hinted;
}

/** From so many pull requests of one repository on, the list is cheaper. */
const MANY = 200;
/** So many comments of one pull request are kept; the others are read with the poll. */
const COMMENTS = 50;

export function createHints(): PullRequestHints {
  const hinted = new Map<string, { isWhole: boolean; readonly pullRequests: Map<number, HeardComment[]> }>();
  return {
    add({ repoId, pullRequest, comment }) {
      const known = hinted.get(repoId) ?? { isWhole: false, pullRequests: new Map<number, HeardComment[]>() };
      hinted.set(repoId, known);
      const isNew = pullRequest !== null && !known.pullRequests.has(pullRequest);
      if (pullRequest === null || (isNew && known.pullRequests.size >= MANY)) {
        known.isWhole = true;
        return;
      }
      const comments = known.pullRequests.get(pullRequest) ?? [];
      known.pullRequests.set(pullRequest, comments);
      if (comment !== null && comments.length < COMMENTS) comments.push(comment);
    },
    take(repoId) {
      const known = hinted.get(repoId) ?? { isWhole: false, pullRequests: new Map<number, HeardComment[]>() };
      hinted.delete(repoId);
      return known;
    },
  };
}
