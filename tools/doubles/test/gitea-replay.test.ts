/** The double of Gitea answers what a real 1.25.4 was recorded to answer in the same situation. */
import { execFile } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  type CallSituation,
  type Gitea,
  type MergeSituation,
  type PushSituation,
  RECORDED_CALLS,
  RECORDED_MERGES,
  RECORDED_PUSHES,
  type RecordedAnswer,
  startGitea,
} from '../src/index.ts';
import { type Scratch, scratchRepository } from './scratch-repository.ts';

let repository: Scratch;
let gitea: Gitea;
let base: string;
let head: string;
beforeEach(async () => {
  repository = scratchRepository();
  [base = '', head = ''] = repository.git('rev-parse', 'main', 'work').split('\n');
  gitea = await startGitea({ path: repository.path });
  await gitea.open({ by: 'dev', branch: 'work', title: 'work' });
});
afterEach(() => gitea.close());

interface Said {
  readonly status: number;
  readonly body: unknown;
}
type Act = () => Promise<Said>;

const merge = (by = 'queue', form: Readonly<Record<string, unknown>> = {}, number = 1): Promise<Said> =>
  gitea.as(by, `POST pulls/${number}/merge`, { Do: 'fast-forward-only', head_commit_id: head, ...form });
async function withToken(token: string, form: Readonly<Record<string, unknown>>): Promise<Said> {
  const response = await fetch(`${gitea.url}/api/v1/repos/org/app/pulls/1/merge`, {
    method: 'POST',
    headers: { authorization: `token ${token}` },
    body: JSON.stringify(form),
  });
  return { status: response.status, body: await response.json() };
}
const report = (state: string): Promise<Said> =>
  gitea.as('queue', `POST statuses/${head}`, { context: 'ci/gatehouse', state });
const protect = (): void =>
  gitea.protect({
    rule_name: 'main',
    push_whitelist: ['queue'],
    merge_whitelist: ['queue'],
    status_check_contexts: ['ci/gatehouse'],
    required_approvals: 1,
    block_on_rejected_reviews: true,
  });
const style = { Do: 'fast-forward-only' };
const SCHEDULED = { merge_when_checks_succeed: true };

const MERGES: Readonly<Record<MergeSituation, Act>> = {
  landed: async () => {
    const answer = await merge();
    expect(repository.git('rev-parse', 'main')).toBe(head);
    expect((await gitea.as('queue', 'GET pulls/1')).body).toMatchObject({
      merged: true,
      merged_by: { login: 'queue' },
    });
    return answer;
  },
  'lower-case do': () => gitea.as('queue', 'POST pulls/1/merge', { do: 'fast-forward-only', head_commit_id: head }),
  'wrong head': () => merge('queue', { head_commit_id: '1'.repeat(40) }),
  'short head': () => merge('queue', { head_commit_id: head.slice(0, 10) }),
  'older than the head': () => {
    repository.commit({ branch: 'work', from: head, name: 'f', text: 'more' });
    return merge();
  },
  'behind main': () => {
    // Both sides changed the file to the same: behind, and no conflict.
    repository.commit({ branch: 'main', from: base, name: 'f', text: 'work' });
    return merge();
  },
  'its branch is gone': () => {
    gitea.lag({ closing: 2 });
    repository.git('update-ref', '-d', 'refs/heads/work');
    return merge();
  },
  'in conflict': () => {
    repository.commit({ branch: 'main', from: base, name: 'f', text: 'theirs' });
    return merge();
  },
  'still being checked': async () => {
    gitea.lag({ checks: 1 });
    repository.commit({ branch: 'main', from: base, name: 'f', text: 'work' });
    return merge();
  },
  'in main by a push, and being checked': () => {
    gitea.lag({ checks: 1 });
    repository.git('update-ref', 'refs/heads/main', head);
    return merge();
  },
  'merged already': async () => {
    await merge();
    return merge();
  },
  closed: async () => {
    await gitea.as('dev', 'PATCH pulls/1', { state: 'closed' });
    return merge();
  },
  'no such pull request': () => merge('queue', {}, 9999),
  'by an outsider': () => merge('outsider'),
  'by nobody': () => withToken('wrong', style),
  'by a token that may only read': () => withToken(gitea.token('queue', 'read'), style),
  'work in progress': async () => {
    await gitea.as('dev', 'PATCH pulls/1', { title: 'WIP: work' });
    return merge();
  },
  'unknown style': () => merge('queue', { Do: 'teleport' }),
  'no style': () => gitea.as('queue', 'POST pulls/1/merge', {}),
  'style switched off': async () => {
    await gitea.as('boss', 'PATCH ', { has_pull_requests: true, allow_fast_forward_only_merge: false });
    return merge();
  },
  'by hand, switched off': () => merge('queue', { Do: 'manually-merged', merge_commit_id: head }),
  'required status missing': () => {
    protect();
    return merge();
  },
  'required status pending': async () => {
    protect();
    await report('pending');
    return merge();
  },
  'required status failed': async () => {
    protect();
    await report('failure');
    return merge();
  },
  'required status is blue': async () => {
    protect();
    await report('success');
    await report('blue');
    return merge();
  },
  'approval missing': async () => {
    protect();
    await report('success');
    return merge();
  },
  'by a writer off the merge list': () => {
    protect();
    return merge('dev');
  },
  'by an administrator off the merge list': () => {
    protect();
    return merge('boss');
  },
  'when its checks succeed': () => {
    protect();
    return merge('queue', SCHEDULED);
  },
  'when its checks succeed, twice': async () => {
    protect();
    await merge('queue', SCHEDULED);
    return merge('queue', SCHEDULED);
  },
  'in an archived repository': async () => {
    await gitea.as('boss', 'PATCH ', { archived: true });
    return merge('queue', style);
  },
};

const CALLS: Readonly<Record<CallSituation, Act>> = {
  'merge of a merged one, read': async () => {
    await merge();
    return gitea.as('queue', 'GET pulls/1/merge');
  },
  'merge of an open one, read': () => gitea.as('queue', 'GET pulls/1/merge'),
  'scheduled merge cancelled': async () => {
    await merge('queue', SCHEDULED);
    return gitea.as('queue', 'DELETE pulls/1/merge');
  },
  'scheduled merge cancelled twice': () => gitea.as('queue', 'DELETE pulls/1/merge'),
  'protection read by a writer': () => gitea.as('queue', 'GET branch_protections/main'),
  'hooks read by a writer': () => gitea.as('queue', 'GET hooks'),
  'rights of another, read by a writer': () => gitea.as('queue', 'GET collaborators/dev/permission'),
  'status of an unknown commit': () => gitea.as('queue', `POST statuses/${'2'.repeat(40)}`, { state: 'success' }),
  'status that is blue': () => report('blue'),
  'own pull request approved': () => gitea.as('dev', 'POST pulls/1/reviews', { event: 'APPROVED' }),
  'changes asked for': () => gitea.as('dev2', 'POST pulls/1/reviews', { event: 'REQUEST_CHANGES', body: 'no' }),
  'label made by a writer': () => gitea.as('queue', 'POST labels', { name: 'queue', color: '#00aabb' }),
  'label put on': () => gitea.as('dev', 'POST issues/1/labels', { labels: ['queue'] }),
  'comment written': () => gitea.as('dev', 'POST issues/1/comments', { body: '/gatehouse queue' }),
  "somebody else's comment edited": async () => {
    const { body } = await gitea.as('dev', 'POST issues/1/comments', { body: 'mine' });
    const { id } = body as { readonly id: number };
    const edited = await gitea.as('queue', `PATCH issues/comments/${id}`, { body: 'edited' });
    expect(edited.body).toMatchObject({ body: 'edited', user: { login: 'dev' } });
    return edited;
  },
  'branch moved by the API': () => gitea.as('queue', 'PUT branches/main', { new_commit_id: head, old_commit_id: base }),
  'branch deleted': () => gitea.as('queue', 'DELETE branches/work'),
  'branch deleted again': async () => {
    await gitea.as('queue', 'DELETE branches/work');
    return gitea.as('queue', 'DELETE branches/work');
  },
  'main deleted': () => gitea.as('queue', 'DELETE branches/main'),
  'repository read by an outsider': () => gitea.as('outsider', 'GET '),
  'setting changed without has_pull_requests': async () => {
    const answer = await gitea.as('boss', 'PATCH ', { allow_fast_forward_only_merge: false });
    expect(answer.body).toMatchObject({ allow_fast_forward_only_merge: true });
    return answer;
  },
};

const rows = <Key extends string>(recorded: Readonly<Record<Key, RecordedAnswer>>): [Key, RecordedAnswer][] =>
  Object.entries(recorded) as [Key, RecordedAnswer][];

async function hold(act: Act, { status, message }: RecordedAnswer): Promise<void> {
  const answer = await act();
  const said = (answer.body as { readonly message?: string } | '').valueOf();
  expect(answer.status).toBe(status);
  if (message !== undefined) expect(said).toMatchObject({ message });
}

test.each(rows(RECORDED_MERGES))('a merge: %s', (situation, recorded) => hold(MERGES[situation], recorded));
test.each(rows(RECORDED_CALLS))('%s', (situation, recorded) => hold(CALLS[situation], recorded));

test('a check that still runs is over after as many readings as were asked for', async () => {
  gitea.lag({ checks: 2 });
  repository.commit({ branch: 'work', from: head, name: 'f', text: 'more' });
  head = repository.git('rev-parse', 'work');
  expect([(await merge()).status, (await merge()).status, (await merge()).status]).toEqual([405, 405, 200]);
});

test('what landed by a push stays open, and deleting its branch closes it as unmerged', async () => {
  repository.git('update-ref', 'refs/heads/main', head);
  expect((await gitea.as('queue', 'GET pulls/1')).body).toMatchObject({ state: 'open', merged: false });
  await gitea.as('queue', 'DELETE branches/work');
  expect((await gitea.as('queue', 'GET pulls/1')).body).toMatchObject({ state: 'closed', merged: false });
});

test('what landed by a push is noticed where that is switched on, also later, and the merger is the organisation', async () => {
  repository.git('update-ref', 'refs/heads/main', head);
  await gitea.notice('queue');
  await gitea.as('boss', 'PATCH ', { has_pull_requests: true, autodetect_manual_merge: true });
  expect((await gitea.as('queue', 'GET pulls/1')).body).toMatchObject({ merged: true, merged_by: { login: 'org' } });
  const [last] = gitea.webhooks.sent.slice(-1).map(({ body }) => JSON.parse(body));
  expect(last).toMatchObject({ action: 'closed', pull_request: { merged: true }, sender: { login: 'org' } });
});

const PUSHES: Readonly<Record<PushSituation, () => readonly [string, ...string[]]>> = {
  'forward, by a writer off the push list': () => ['dev', `${head}:refs/heads/main`],
  'forward, by an administrator off the push list': () => ['boss', `${head}:refs/heads/main`],
  'forward, by the push list, without status and approval': () => ['queue', `${head}:refs/heads/main`],
  'with a lease on a wrong value': () => [
    'queue',
    `--force-with-lease=refs/heads/main:${head}`,
    `${head}:refs/heads/main`,
  ],
  'the same again': () => ['queue', `${base}:refs/heads/main`],
  'not forward': () => ['queue', `${repository.git('commit-tree', '-m', 'else', `${base}^{tree}`)}:refs/heads/main`],
  'not forward, with a right lease': () => [
    'queue',
    `--force-with-lease=refs/heads/main:${base}`,
    `${repository.git('commit-tree', '-m', 'else', `${base}^{tree}`)}:refs/heads/main`,
  ],
  'main deleted': () => ['queue', ':refs/heads/main'],
  'a candidate ref': () => ['queue', `${head}:refs/gatehouse/candidate/1`],
  'to an archived repository': () => {
    gitea.state.settings.archived = true;
    return ['queue', `${head}:refs/heads/other`];
  },
};

function push([by, ...args]: readonly [string, ...string[]]): Promise<string> {
  const options = args.filter((one) => one.startsWith('--'));
  const specs = args.filter((one) => !one.startsWith('--'));
  const header = `http.extraHeader=Authorization: token ${gitea.token(by)}`;
  const all = ['-c', header, 'push', '--porcelain', ...options, gitea.cloneUrl, ...specs];
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' };
  return new Promise((resolve) => {
    execFile('git', all, { cwd: repository.path, env }, (_, stdout, stderr) => resolve(`${stdout}\n${stderr}`));
  });
}

test.each(Object.entries(RECORDED_PUSHES) as [PushSituation, { porcelain: string; words: string }][])(
  'a push: %s',
  async (situation, { porcelain, words }) => {
    protect();
    const said = await push(PUSHES[situation]());
    expect(said).toContain(porcelain);
    expect(said).toContain(words);
    const isForward = situation === 'forward, by the push list, without status and approval';
    expect(repository.git('rev-parse', 'main')).toBe(isForward ? head : base);
  },
);
