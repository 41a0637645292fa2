// The board with many tasks, in a real browser: how long an update keeps its main thread, whether anything moves, what axe finds in both
// themes and at two widths, and a picture of each page to look at.
//   node soak/board-at-large.mjs [--help] [--tasks 1000] [--updates 20] [--updates-only] [--pictures DIRECTORY]
// Prints what an update costs the main thread in CPU, all of it (parsing, script, style, layout, paint), the time that the script took, and
// every violation; ends with 1 when the CPU of an update is 50 ms or more (median or 95th percentile), something moved, or axe found
// something. The time is of the machine's other load, too, and fails nothing. Needs a build and Chromium. Two minutes on two busy cores.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { parseSettings, silentLog, startService } from '../dist/testing.js';

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    tasks: { type: 'string', default: '1000' },
    updates: { type: 'string', default: '20' },
    'updates-only': { type: 'boolean', default: false },
    pictures: { type: 'string', default: '' },
  },
});
if (values.help) {
  const head = readFileSync(new URL(import.meta.url), 'utf8').split('\n');
  const lines = head.filter((line) => line.startsWith('//')).map((line) => line.slice(3));
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exit(0);
}

const LIMIT_MS = 50;
const folder = mkdtempSync(join(tmpdir(), 'board-at-large-'));
const [bare, dataDir] = [join(folder, 'app.git'), join(folder, 'data')];
execFileSync('git', ['init', '-q', '--bare', '-b', 'main', bare]);
execFileSync('git', ['-C', bare, 'fast-import', '--quiet'], {
  input:
    'commit refs/heads/main\ncommitter a <a@example.invalid> 1790000000 +0000\ndata 1\nx\nM 100644 inline f\ndata 1\nx\n',
});

const read = parseSettings({ ORCH_DATA_DIR: dataDir, ORCH_PORT: '0' });
const service = await startService(read.settings, silentLog);
if (service.kind !== 'running') throw new Error(service.problem);
const token = readFileSync(join(dataDir, 'api-token'), 'utf8').trim();
const post = async (path, body) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${service.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return answer.json();
};
await post('/repos', { id: 'app', path: bare });
await post('/pause', { repo: 'app' });
const { store, engine } = service.context;
const ids = Array.from({ length: Number(values.tasks) }, (_, at) => `t-${at + 1}`);
// By the store: over HTTP each is asked of the forge first.
for (const [at, id] of ids.entries()) {
  const branch = `feature/T-${at + 1}-change-number-${at + 1}`;
  const task = { id, repoId: 'app', profile: 'gates-only', branch, key: id, title: branch, headSha: 'a'.repeat(40) };
  await store.addTask({ ...task, actor: 'soak', atMs: Date.now() }, engine);
}
console.log(`${ids.length} tasks are queued`);

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const browser = await chromium.launch({ executablePath: program ?? 'chromium', args: ['--no-sandbox'] });
const enter = async (how) => {
  const page = await (await browser.newContext(how)).newPage();
  await page.addInitScript(`
    globalThis.seen = { took: [], moved: 0 };
    new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) seen.moved += 1; }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((list) => { for (const one of list.getEntries()) seen.took.push(one.duration); }).observe({ type: 'measure' });`);
  await page.goto(`${service.url}/`);
  await page.fill('#token', token);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#menu');
  return page;
};

const failures = [];
const page = await enter({ viewport: { width: 1280, height: 900 } });
await page.waitForSelector('#live[data-at=open]');
await page.mouse.move(5, 600);
const debugging = await page.context().newCDPSession(page);
await debugging.send('Performance.enable', { timeDomain: 'threadTicks' });
const PARTS = ['TaskDuration', 'ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'];
/** CPU of the page's main thread so far, ms. */
const spent = async () => {
  const { metrics } = await debugging.send('Performance.getMetrics');
  return PARTS.map((part) => 1000 * (metrics.find(({ name }) => name === part)?.value ?? Number.NaN));
};
const costs = [];
for (let at = 0; at < Number(values.updates); at++) {
  const before = await page.evaluate('seen.took.length');
  const from = await spent();
  await post(`/tasks/${ids[at]}/stop`, {});
  while ((await page.evaluate('seen.took.length')) <= before) await sleep(250);
  // What was put in place is painted by then.
  await page.evaluate('new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))');
  costs.push((await spent()).map((ms, part) => ms - from[part]));
}
const { took, moved } = await page.evaluate('seen');
const sorted = took.toSorted((one, other) => one - other);
const [median = 0, longest = 0] = [sorted[sorted.length >> 1], sorted.at(-1)];
const cpuOf = (part, share) =>
  costs.map((cost) => cost[part]).sort((one, other) => one - other)[Math.floor(share * (costs.length - 1))] ?? 0;
for (const [part, name] of PARTS.entries())
  console.log(
    `${name}: median ${cpuOf(part, 0.5).toFixed(1)}, 95th ${cpuOf(part, 0.95).toFixed(1)} ms of CPU for an update`,
  );
console.log(
  `${took.length} updates, time of the script: median ${median.toFixed(1)} ms, longest ${longest.toFixed(1)} ms; ${moved} things moved`,
);
for (const share of [0.5, 0.95])
  if (cpuOf(0, share) >= LIMIT_MS) failures.push(`an update cost ${cpuOf(0, share).toFixed(1)} ms of the main thread`);
if (moved > 0) failures.push(`${moved} things moved`);

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const paths = [
  '/',
  '/board/work',
  '/board/repos',
  '/board/repos/app',
  '/board/workers',
  '/board/audit',
  '/board/alerts',
  '/board/tasks',
  '/board/sessions',
  `/board/tasks/${ids.at(-1)}`,
  `/board/tasks/${ids.at(-1)}/stop`,
  '/login',
];
if (values.pictures !== '') mkdirSync(values.pictures, { recursive: true });
for (const colorScheme of values['updates-only'] ? [] : ['light', 'dark'])
  for (const width of [1280, 390]) {
    const seen = await enter({ viewport: { width, height: 900 }, colorScheme });
    for (const path of paths) {
      await seen.goto(`${service.url}${path}`);
      await seen.evaluate(axe);
      const violations = await seen.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes[0].html))',
      );
      failures.push(...violations.map((violation) => `${colorScheme} ${width} ${path}: ${violation}`));
      const name = `${path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'queue'}-${colorScheme}-${width}.png`;
      if (values.pictures !== '') await seen.screenshot({ path: join(values.pictures, name) });
    }
    await seen.context().close();
  }
if (!values['updates-only']) console.log(`axe looked at ${paths.length} pages in two themes at two widths`);
await browser.close();
await service.stop();
await sleep(100);
rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
for (const failure of failures) console.log(`FAILED: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
