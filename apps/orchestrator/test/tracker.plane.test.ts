/** Plane, over our double of its API: what its statuses ask for, what its limits cost, and what is said back. */

import { Plane } from '@gatehouse/doubles';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chooseTracker, type TrackerSettings } from '../src/trackers/choose.ts';
import { planeClient } from '../src/trackers/plane/client.ts';
import { planeTracker } from '../src/trackers/plane/plane.ts';
import { type KnownState, parseStateNames } from '../src/trackers/plane/states.ts';
import { htmlOfText, textOfHtml } from '../src/trackers/plane/text.ts';
import type { Tracker } from '../src/trackers/port.ts';
import { trackerContract } from './tracker.contract.ts';

const NAMES = ['Backlog', 'To Analyse', 'Approved', 'STOP', 'Done'];
let plane: Plane;
let url: string;
let web: string;
let nowMs: number;
let kept: KnownState[];
beforeEach(async () => {
  plane = new Plane();
  url = await plane.start();
  web = plane.addProject('WEB', NAMES);
  plane.addProject('OTHER', NAMES);
  [nowMs, kept] = [1_000_000, []];
});
afterEach(() => plane.close());

const memory = {
  trackerStates: async () => kept,
  recordTrackerState: async (state: KnownState) => {
    kept = [...kept.filter((one) => one.project !== state.project || one.wish !== state.wish), state];
  },
};
function open(
  more: { token?: string; states?: readonly string[]; projects?: readonly (readonly [string, string])[] } = {},
) {
  const names = parseStateNames(more.states ?? []);
  if (typeof names === 'string') throw new Error(names);
  const now = () => nowMs;
  const client = planeClient({ url, token: more.token ?? plane.token, workspace: plane.workspace, now });
  const projects = new Map(more.projects ?? [['WEB', 'shop']]);
  return planeTracker({ client, projects, names, memory, webhookSecret: plane.secret, now });
}
async function wanted(tracker: Tracker) {
  const list = await tracker.wanted();
  if (list.kind !== 'issues') throw new Error(JSON.stringify(list));
  return list;
}

const contracted = new Plane();
const contractedUrl = await contracted.start();
contracted.addProject('WEB', NAMES);
trackerContract({
  name: 'plane, over our double of its API',
  tracker: planeTracker({
    client: planeClient({ url: contractedUrl, token: contracted.token, workspace: contracted.workspace, now: () => 0 }),
    projects: new Map([['WEB', 'shop']]),
    names: parseStateNames([]) as Exclude<ReturnType<typeof parseStateNames>, string>,
    memory: { trackerStates: async () => [], recordTrackerState: async () => undefined },
    webhookSecret: contracted.secret,
    now: () => 0,
  }),
});
afterEach(() => contracted.close());

describe('what is asked for', () => {
  test('is read from every page, of the configured projects alone', async () => {
    const html = '<p>Sort &amp; filter</p><ul><li>by price</li></ul><script>alert(1)</script>';
    const start = plane.addItem(web, 'list', { state: 'To Analyse', html });
    plane.addItem(web, 'later', { state: 'Backlog' });
    const others = Array.from({ length: 5 }, (_, at) => plane.addItem(web, `stop ${at}`, { state: 'STOP' }));
    plane.addItem(plane.projects[1]?.id ?? '', 'elsewhere', { state: 'To Analyse' });
    const { all, warnings } = await wanted(open());
    expect(warnings).toEqual([]);
    expect(all.map(({ key, wish }) => `${key} ${wish}`)).toEqual([
      'WEB-1 start',
      ...others.map(({ number }) => `WEB-${number} stop`),
    ]);
    expect(all[0]).toEqual({
      id: `${web}/${start.id}`,
      key: 'WEB-1',
      repository: 'shop',
      title: 'list',
      description: 'Sort & filter\n\n- by price',
      wish: 'start',
      updatedAt: start.updatedAt,
    });
    expect(await open().issue(`${web}/${start.id}`)).toEqual({ kind: 'issue', issue: all[0] });
  });

  test('is known by id: a renamed status still asks, and a person is told', async () => {
    const tracker = open();
    plane.addItem(web, 'one', { state: 'To Analyse' });
    await wanted(tracker);
    const state = plane.projects[0]?.states[1];
    if (state !== undefined) state.name = 'Triage';
    nowMs += 61_000;
    const { all, warnings } = await wanted(open());
    expect(all.map(({ wish }) => wish)).toEqual(['start']);
    expect(warnings).toEqual([
      {
        repository: 'shop',
        text: 'the status "To Analyse" of the project WEB is called "Triage" now; it still means start',
      },
    ]);
  });

  test('by a status that is missing, or a project, is said with what mends it', async () => {
    const { warnings } = await wanted(
      open({
        states: ['start=Ready'],
        projects: [
          ['WEB', 'shop'],
          ['GONE', 'api'],
        ],
      }),
    );
    expect(warnings.map(({ repository, text }) => `${repository}: ${text}`)).toEqual([
      expect.stringMatching(/^shop: the project WEB has no status "Ready"; make it/),
      expect.stringMatching(/^api: no project of the workspace is called GONE/),
    ]);
  });

  test('of an issue that was deleted is nothing', async () => {
    const item = plane.addItem(web, 'one', { state: 'STOP' });
    const tracker = open();
    plane.items.delete(item.id);
    expect(await tracker.issue(`${web}/${item.id}`)).toEqual({ kind: 'gone' });
  });
});

describe('the limit of a key', () => {
  test('is honoured: nothing is asked until Plane is ready again', async () => {
    plane.callsLeft = 1;
    const tracker = open();
    expect((await tracker.wanted()).kind).toBe('unreachable');
    const calls = plane.calls;
    expect((await tracker.wanted()).kind).toBe('unreachable');
    expect(await tracker.comment({ issueId: `${web}/x`, key: 'k', text: 't' })).toMatchObject({
      kind: 'untold',
      retryAfterMs: 17_000,
    });
    expect(plane.calls).toBe(calls);
    plane.callsLeft = null;
    nowMs += 17_001;
    expect((await tracker.wanted()).kind).toBe('issues');
  });

  test('is spared: projects and statuses are not read for each issue', async () => {
    const items = Array.from({ length: 8 }, (_, at) => plane.addItem(web, `i ${at}`, { state: 'Backlog' }));
    const tracker = open();
    for (const item of items) await tracker.issue(`${web}/${item.id}`);
    // Two pages of projects are one call, the statuses three.
    expect(plane.calls).toBe(items.length + 4);
  });
});

describe('what is said back', () => {
  test('is one comment for a key, also when the answer was lost', async () => {
    const item = plane.addItem(web, 'one', { state: 'To Analyse' });
    const tracker = open();
    const say = (key: string) => tracker.comment({ issueId: `${web}/${item.id}`, key, text: 'landed <b> & "x"\nat 1' });
    plane.faults.plan({ kind: 'cut', on: ({ method }) => method === 'POST' });
    expect((await say('report:1')).kind).toBe('untold');
    expect((await say('report:1')).kind).toBe('told');
    plane.faults.plan({ kind: 'fails-after', on: ({ method }) => method === 'POST' });
    expect((await say('report:2')).kind).toBe('untold');
    expect((await say('report:2')).kind).toBe('told');
    expect(plane.comments.map(({ html, externalId }) => `${externalId} ${html}`)).toEqual([
      'report:1 <p>landed &lt;b&gt; &amp; &quot;x&quot;</p><p>at 1</p>',
      'report:2 <p>landed &lt;b&gt; &amp; &quot;x&quot;</p><p>at 1</p>',
    ]);
    plane.items.delete(item.id);
    expect(await say('report:3')).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('404') });
  });
});

describe('a delivery', () => {
  test('is a hint when its signature is right over the raw bytes', async () => {
    const item = plane.addItem(web, 'größe', { state: 'To Analyse' });
    const tracker = open();
    const delivery = plane.delivery(item);
    expect(await tracker.hint(delivery)).toEqual({ kind: 're-read', issueId: `${web}/${item.id}` });
    expect(await tracker.hint(plane.delivery(item, 'deleted'))).toEqual({ kind: 're-read', issueId: null });
    // As the front door reads it, which was there before.
    const signed = `sha256=${delivery.headers['x-plane-signature']?.toUpperCase()}`;
    expect(
      (await tracker.hint({ ...delivery, headers: { ...delivery.headers, 'x-plane-signature': signed } })).kind,
    ).toBe('re-read');
    const changed = { ...delivery, body: Buffer.concat([delivery.body, Buffer.from(' ')]) };
    expect((await tracker.hint(changed)).kind).toBe('refused');
    expect((await tracker.hint({ headers: {}, body: delivery.body })).kind).toBe('refused');
  });
});

test('the key is in no answer', async () => {
  const tracker = open({ token: 'wrong-planted-key' });
  const said = [
    await tracker.wanted(),
    await tracker.issue(`${web}/x`),
    await tracker.comment({ issueId: `${web}/x`, key: 'k', text: '' }),
  ];
  expect(JSON.stringify(said)).not.toContain('planted');
  expect(said[0]).toMatchObject({ reason: expect.stringContaining('ORCH_PLANE_TOKEN') });
});

test('half of a configuration is said at start', () => {
  const all: TrackerSettings = {
    planeUrl: 'https://plane.example',
    planeToken: 't',
    planeWebhookSecret: '',
    planeWorkspace: 'acme',
    planeProjects: ['WEB=shop'],
    planeStates: [],
  };
  const chosen = (more: Partial<TrackerSettings>) => {
    const answer = chooseTracker({ ...all, ...more }, memory, () => 0);
    return answer.kind === 'tracker' ? answer.tracker.name : answer.problem;
  };
  expect(chosen({})).toBe('plane');
  expect(chosen({ planeUrl: '' })).toBe('none');
  expect(chosen({ planeUrl: 'plane.example' })).toContain('https://');
  expect(chosen({ planeToken: '' })).toContain('ORCH_PLANE_TOKEN');
  expect(chosen({ planeWorkspace: '' })).toContain('ORCH_PLANE_WORKSPACE');
  expect(chosen({ planeProjects: ['WEB'] })).toContain('WEB=shop');
  expect(chosen({ planeStates: ['begin=Ready'] })).toContain('"begin=Ready"');
});

test('a description is read as text, and a text is written so that nothing of it is markup', () => {
  const html =
    '<h2>Why</h2><p>a<br>b &#x1F682; &lt;i&gt;</p><img src="x"><a href="https://evil.example">here</a><script>x</script>';
  expect(textOfHtml(html)).toBe('Why\n\na\nb 🚂 <i>\n\nhere');
  expect(textOfHtml(htmlOfText('a < b && "c"\n<script>'))).toBe('a < b && "c"\n\n<script>');
  for (const hostile of ['<script>'.repeat(40_000), ' '.repeat(300_000), '<'.repeat(300_000), '<p>'.repeat(90_000)])
    expect(textOfHtml(hostile).length).toBeLessThanOrEqual(60_000);
});
