/** What is read of Gitea's webhooks: recorded deliveries of a real 1.25.4, cut to what says what happened. */
import { RECORDED_WEBHOOKS } from '@gatehouse/doubles';
import { expect, test } from '@jest/globals';
import { readGiteaNews } from '../src/forges/gitea/read-news.ts';

const repository = '127.0.0.1/org/r1';
const heard = { full_name: 'org/r1', html_url: 'http://127.0.0.1:3300/org/r1' };
const here = { repository: heard, sender: { login: 'ada' } };

test('every recorded delivery says what is to be read again', () => {
  const read = RECORDED_WEBHOOKS.map(({ event, type, body }) => {
    const news = readGiteaNews(event, body);
    expect(news?.repository).toBe(repository);
    const said = news?.comment == null ? '' : ` ${news.comment.by}: ${news.comment.text}`;
    return `${type} → ${news?.pullRequest ?? 'the repository'}${said}`;
  });
  expect(read).toEqual([
    'create → the repository',
    'push → the repository',
    'pull_request → 1',
    'pull_request → 1',
    'pull_request_sync → 3',
    'status → the repository',
    'pull_request_review_rejected → 5',
    'pull_request_review_approved → 5',
    'pull_request_label → 8',
    'delete → the repository',
    'pull_request_comment → 8 dev: /gatehouse queue',
    // Edited: every writer may edit everybody's comment, so it carries no command.
    'pull_request_comment → 8',
    'pull_request → 8',
  ]);
});

test('a new comment is by who pressed the key, whoever is called its author', () => {
  const comment = { body: '/gatehouse queue', user: { login: 'grace' }, created_at: '2026-11-28T10:00:00Z' };
  const body = { ...here, action: 'created', is_pull: true, issue: { number: 7 }, comment };
  expect(readGiteaNews('issue_comment', body)?.comment).toEqual({
    by: 'ada',
    text: '/gatehouse queue',
    at: '2026-11-28T10:00:00Z',
  });
});

test.each<[string, unknown]>([
  ['issue_comment', { ...here, action: 'created', is_pull: false, issue: { number: 7 }, comment: { body: 'x' } }],
  ['create', { ...here, ref: 'v1', ref_type: 'tag' }],
  ['pull_request', { ...here, number: 'seven' }],
  ['pull_request', { ...here, number: 0 }],
  ['wiki', here],
  ['push', { repository: { html_url: 'nowhere' } }],
  ['push', null],
  ['push', []],
  ['constructor', here],
])('%s with nothing for us is no news (%#)', (event, body) => {
  expect(readGiteaNews(event, body)).toBeNull();
});
