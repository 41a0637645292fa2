/** What the pages of the board mean, read without a browser. What they look like is for the eye and for board.browser.test.ts. */

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { RunningService } from '../src/running-service.ts';
import { ask, atRest, enqueue, ownToken, register, serviceForAll, serviceOn } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const LIMIT = 100 * 1024;
const SECRET = ['ghp_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'];

const pageOf = async (service: RunningService, path: string) => {
  const told = await ask(service, path, { headers: { accept: 'text/html' } });
  expect([path, told.status]).toEqual([path, 200]);
  return told.text;
};
/** The text of the first element whose opening tag has this in it, tags left out. */
function textIn(page: string, mark: string): string {
  const [, rest = ''] = page.split(mark);
  const [element = ''] = rest.slice(rest.indexOf('>') + 1).split(/<\/(?:ol|ul|dl)>\s*(?=<\/section|<p class="more")/);
  return element
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

describe('a board where nothing has happened yet', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await serviceForAll(join(scratchFolder(), 'data'));
  });

  test.each([
    ['/', 'gatehouse repo add app --path'],
    ['/board/work', '--profile full'],
    ['/board/repos', 'gatehouse repo add app --path'],
    ['/board/workers', 'Nothing runs.'],
    ['/board/audit', 'Nothing matches.'],
    ['/board/alerts', 'gatehouse notify test'],
    ['/board/sessions', 'Nobody is logged in.'],
  ])('%s says the first step, or that all is quiet', async (path, words) => {
    expect(await pageOf(service, path)).toContain(words);
  });

  test('the first load is at most 100 kB as it travels, and its files are kept by the browser', async () => {
    const page = await pageOf(service, '/');
    const files = [...page.matchAll(/(?:src|href)="(\/[\w.]+\?v=[0-9a-f]+)"/g)].map(([, address = '']) => address);
    expect([...new Set(files.map((address) => address.split('?')[0]))].sort()).toEqual([
      '/board.css',
      '/board.js',
      '/favicon.svg',
    ]);
    let bytes = Buffer.byteLength(page);
    for (const address of new Set(files)) {
      const file = await ask(service, address, { token: null });
      expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      const again = await ask(service, address, {
        token: null,
        headers: { 'if-none-match': String(file.headers['etag']) },
      });
      expect(again.status).toBe(304);
      bytes += gzipSync(file.text).length;
    }
    expect(bytes).toBeLessThan(LIMIT);
  });

  test('no page has a script or a style of its own, and the policy lets none in', async () => {
    for (const path of ['/', '/board/work', '/board/repos', '/board/workers', '/board/audit', '/login']) {
      const told = await ask(service, path, { headers: { accept: 'text/html' } });
      expect(told.headers['content-security-policy']).toMatch(/^default-src 'none'.*frame-ancestors 'none'$/);
      expect(told.headers['content-security-policy']).not.toContain('unsafe');
      expect(told.text).not.toMatch(/<style|style="|<script>|\son\w+="/);
    }
  });
});

describe('a board where things happen', () => {
  let service: RunningService;
  let forge: Forge;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    service = await serviceForAll(join(scratchFolder(), 'data'));
    forge = await Forge.make(PROJECT, join(scratchFolder(), 'lib'));
    forge.push({ branch: 'red', from: 'main' }, { broken: '' });
    forge.push(
      { branch: 'secret', from: 'main' },
      { 'env.ts': `one\nexport const token = '${SECRET.join('')}';\nthree\n` },
    );
    forge.push({ branch: 'good', from: 'main' }, { 'a.txt': 'a' });
    for (const branch of ['first', 'second']) forge.push({ branch, from: 'main' }, { [branch]: branch });
    await register(service, forge.path, 'lib');
    for (const branch of ['good', 'red', 'secret']) ids[branch] = await enqueue(service, branch, 'lib');
    for (const id of Object.values(ids)) await atRest(service, id);
    await ask(service, '/pause', { body: { repo: 'lib' } });
    for (const branch of ['first', 'second']) ids[branch] = await enqueue(service, branch, 'lib');
  });

  test('the queue is in queue order, with place and reason; who needs a person and what landed stand beside it', async () => {
    const page = await pageOf(service, '/');
    const queue = textIn(page, 'data-live="queue-lib"');
    expect(queue).toMatch(/^1 first .*lib is paused.* 2 second .*lib is paused/);
    expect(queue).not.toContain('in under a minute');
    const people = textIn(page, 'data-live="people"');
    expect(people).toMatch(/kept out red .*green without it/);
    expect(people).toMatch(/kept out secret .*the change adds 1 secret/);
    expect(textIn(page, 'data-live="landed"')).toMatch(/^landed good/);
    expect(page.indexOf('red twice')).toBeGreaterThan(page.indexOf('Needs a person'));
  });

  test('a red change shows its runs side by side, what failed, its commands and its log', async () => {
    const page = await pageOf(service, `/board/tasks/${ids['red']}`);
    const story = textIn(page, 'data-live="timeline"');
    expect(story).toMatch(/queued .*security .*merge .*with it .*with it, again .*without it/);
    expect(story).toContain('the file broken is there');
    const [, job] = /href="\/board\/jobs\/(\d+)\/log"[^>]*>Log/.exec(page.slice(page.indexOf('with it, again'))) ?? [];
    const log = await pageOf(service, `/board/jobs/${job}/log`);
    expect(log).toContain('==&gt; branch-');
    expect(textIn(page, 'data-live="todo"')).toContain('Push a fix to the branch');
  });

  test('a finding shows the lines of code it is about, and no secret in them', async () => {
    const page = await pageOf(service, `/board/tasks/${ids['secret']}`);
    const code = /<pre[^>]*>(?:(?!<\/pre>)[\s\S])*?class="at"[\s\S]*?<\/pre>/.exec(page)?.[0] ?? '';
    expect(code.replace(/<[^>]+>/g, '')).toMatch(/1 one\n2 export const token = .*\n3 three/);
    expect(page).not.toContain(SECRET.join(''));
    expect(page).toContain('17-security-report.md');
    expect(await pageOf(service, /"(\/board\/tasks\/[^"]+\/reports\/\d+)"/.exec(page)?.[1] ?? '')).toContain(
      'security_status: FAIL',
    );
  });

  test('every task is listed, the newest first, over or not, in pages', async () => {
    const page = await pageOf(service, '/board/tasks?limit=3');
    const shown = [...page.matchAll(/href="\/board\/tasks\/(t-[\w-]+)"/g)].map(([, id]) => id);
    expect(shown).toEqual([ids['second'], ids['first'], ids['secret']]);
    const [, older = ''] = /href="(\/board\/tasks\?cursor=[^"]+)"/.exec(page) ?? [];
    expect(await pageOf(service, older)).toContain(`/board/tasks/${ids['good']}`);
    expect(page).toContain('3 of 5');
  });

  test('a repository shows how landing goes, in numbers beside the charts', async () => {
    const page = await pageOf(service, '/board/repos/lib');
    expect(textIn(page, 'data-live="numbers"')).toMatch(
      /in the queue 2 landed in 14 days 1 half land within .*runs that were red 50 %/,
    );
    expect(page).toContain(
      'Coverage after each of the last 1 landings: now 100.00 %, mark 100.00 %, tolerated loss 0.10 %.',
    );
    expect(page).toContain('Landings per day, 14 days: 1 in all, at most 1 on one day.');
    expect(await pageOf(service, '/board/repos')).toContain('/board/repos/lib');
  });

  test('the audit log is searched by who, what, where and any text, the newest first', async () => {
    const found = async (query: string) => {
      const page = await pageOf(service, `/board/audit?${query}`);
      return [...page.matchAll(/<summary class="small">\s*([\w-]+) (\d+), by/g)].map(([, kind, seq]) => [
        kind,
        Number(seq),
      ]);
    };
    expect((await found('kind=landing-answered')).map(([kind]) => kind)).toEqual(['landing-answered']);
    const ofRed = await found(`task=${ids['red']}`);
    expect(ofRed.at(-1)?.[0]).toBe('enqueued');
    expect(ofRed.map(([, seq]) => seq)).toEqual(
      ofRed.map(([, seq]) => seq).toSorted((one, other) => Number(other) - Number(one)),
    );
    expect(await found('text=green+without+it')).toHaveLength(1);
    expect(await found('actor=nobody')).toEqual([]);
    const hostile = await pageOf(service, '/board/audit?text=%22%3E%3Cimg%20src=x%3E');
    expect(hostile).not.toContain('<img src=x');
  });

  test('a bearer token reads and gets no button; what is not there is a page that says so', async () => {
    const page = await pageOf(service, `/board/tasks/${ids['red']}`);
    expect(page).not.toMatch(/<form method="post"|Override…|Stop…/);
    const missing = await ask(service, '/board/tasks/t-nobody', { headers: { accept: 'text/html' } });
    expect([missing.status, missing.headers['content-type']]).toEqual([404, 'text/html; charset=UTF-8']);
    expect(missing.text).toContain('no task is called');
    const asProgram = await ask(service, '/board/tasks/t-nobody');
    expect(asProgram.headers['content-type']).toBe('application/problem+json');
    expect(page).not.toContain(ownToken(service));
  });
});

test('a page that follows changes is told that something changed, and nothing of it', async () => {
  const service = await serviceOn(join(scratchFolder(), 'data'));
  const { store } = service.context;
  await store.appendEvent({ repoId: null, taskId: null, kind: 'x', body: { secret: 1 }, actor: 'a', at: Date.now() });
  const stream = await fetch(`${service.url}/events?as=changes`, {
    headers: { authorization: `Bearer ${ownToken(service)}` },
  });
  const reader = stream.body?.getReader();
  let text = '';
  while (!text.includes('id:')) text += Buffer.from((await reader?.read())?.value ?? []).toString('utf8');
  await reader?.cancel();
  expect(text.trim().split('\n')).toEqual([
    expect.stringMatching(/^retry: \d+$/),
    '',
    'data: {"repo":null,"task":null}',
    'id: 1',
  ]);
});
