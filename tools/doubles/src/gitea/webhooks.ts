/** Webhooks of the Gitea double: headers and signatures as recorded, bodies cut to what says something. */
import { createHmac, randomUUID } from 'node:crypto';
import type { WebhookTarget } from '../webhook-sender.ts';
import { showComment, showPull, showRepository, showUser } from './render.ts';
import type { CommentRow, GiteaState, PullRow } from './state.ts';

/** Where webhooks of the double go, signed with `secret`. */
export const giteaTarget = (url: string, secret: string): WebhookTarget => ({
  url,
  sign: (body) => {
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    return { 'x-gitea-signature': signature, 'x-hub-signature-256': `sha256=${signature}` };
  },
});

export interface GiteaEvent {
  readonly event: string;
  readonly type: string;
  /** Who pressed the key. */
  readonly by: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export function tell(state: GiteaState, { event, type, by, body }: GiteaEvent): void {
  state.webhooks.send({
    headers: { 'x-gitea-delivery': randomUUID(), 'x-gitea-event': event, 'x-gitea-event-type': type },
    body: JSON.stringify({ ...body, repository: showRepository(state), sender: showUser(by) }),
  });
}

export interface PullEvent {
  readonly action: 'opened' | 'closed' | 'reopened' | 'synchronized' | 'label_updated' | 'edited';
  readonly by: string;
}

const TYPES: Readonly<Record<string, string>> = {
  synchronized: 'pull_request_sync',
  label_updated: 'pull_request_label',
};

export function tellPull(state: GiteaState, row: PullRow, { action, by }: PullEvent): void {
  const pull = showPull(state, row, { isMergeable: row.checking === 0, base: state.seen.get(row.base) ?? '' });
  const type = TYPES[action] ?? 'pull_request';
  tell(state, { event: 'pull_request', type, by, body: { action, number: row.number, pull_request: pull } });
}

export function tellComment(
  state: GiteaState,
  row: CommentRow,
  { action, by }: Readonly<{ action: 'created' | 'edited'; by: string }>,
): void {
  const pull = state.pulls.get(row.pull);
  const shown = pull && showPull(state, pull, { isMergeable: true, base: state.seen.get(pull.base) ?? '' });
  const issue = { number: row.pull, pull_request: { merged: pull?.mergedBy != null } };
  const body = { action, is_pull: true, issue, comment: showComment(state, row), pull_request: shown };
  tell(state, { event: 'issue_comment', type: 'pull_request_comment', by, body });
}
