/** What is read of GitHub's webhooks. Payloads are cut down to fields that the published description requires. */
import { expect, test } from '@jest/globals';
import { readGithubNews } from '../src/forges/github/read-news.ts';
import { repositoryKey } from '../src/forges/repository-key.ts';

const here = { repository: { html_url: 'https://github.com/Octo-Org/App' }, sender: { login: 'grace' } };
const repository = 'github.com/octo-org/app';
const issue = { number: 7, pull_request: { url: 'https://api.github.com/repos/Octo-Org/App/pulls/7' } };
const comment = { id: 1, body: '/gatehouse queue', user: { login: 'ada' }, created_at: '2026-11-28T10:00:00Z' };

test.each([
  ['push', { ref: 'refs/heads/main' }, null],
  ['status', { sha: '1'.repeat(40), state: 'success' }, null],
  ['check_run', { action: 'completed', check_run: { pull_requests: [{ number: 3 }] } }, null],
  ['check_suite', { action: 'completed' }, null],
  ['create', { ref: 'topic', ref_type: 'branch' }, null],
  ['delete', { ref: 'topic', ref_type: 'branch' }, null],
  ['pull_request', { action: 'synchronize', number: 7 }, 7],
  ['pull_request_review', { action: 'submitted', pull_request: { number: 7 } }, 7],
  ['issue_comment', { action: 'deleted', issue, comment }, 7],
])('%s says what is to be read again', (event, body, pullRequest) => {
  expect(readGithubNews(event, { ...here, ...body })).toEqual({ repository, pullRequest, comment: null });
});

test('a new comment is by who pressed the key, whoever is called its author', () => {
  expect(readGithubNews('issue_comment', { ...here, action: 'created', issue, comment })).toEqual({
    repository,
    pullRequest: 7,
    comment: { by: 'grace', text: '/gatehouse queue', at: '2026-11-28T10:00:00Z' },
  });
});

test('an edited comment is read again, and carries no command', () => {
  const changes = { body: { from: 'looks good' } };
  expect(readGithubNews('issue_comment', { ...here, action: 'edited', issue, comment, changes })).toEqual({
    repository,
    pullRequest: 7,
    comment: null,
  });
});

test.each<[string, unknown]>([
  ['issue_comment', { ...here, action: 'created', issue: { number: 7 }, comment }],
  ['create', { ...here, ref: 'v1', ref_type: 'tag' }],
  ['ping', { ...here, zen: 'x' }],
  ['pull_request', { ...here, number: 'seven' }],
  ['pull_request', { ...here, number: 0 }],
  ['push', { repository: { html_url: 'nowhere' } }],
  ['push', null],
  ['push', []],
  ['constructor', here],
])('%s with nothing for us is no news (%#)', (event, body) => {
  expect(readGithubNews(event, body)).toBeNull();
});

test('every url of a repository has one key', () => {
  const urls = [
    'https://Git.Example.org/Group/App.git',
    'https://git.example.org:8443/group/app/',
    'ssh://git@git.example.org:2222/group/app.git',
    'git@git.example.org:group/app.git',
  ];
  expect(new Set(urls.map(repositoryKey))).toEqual(new Set(['git.example.org/group/app']));
  expect(
    ['', 'app', '/srv/app.git', 'https://git.example.org/', 'https://git.example.org/app'].map(repositoryKey),
  ).toEqual([null, null, null, null, null]);
});
