/** The board in a real browser: it moves by itself and moves nothing that is read, it can be used by keyboard and read by everybody. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { RunningService } from '../src/running-service.ts';
import { axe, type Look, openBrowser, type Visit, visit } from './board-browser.ts';
import { askFor, fullProfile, GOOD, registerFull } from './full-profile.ts';
import { ask, atRest, enqueue, register, serviceForAll, taskOf, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { describeWhole } from './tool-tests.ts';

const HOSTILE = 'x/<img/src=x/onerror=alert(1)>&"quote"';

describeWhole('the board in a browser', () => {
  let browser: Browser;
  let service: RunningService;
  let red: string;
  let asking: string;
  const visits: Visit[] = [];
  const look = async (how: Look): Promise<Visit> => {
    const one = await visit(browser, service, how);
    visits.push(one);
    return one;
  };
  afterEach(async () => {
    for (const one of visits.splice(0)) await one.close();
  });

  beforeAll(async () => {
    browser = await openBrowser();
    const full = await fullProfile({ analyst: GOOD.analyst });
    service = await serviceForAll(full.folder);
    await registerFull(service, full);
    const forge = await Forge.make(PROJECT, join(scratchFolder(), 'lib'));
    forge.push({ branch: 'red', from: 'main' }, { broken: '' });
    forge.push({ branch: HOSTILE, from: 'main' }, { 'hostile.txt': 'hostile' });
    for (const branch of ['good', 'late', 'stopped', 'unscripted'])
      forge.push({ branch, from: 'main' }, { [`${branch}.txt`]: branch });
    await register(service, forge.path, 'lib');
    asking = await askFor(service);
    red = await enqueue(service, 'red', 'lib');
    expect((await atRest(service, red)).status).toBe('blocked');
    await ask(service, '/pause', { body: { repo: 'lib' } });
    await until('a person is asked', async () => (await taskOf(service, asking)).status === 'waiting');
  });
  afterAll(() => browser.close());

  const isLive = (page: Visit['page']) => page.waitForSelector('#live[data-at=open]');

  test('it moves by itself, and nothing that is read moves', async () => {
    const { page, shifts, complaints } = await look({ width: 1280, theme: 'light' });
    await isLive(page);
    await page.mouse.move(5, 500);
    const good = await enqueue(service, 'good', 'lib');
    await page.waitForSelector(`[data-live=queue-lib] [data-key=${good}]`);
    expect(await shifts()).toEqual([]);
    await page.hover('[data-live=queue-lib]');
    const late = await enqueue(service, 'late', 'lib');
    await page.waitForSelector('#live button');
    expect(await page.locator(`[data-key=${late}]`).count()).toBe(0);
    await page.keyboard.press('r');
    await page.waitForSelector(`[data-key=${late}]`);
    await page.mouse.move(5, 500);
    expect(await page.locator('[data-live=queue-lib] .pos').allTextContents()).toEqual(['1', '2']);
    await shifts();
    await ask(service, '/resume', { body: { repo: 'lib' } });
    for (const id of [good, late]) await page.waitForSelector(`[data-live=landed] [data-key=${id}]`);
    expect(await page.locator('[data-live=queue-lib]').textContent()).toContain('Nothing waits');
    expect(await shifts()).toEqual([]);
    expect(complaints).toEqual([]);
    await ask(service, '/pause', { body: { repo: 'lib' } });
  });

  test('a hostile branch name is text', async () => {
    const id = await enqueue(service, HOSTILE, 'lib');
    const { page, complaints } = await look({ width: 1280, theme: 'dark' });
    for (const path of ['/', `/board/tasks/${id}`, `/board/tasks/${id}/stop`]) {
      await page.goto(`${service.url}${path}`);
      expect(await page.locator('main').textContent()).toContain(HOSTILE);
      expect(await page.locator('main img').count()).toBe(0);
    }
    expect(complaints).toEqual([]);
    await ask(service, `/tasks/${id}/stop`, { body: {} });
    await atRest(service, id);
  });

  test.each([
    { width: 1280, theme: 'light', script: false },
    { width: 1280, theme: 'light', script: true },
    { width: 390, theme: 'dark', script: true },
  ] as const)('what a yes is asked for can be read: $theme at $width, script $script', async (view) => {
    const { page, complaints } = await look(view);
    await page.goto(`${service.url}/board/tasks/${asking}`);
    expect(await page.locator('[data-live=papers] pre').textContent()).toContain('understood');
    // It is asked by a script.
    if (view.script) expect(await axe(page)).toEqual([]);
    expect(await page.locator('a[href="#papers"]').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('a task is approved and stopped, and the keys are listed, by keyboard', async () => {
    const { page, complaints } = await look({ width: 1280, theme: 'light' });
    const id = await enqueue(service, 'stopped', 'lib');
    await page.goto(`${service.url}/?repo=lib`);
    await isLive(page);
    await page.keyboard.press('?');
    expect(await page.locator('dialog[open]').textContent()).toContain('next entry');
    // The next key counts, however soon it comes.
    await page.evaluate(`
      document.getElementById('keys').close();
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));`);
    await page.waitForSelector('main li a:focus');
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('?');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'hidden' });
    await page.keyboard.press('j');
    await page.waitForSelector(`[data-key=${id}] a:focus`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${service.url}/board/tasks/${id}`);
    await reach(page, 'Stop…');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/stop$/);
    await page.keyboard.type('not wanted');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${service.url}/board/tasks/${id}`);
    expect((await atRest(service, id)).stop).toMatchObject({ by: 'api-token', reason: 'not wanted' });
    await page.goto(`${service.url}/board/tasks/${asking}`);
    await reach(page, 'Say yes');
    await page.keyboard.press('Enter');
    await until('the approval counts', async () => (await taskOf(service, asking)).stage !== 'analysis');
    expect(complaints).toEqual([]);
  });

  test('without script everything can be read and done', async () => {
    const id = await enqueue(service, 'unscripted', 'lib');
    const { page } = await look({ width: 1280, theme: 'light', script: false });
    await page.click('text=unscripted');
    await page.click('text=Stop…');
    await page.click('text=Stop it');
    await page.waitForURL(`${service.url}/board/tasks/${id}`);
    expect(await page.locator('h1').textContent()).toBe('unscripted');
    expect((await taskOf(service, id)).stop).toMatchObject({ reason: 'no reason was given' });
    await page.goto(`${service.url}/board/tasks/${red}`);
    await page.click('summary:has-text("What it said") >> nth=0');
  });

  test.each([
    { width: 1280, theme: 'light' },
    { width: 390, theme: 'dark' },
  ] as const)('every page can be read by everybody: $theme at $width', async ({ width, theme }) => {
    const { page, complaints } = await look({ width, theme });
    const merge = (await service.context.store.listJobs({ taskId: red })).find(({ step }) => /mergeable/.test(step));
    const paths = [
      ...['/', '/?repo=lib', '/board/work', '/board/repos', '/board/repos/lib', '/board/workers', '/board/audit'],
      ...['/board/alerts', '/board/tasks', '/board/sessions', `/board/tasks/${red}`, `/board/tasks/${asking}`],
      ...[`/board/tasks/${red}/stop`, `/board/tasks/${red}/override`, `/board/jobs/${merge?.id}/log`, '/login'],
    ];
    const found: string[] = [];
    for (const path of paths) {
      expect((await page.goto(`${service.url}${path}`))?.status()).toBe(200);
      found.push(...(await axe(page)).map((violation) => `${path} ${violation}`));
      const isTooWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
      if (isTooWide) found.push(`${path} is wider than the screen`);
    }
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

/** Goes to a link or button with the tab key. */
async function reach(page: Visit['page'], words: string): Promise<void> {
  for (let count = 0; count < 40; count++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>('document.activeElement.textContent.trim()');
    if (focused === words) return;
  }
  throw new Error(`the tab key does not reach ${words}`);
}
