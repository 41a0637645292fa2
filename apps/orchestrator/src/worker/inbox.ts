/**
 * Works off what webhooks left in the inbox: each is a hint, those about one thing are one reading, and a row is done once its
 * hint is noted. What a crash loses of the notes, the next poll reads (docs/adr/0022).
 */
import type { ServiceContext } from '../context.ts';
import { parseJson } from '../platform/json.ts';
import type { InboxMessage, Repository } from '../store/port/index.ts';
import type { PullRequestHints } from './pull-requests/hints.ts';

/** Where hints go. */
export interface Hints {
  readonly pullRequests: Pick<PullRequestHints, 'add'>;
  /** Issues of the tracker to be read again; null: all that ask for something. */
  readonly issues: Set<string | null>;
}

/** So many deliveries are in memory at a time. */
export const INBOX_BATCH = 500;

type Works = Pick<ServiceContext, 'log' | 'store' | 'now' | 'webhooks'>;

/** Works off all that is pending; answers how many deliveries that were. */
export async function processInbox(service: Works, hints: Hints): Promise<number> {
  const { store, now } = service;
  let done = 0;
  for (let batch = await store.pendingInbox(INBOX_BATCH); batch.length > 0; ) {
    const repos = await repositoriesByKey(service);
    for (const mail of batch) note(mail, repos, hints);
    const ids = batch.map(({ id }) => id);
    await store.settleInboxAll(ids, now());
    done += batch.length;
    batch = batch.length < INBOX_BATCH ? [] : await store.pendingInbox(INBOX_BATCH);
  }
  return done;
}

type Named = Pick<Repository, 'id' | 'credential'>;

/** Several registered repositories may be one at the forge: another branch of it is another main. */
async function repositoriesByKey({ store, webhooks }: Works): Promise<ReadonlyMap<string, readonly Named[]>> {
  const byKey = new Map<string, Named[]>();
  for (const { id, url, movedTo, credential } of await store.listRepos())
    for (const key of keysOf([url, movedTo ?? url], webhooks))
      byKey.set(key, [...(byKey.get(key) ?? []), { id, credential }]);
  return byKey;
}

/** A repository that has moved sends its webhooks under both names. */
const keysOf = (addresses: readonly string[], { repositoryOf }: Works['webhooks']): ReadonlySet<string> =>
  new Set(addresses.map(repositoryOf).filter((key) => key !== null));

type ForgeNews = NonNullable<ReturnType<ServiceContext['webhooks']['read']>>;

interface Kept extends Partial<ForgeNews> {
  readonly issueId?: string | null;
  readonly signedBy?: readonly string[];
}

/** What nothing was read from, and what is about a repository that is not registered, is done as it is. */
function note(mail: InboxMessage, repos: ReadonlyMap<string, readonly Named[]>, hints: Hints): void {
  const kept = parseJson(mail.body) as Kept | null | undefined;
  // From so many on, the tracker's own list is cheaper.
  if (kept?.issueId !== undefined) hints.issues.add(hints.issues.size < MANY_ISSUES ? kept.issueId : null);
  if (kept?.repository === undefined) return;
  const { pullRequest = null, comment = null, signedBy = [] } = kept;
  for (const { id: repoId, credential } of repos.get(kept.repository) ?? []) {
    // The secret of another repository may ask for a reading; what people said is then read at the forge itself.
    const isTheirs = signedBy.includes(mail.source) || (credential !== null && signedBy.includes(credential));
    hints.pullRequests.add({ repoId, pullRequest, comment: isTheirs && isFresh(mail, comment) ? comment : null });
  }
}

const DAY_MS = 86_400_000;

/** A delivery is known for as long as its row is kept, a day at least: one of an older comment may have been sent before, and only hints. */
const isFresh = ({ receivedAt }: InboxMessage, comment: ForgeNews['comment']): boolean =>
  comment !== null && Math.abs(receivedAt - Date.parse(comment.at)) < DAY_MS;

const MANY_ISSUES = 20;
