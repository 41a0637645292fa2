/** The double of Gitea in tests: started, closed at the end of the test, and used as a person would. */
import { type Gitea, startGitea } from '@gatehouse/doubles';
import { afterEach } from '@jest/globals';
import { giteaForge, type Patience } from '../src/forges/gitea/gitea.ts';
import type { Forge } from '../src/forges/port.ts';
import type { PeoplesSide } from './forge-people.contract.ts';

const started: Gitea[] = [];
afterEach(async () => {
  for (const gitea of started.splice(0)) await gitea.close();
});

export async function startDouble(path: string): Promise<Gitea> {
  const gitea = await startGitea({ path });
  started.push(gitea);
  return gitea;
}

/** The adapter, which does not wait between tries. */
export function giteaAt(url: string, token: string, patience: Partial<Patience> = {}): Forge {
  const credentials = new Map([['gitea', { token, sshKey: '', webhookSecret: '' }]]);
  return giteaForge(
    { forge: 'gitea', url, credential: 'gitea', credentials },
    { timeoutMs: 10_000, retryMs: [0, 0, 0], ...patience },
  );
}

export function peopleOf(gitea: Gitea): PeoplesSide {
  const { state, as } = gitea;
  return {
    faults: gitea.faults,
    open: gitea.open,
    close: async (number) => void (await as('dev', `PATCH pulls/${number}`, { state: 'closed' })),
    retitle: async (number, title) => void (await as('dev', `PATCH pulls/${number}`, { title })),
    label: async (number, label) => void (await as('dev', `POST issues/${number}/labels`, { labels: [label] })),
    write: async (number, { by, text }) => {
      const { body } = await as(by, `POST issues/${number}/comments`, { body: text });
      return (body as { readonly id: number }).id;
    },
    edit: async (comment, { by, text }) => void (await as(by, `PATCH issues/comments/${comment}`, { body: text })),
    approve: async (number, by) => void (await as(by, `POST pulls/${number}/reviews`, { event: 'APPROVED' })),
    requestChanges: async (number, by) =>
      void (await as(by, `POST pulls/${number}/reviews`, { event: 'REQUEST_CHANGES' })),
    require: async (contexts) => gitea.protect({ rule_name: 'main', status_check_contexts: contexts }),
    report: async (commit, context, to) => void (await as('dev', `POST statuses/${commit}`, { context, state: to })),
    promote: async () => void state.people.set('queue', 'admin'),
    statusesOf: async (commit) => {
      const { body } = await as('dev', `GET commits/${commit}/status`);
      const { statuses } = body as {
        readonly statuses: readonly { context: string; status: string; description: string }[];
      };
      return statuses.map(({ context, status, description }) => ({ context, state: status, text: description }));
    },
    commentsOf: async (number) =>
      [...state.comments.values()]
        .filter(({ pull }) => pull === number)
        .map(({ author, body }) => ({ by: author, text: body })),
    stateOf: async (number) => {
      const row = state.pulls.get(number);
      if (row === undefined) throw new Error(`there is no #${number}`);
      return row.mergedBy === null ? row.state : 'merged';
    },
    isNewComment: ({ method, path }) => method === 'POST' && path.endsWith('/comments'),
    isLanding: ({ method, path }) => method === 'POST' && path.endsWith('/merge'),
  };
}
