/**
 * Webhooks that a real Gitea 1.25.4 sent, one of each kind in order, cut to the fields that say what happened. Names were
 * shortened. Of a hundred received every signature was the lower-case hex HMAC-SHA256 of the raw body.
 */
export interface RecordedWebhook {
  /** `X-Gitea-Event` */
  readonly event: string;
  /** `X-Gitea-Event-Type` */
  readonly type: string;
  readonly body: unknown;
}

/** Headers of a recorded delivery, by name in lower case. */
export const WEBHOOK_HEADERS: readonly string[] = [
  'x-gitea-delivery',
  'x-gitea-event',
  'x-gitea-event-type',
  'x-gitea-signature',
  'x-hub-signature-256',
];

const repository = { full_name: 'org/r1', html_url: 'http://127.0.0.1:3300/org/r1' };
const by = (login: string) => ({ repository, sender: { login } });

export const RECORDED_WEBHOOKS: readonly RecordedWebhook[] = [
  {
    event: 'create',
    type: 'create',
    body: { ...by('queue'), ref: 'main', ref_type: 'branch', sha: '3e780982039dd1d5fe44b6797926887971e81064' },
  },
  {
    event: 'push',
    type: 'push',
    body: {
      ...by('queue'),
      ref: 'refs/heads/main',
      before: '0000000000000000000000000000000000000000',
      after: '3e780982039dd1d5fe44b6797926887971e81064',
    },
  },
  {
    event: 'pull_request',
    type: 'pull_request',
    body: {
      ...by('dev'),
      action: 'opened',
      number: 1,
      pull_request: {
        number: 1,
        state: 'open',
        merged: false,
        head: { ref: 'f1', sha: '4faa1de6e3c983d48bdb78c0ae583b2028dab97e' },
      },
    },
  },
  {
    event: 'pull_request',
    type: 'pull_request',
    body: {
      ...by('queue'),
      action: 'closed',
      number: 1,
      pull_request: {
        number: 1,
        state: 'closed',
        merged: true,
        head: { ref: 'f1', sha: '4faa1de6e3c983d48bdb78c0ae583b2028dab97e' },
      },
    },
  },
  {
    event: 'pull_request',
    type: 'pull_request_sync',
    body: {
      ...by('dev'),
      action: 'synchronized',
      number: 3,
      pull_request: {
        number: 3,
        state: 'open',
        merged: false,
        head: { ref: 'f3', sha: 'a1d64f1a86d61e360f387cae433cd10c5a65b7a0' },
      },
    },
  },
  {
    event: 'status',
    type: 'status',
    body: {
      ...by('queue'),
      sha: '11de698d4dd95d89f41df540ffeaf22f9da9b769',
      state: 'pending',
      context: 'ci/gatehouse',
    },
  },
  {
    event: 'pull_request_rejected',
    type: 'pull_request_review_rejected',
    body: {
      ...by('dev2'),
      action: 'reviewed',
      number: 5,
      review: { type: 'pull_request_review_rejected', content: 'no' },
      pull_request: {
        number: 5,
        state: 'open',
        merged: false,
        head: { ref: 'f5', sha: '11de698d4dd95d89f41df540ffeaf22f9da9b769' },
      },
    },
  },
  {
    event: 'pull_request_approved',
    type: 'pull_request_review_approved',
    body: {
      ...by('dev2'),
      action: 'reviewed',
      number: 5,
      review: { type: 'pull_request_review_approved', content: 'ok' },
      pull_request: {
        number: 5,
        state: 'open',
        merged: false,
        head: { ref: 'f5', sha: '11de698d4dd95d89f41df540ffeaf22f9da9b769' },
      },
    },
  },
  {
    event: 'pull_request',
    type: 'pull_request_label',
    body: {
      ...by('dev'),
      action: 'label_updated',
      number: 8,
      pull_request: {
        number: 8,
        state: 'open',
        merged: false,
        head: { ref: 'f8', sha: 'b10e9766d4fc11f6493c54fc0b7ab538d7e792de' },
      },
    },
  },
  { event: 'delete', type: 'delete', body: { ...by('queue'), ref: 'f7', ref_type: 'branch' } },
  {
    event: 'issue_comment',
    type: 'pull_request_comment',
    body: {
      ...by('dev'),
      action: 'created',
      issue: { number: 8, pull_request: { merged: false } },
      is_pull: true,
      comment: { body: '/gatehouse queue', user: { login: 'dev' }, created_at: '2026-11-28T13:14:13Z' },
      pull_request: {
        number: 8,
        state: 'open',
        merged: false,
        head: { ref: 'f8', sha: 'b10e9766d4fc11f6493c54fc0b7ab538d7e792de' },
      },
    },
  },
  {
    event: 'issue_comment',
    type: 'pull_request_comment',
    body: {
      ...by('dev'),
      action: 'edited',
      issue: { number: 8, pull_request: { merged: false } },
      is_pull: true,
      comment: { body: 'edited', user: { login: 'dev' }, created_at: '2026-11-28T13:14:13Z' },
      changes: { body: { from: '/gatehouse queue' }, added_labels: null, removed_labels: null },
      pull_request: {
        number: 8,
        state: 'open',
        merged: false,
        head: { ref: 'f8', sha: 'b10e9766d4fc11f6493c54fc0b7ab538d7e792de' },
      },
    },
  },
  {
    event: 'pull_request',
    type: 'pull_request',
    body: {
      ...by('dev'),
      action: 'reopened',
      number: 8,
      pull_request: {
        number: 8,
        state: 'open',
        merged: false,
        head: { ref: 'f8', sha: '3941a67a71b6dec6aef6b9e572fce36ddabd0b9a' },
      },
    },
  },
];
