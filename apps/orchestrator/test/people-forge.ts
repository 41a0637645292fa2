/** A forge with people, in memory: what tests of the queue at pull requests talk to. It is no double of any vendor. */
import type { FinishAnswer, ForgeForPeople, PersonsComment, PullRequest } from '../src/forges/people.ts';
import type { DeleteBranchAnswer, Forge } from '../src/forges/port.ts';
import { repositoryLook } from '../src/forges/standing.ts';
import { unknownForge } from '../src/forges/unknown.ts';
import type { TellAnswer } from '../src/platform/tell-answer.ts';

export const HEADS = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)) as [string, string, string, string];

export const openPullRequest = (more: Partial<PullRequest> = {}): PullRequest => ({
  number: 7,
  title: 'a change',
  branch: 'feature/x',
  head: HEADS[0],
  base: 'main',
  author: 'ann',
  isDraft: false,
  isFork: false,
  headRef: 'feature/x',
  headOwner: 'org',
  labels: [],
  isApproved: null,
  state: 'open',
  ...more,
});

export class PeopleForge {
  readonly pullRequests = new Map<number, PullRequest>();
  readonly said = new Map<number, PersonsComment[]>();
  readonly writers = new Set(['ann', 'bob']);
  /** What was asked of it, in order. */
  readonly asked: string[] = [];
  /** The one comment of each task, and how often it was written. */
  readonly comments = new Map<string, string>();
  readonly statuses: string[] = [];
  /** What the next calls that tell answer; then they are told. */
  readonly answers: TellAnswer[] = [];
  /** What the next calls of `finish` and `deleteBranch` answer; then merged, and deleted. */
  readonly finishes: FinishAnswer[] = [];
  readonly deletions: DeleteBranchAnswer[] = [];
  isDown = false;
  /** What people do between the reading of a pull request and that of its comments. */
  meanwhile: () => void = () => {};
  /** Whether people are told apart. */
  tellsRights = true;

  put(more: Partial<PullRequest> = {}): void {
    const { number } = openPullRequest(more);
    this.pullRequests.set(number, { ...openPullRequest(), ...this.pullRequests.get(number), ...more });
  }

  say(by: string, text: string, number = 7): void {
    this.said.set(number, [...(this.said.get(number) ?? []), { by, text }]);
  }

  readonly port = (): Forge => ({
    ...unknownForge('people'),
    deleteBranch: async ({ branch, expected }) => {
      this.asked.push(`delete ${branch} at ${expected[0]}`);
      return this.deletions.shift() ?? { kind: 'deleted' };
    },
    ...this.#people(),
  });

  /** As a service reaches it. */
  inContext() {
    return { forgeOf: this.port, lookAtRepository: repositoryLook(this.port) };
  }

  #people(): ForgeForPeople {
    const unreachable = { kind: 'unreachable', reason: 'no answer' } as const;
    return {
      repository: async () => ({ kind: 'unsupported', reason: 'it has no number' }),
      setStatus: async ({ commit, state, text }) => {
        const answer = this.answers.shift() ?? { kind: 'told' };
        this.asked.push('setStatus');
        if (answer.kind === 'told') this.statuses.push(`${commit[0]} ${state}: ${text}`);
        return answer;
      },
      comment: async ({ taskId, text }) => {
        const answer = this.answers.shift() ?? { kind: 'told' };
        this.asked.push('comment');
        if (answer.kind === 'told') this.comments.set(taskId, text);
        return answer;
      },
      pullRequests: async () => {
        this.asked.push('list');
        const all = [...this.pullRequests.values()].filter(({ state }) => state === 'open');
        return this.isDown ? unreachable : { kind: 'pull-requests', all };
      },
      pullRequest: async (number) => {
        this.asked.push(`read ${number}`);
        const pullRequest = this.pullRequests.get(number);
        if (this.isDown) return unreachable;
        return pullRequest === undefined ? { kind: 'gone' } : { kind: 'pull-request', pullRequest };
      },
      comments: async ({ pullRequest, cursor }) => {
        this.asked.push(`comments ${pullRequest}`);
        this.meanwhile();
        const all = this.said.get(pullRequest) ?? [];
        return { kind: 'comments', all: all.slice(Number(cursor ?? 0)), cursor: String(all.length) };
      },
      mayCommand: async (login) => {
        this.asked.push(`may ${login}`);
        if (!this.tellsRights) return { kind: 'not-told', reason: 'the token may not ask' };
        return { kind: this.writers.has(login) ? 'may' : 'may-not' };
      },
      finish: async ({ number, commit }) => {
        this.asked.push(`finish ${number} ${commit[0]}`);
        return this.finishes.shift() ?? { kind: 'merged' };
      },
      inspect: async () => [],
    };
  }
}
