/** No secret in a word that others chose stays readable, wherever the word stands. */

import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { jsonLog } from '../src/platform/logger.ts';
import { maskKnown, maskWords } from '../src/platform/mask-words.ts';
import type { RunningService } from '../src/running-service.ts';
import { ask, atRest, enqueue, ownToken, register, serviceForAll } from './live-gatehouse.ts';
import { rawConnection } from './raw-socket.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

/** Put together here: it must not stand in this file. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
const drawn = (): string =>
  ['gh', 'p_', ...Array.from({ length: 36 }, () => LETTERS[Math.floor(Math.random() * LETTERS.length)])].join('');

describe('a text', () => {
  test('keeps what is no secret, to the letter', async () => {
    const text = `{"at":"2026-11-29T20:38:54.283Z","sha":"${'a1b2c3d4'.repeat(5)}","branch":"feature/ABC-12-sort-the-list"}`;
    expect(await maskWords(text)).toBe(text);
    expect(maskKnown(text)).toBe(text);
  });

  test.each([
    ['alone', (secret: string) => secret],
    ['in the name of a branch', (secret: string) => `feature/${secret}-x`],
    ['behind a line end', (secret: string) => `x\n${secret}`],
    ['behind a character that is shown as an escape', (secret: string) => `x\u0001${secret}\u001b`],
    ['in an address', (secret: string) => `https://somebody:${secret}@example.invalid/x`],
    ['behind other letters', (secret: string) => `größe ${secret}, twice ${secret}`],
  ])('loses a secret %s, as JSON too, and stays JSON', async (_where, put) => {
    const secret = drawn();
    expect(await maskWords(put(secret))).not.toContain(secret);
    const masked = await maskWords(JSON.stringify({ title: put(secret), more: [put(secret)] }));
    expect(masked).not.toContain(secret);
    expect(JSON.parse(masked)).toMatchObject({ title: expect.stringContaining('***') });
  });

  test('a word is searched once', async () => {
    const secret = drawn();
    expect(maskKnown(`of ${secret}`)).toBeNull();
    await maskWords(secret);
    expect(maskKnown(`of ${secret}`)).toBe(`of ${'*'.repeat(40)}`);
  });

  test('lines of a log come in order, with no secret', async () => {
    const lines: string[] = [];
    const log = jsonLog((line) => lines.push(line));
    const secret = drawn();
    log.info('first', { branch: `feature/${secret}` });
    log.warn('second', { n: 2 });
    await log.settled();
    expect(lines.length).toBe(2);
    log.error('third');
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      'first',
      'second',
      'third',
    ]);
    expect(lines.join('')).not.toContain(secret);
    expect(lines[0]).toContain('feature/****');
  });
});

describe('a branch and a title that hold a secret', () => {
  const [inBranch, inTitle, inReason] = [drawn(), drawn(), drawn()];
  /** No secret by its looks: the words around it say so. */
  const inWords = `Rq7${drawn().slice(-11)}`;
  let service: RunningService;
  let id: string;
  beforeAll(async () => {
    const folder = scratchFolder();
    const forge = await Forge.make(PROJECT, folder);
    service = await serviceForAll(join(folder, 'data'));
    forge.push({ branch: `feature/${inBranch}`, from: 'main' }, { 'x.txt': 'x\n' });
    forge.push({ branch: 'plain', from: 'main' }, { 'y.txt': 'y\n' });
    await register(service, forge.path);
    const added = await ask(service, '/tasks', {
      body: { repo: 'app', branch: `feature/${inBranch}`, title: `use ${inTitle}, password = "${inWords}"` },
    });
    expect(added.status).toBe(201);
    id = (added.json as { id: string }).id;
    await atRest(service, id);
    await atRest(service, await enqueue(service, 'plain'));
    const stopped = await ask(service, `/tasks/${id}/stop`, { body: { reason: `it has ${inReason}` } });
    expect(stopped.status).toBe(200);
  });
  const expectNone = (where: string, text: string): void => {
    for (const secret of [inBranch, inTitle, inReason, inWords])
      expect([where, text.includes(secret)]).toEqual([where, false]);
  };

  test('are shown without it by every list, page, and event', async () => {
    const lists = ['/queue', '/tasks', `/tasks/${id}`, `/tasks/${id}/events`, '/repos', '/leases', '/notifications'];
    for (const path of [...lists, '/coverage']) expectNone(path, (await ask(service, path)).text);
    expect((await ask(service, `/tasks/${id}`)).json).toMatchObject({
      branch: `feature/${'*'.repeat(40)}`,
      title: expect.stringMatching(/^use \*{40}/),
    });
    const pages = ['/', '/board/work', '/board/tasks', `/board/tasks/${id}`, '/board/repos'];
    for (const path of [...pages, '/board/repos/app', '/board/audit', '/board/alerts', '/board/workers']) {
      const page = await ask(service, path, { headers: { accept: 'text/html' } });
      expect([path, page.status]).toEqual([path, 200]);
      expectNone(path, page.text);
    }
    const again = await ask(service, '/tasks', { body: { repo: 'app', branch: `feature/${inBranch}x` } });
    expect(again.status).toBe(404);
    expectNone('a refusal', again.text.replaceAll(`feature/${inBranch}x`, ''));
  });

  test('are shown without it by the stream of events', async () => {
    const stream = await rawConnection(service.url);
    stream.send(
      `GET /events?since=0 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${ownToken(service)}\r\n\r\n`,
    );
    await stream.came(/stop/);
    stream.socket.destroy();
    expect(stream.text()).toContain(id);
    expectNone('the stream', stream.text());
  });
});
