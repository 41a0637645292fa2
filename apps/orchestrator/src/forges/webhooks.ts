/** Which reader understands whose webhooks, and the name under which repositories are compared. */
import { parseJson } from '../platform/json.ts';
import type { WebhookDelivery } from '../platform/webhook-delivery.ts';
import { readGiteaNews } from './gitea/read-news.ts';
import { readGithubNews } from './github/read-news.ts';
import type { ForgeNews } from './news.ts';
import { repositoryKey } from './repository-key.ts';

export interface WebhookReader {
  /** What a verified delivery asks to read again; null: nothing of interest, or a kind of forge without webhooks. */
  readonly read: (forge: string, delivery: WebhookDelivery) => ForgeNews | null;
  /** `host/owner/name` of a repository's url; null: it has none. */
  readonly repositoryOf: (url: string) => string | null;
}

interface Reader {
  /** The header that names the event. */
  readonly event: string;
  readonly read: (event: string, body: unknown) => ForgeNews | null;
}

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['gitea', { event: 'x-gitea-event', read: readGiteaNews }],
  ['github', { event: 'x-github-event', read: readGithubNews }],
]);

export const webhookReader: WebhookReader = {
  read: (forge, { headers, body }) => {
    const reader = READERS.get(forge);
    const event = reader === undefined ? undefined : headers[reader.event];
    if (reader === undefined || event === undefined) return null;
    return reader.read(event, parseJson(Buffer.from(body).toString('utf8')));
  },
  repositoryOf: repositoryKey,
};
