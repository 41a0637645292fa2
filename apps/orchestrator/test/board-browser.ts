/** A real browser in front of the board, and what it complained about. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Door } from './live-gatehouse.ts';
import { ownToken } from './live-gatehouse.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** What axe found, one line each. */
interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

export function openBrowser(): Promise<Browser> {
  const executablePath = PROGRAMS.find((path) => existsSync(path)) ?? 'chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export interface Look {
  readonly width: number;
  readonly theme: 'light' | 'dark';
  /** [true] */
  readonly script?: boolean;
}

export interface Visit {
  readonly page: Page;
  /** Errors of the console and of scripts, violations of the policy, requests to elsewhere. */
  readonly complaints: string[];
  /** How far things moved that nobody moved, since the last question. */
  readonly shifts: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** A person who has logged in with the keyboard. */
export async function visit(browser: Browser, service: Door, { width, theme, script = true }: Look): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: theme,
    javaScriptEnabled: script,
  });
  // Only ends a hung run: no test may depend on how fast the machine is.
  context.setDefaultTimeout(600_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(service.url)) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  if (script) await page.addInitScript(WATCH_SHIFTS);
  await page.goto(`${service.url}/`);
  await page.waitForSelector('#token:focus');
  await page.keyboard.type(ownToken(service));
  await page.keyboard.press('Enter');
  await page.waitForSelector('#menu');
  return {
    page,
    complaints,
    shifts: () => page.evaluate<string[]>('shifts.splice(0)'),
    close: () => context.close(),
  };
}

/** Runs in the page, before anything of it does. */
const WATCH_SHIFTS = `
  globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, value, sources } of list.getEntries())
      if (!hadRecentInput) shifts.push(value + ': ' + sources.map(({ node }) => node?.nodeName + ' ' + node?.textContent.slice(0, 60)).join(' | '));
  }).observe({ type: 'layout-shift', buffered: true });`;

/** Every violation that axe finds on the page, with the elements it is about. */
export async function axe(page: Page): Promise<readonly string[]> {
  // Through the debugger: the page's own policy lets no such script in.
  await page.evaluate(AXE);
  const violations = await page.evaluate<AxeViolation[]>('axe.run().then(({ violations }) => violations)');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}\n${failureSummary}`),
  );
}
