/** The double of Gitea sends the webhooks that a real 1.25.4 was recorded to send: kinds, headers, signature, fields. */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  Faults,
  type Gitea,
  RECORDED_WEBHOOKS,
  type Served,
  serve,
  startGitea,
  WEBHOOK_HEADERS,
} from '../src/index.ts';
import { type Scratch, scratchRepository } from './scratch-repository.ts';

interface Arrived {
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string;
}

let arrived: Arrived[];
let receiver: Served;
let gitea: Gitea;
let repository: Scratch;
let head: string;
beforeEach(async () => {
  arrived = [];
  receiver = await serve({
    faults: new Faults(),
    answer: async ({ headers, body }) => {
      arrived.push({ headers, raw: body.toString() });
      return { status: 202, headers: {}, body: Buffer.alloc(0) };
    },
  });
  repository = scratchRepository();
  head = repository.git('rev-parse', 'work');
  gitea = await startGitea({ path: repository.path });
  gitea.sendWebhooksTo(`${receiver.url}/hook`, 'secret');
});
afterEach(async () => {
  await gitea.close();
  await receiver.close();
});

const comment = (body: string) => gitea.as('dev', 'POST issues/1/comments', { body });
const bodies = () => arrived.map(({ raw }) => (JSON.parse(raw) as { comment: { body: string } }).comment.body);

/** Every kind that was recorded, caused as people cause it. */
async function everything(): Promise<void> {
  await gitea.open({ by: 'dev', branch: 'work', title: 'work' });
  repository.commit({ branch: 'work', from: head, name: 'f', text: 'next' });
  await gitea.notice('dev');
  await gitea.as('dev', 'POST issues/1/labels', { labels: ['queue'] });
  const { body } = await comment('/gatehouse queue');
  await gitea.as('queue', `PATCH issues/comments/${(body as { readonly id: number }).id}`, { body: 'edited' });
  await gitea.as('queue', `POST statuses/${head}`, { state: 'pending', context: 'ci/gatehouse' });
  await gitea.as('dev2', 'POST pulls/1/reviews', { event: 'REQUEST_CHANGES' });
  await gitea.as('dev2', 'POST pulls/1/reviews', { event: 'APPROVED' });
  await gitea.as('dev', 'PATCH pulls/1', { state: 'closed' });
  await gitea.as('dev', 'PATCH pulls/1', { state: 'open' });
  repository.git('update-ref', 'refs/heads/other', head);
  await gitea.notice('dev');
  await gitea.as('queue', 'POST pulls/1/merge', { Do: 'fast-forward-only' });
  await gitea.as('queue', 'DELETE branches/work');
  await gitea.webhooks.flush();
}

/** Paths of all fields, as `pull_request.head.sha`. */
function paths(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([key, inner]) => paths(inner, at === '' ? key : `${at}.${key}`));
}

test('every recorded kind is sent, signed over its raw body, with every recorded field that says what happened', async () => {
  await everything();
  const kind = (event: string | undefined, type: string | undefined, body: unknown): string =>
    `${event} ${type} ${(body as { readonly action?: string }).action ?? ''}`;
  const sent = new Map<string, unknown>();
  for (const { headers, raw } of arrived) {
    const signature = createHmac('sha256', 'secret').update(raw).digest('hex');
    expect(headers).toMatchObject({ 'x-gitea-signature': signature, 'x-hub-signature-256': `sha256=${signature}` });
    for (const name of WEBHOOK_HEADERS) expect(headers[name]).toMatch(/\S/);
    const body: unknown = JSON.parse(raw);
    sent.set(kind(headers['x-gitea-event'], headers['x-gitea-event-type'], body), body);
  }
  const untold = /^changes\./;
  for (const { event, type, body } of RECORDED_WEBHOOKS) {
    const of = kind(event, type, body);
    const wanted = paths(body).filter((path) => !untold.test(path));
    expect([of, paths(sent.get(of) ?? {})]).toEqual([of, expect.arrayContaining(wanted)]);
  }
});

test.each([
  ['doubled', ['one', 'one', 'two', 'two']],
  ['reordered', ['two', 'one']],
  ['lost', []],
  [null, ['one', 'two']],
] as const)('webhooks that are %s arrive as %j', async (fault, expected) => {
  await gitea.open({ by: 'dev', branch: 'work', title: 'work' });
  await gitea.webhooks.flush();
  arrived = [];
  gitea.webhooks.fault = fault;
  gitea.webhooks.hold();
  await comment('one');
  await comment('two');
  await gitea.webhooks.release();
  expect(bodies()).toEqual(expected);
});
