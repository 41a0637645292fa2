/**
 * Takes the picture of the board that the README shows: a real service with real landings, a red branch, a secret that was kept out,
 * one branch at its test and two behind it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseSettings, silentLog, startService } from '../../apps/orchestrator/dist/testing.js';

const HELP = `Usage: node tools/docs/board-picture.mjs [--out FILE] [--dark] [--width N]

  --out FILE  PNG to write [docs/board.png]
  --dark      in the dark theme
  --width N   of the window, in pixels [1120]

Needs a built checkout, git and Chromium. Half a minute.
`;
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: fileURLToPath(new URL('../../docs/board.png', import.meta.url)) },
    dark: { type: 'boolean', default: false },
    width: { type: 'string', default: '1120' },
    help: { type: 'boolean', default: false },
  },
});
const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const { chromium } = createRequire(new URL('../../apps/orchestrator/package.json', import.meta.url))('playwright-core');

/** Waits for `slow` as long as the picture needs; ends by itself when the service is stopped. */
const CHECK =
  'if [ -e slow ]; then sleep 300; fi\nif [ -e broken ]; then echo "not ok 1 - totals add up"; else echo "ok 1 - totals add up"; fi\necho "1..1"\n[ ! -e broken ]\n';
const POLICY = 'version: 1\ntest: { command: sh check.sh, min_tests: 1 }\n';
const SECRET = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
const AT_REST = [
  ['feature/greet-by-name', { 'greet.txt': 'hello\n' }],
  ['fix/rounding-of-totals', { 'round.txt': 'half even\n' }],
  ['feature/currency-symbols', { broken: '' }],
  ['chore/deploy-keys', { 'deploy.env': `GITHUB_TOKEN=${SECRET}\n` }],
];
const QUEUED = [
  ['feature/export-as-csv', { slow: '' }],
  ['fix/empty-cart', { 'cart.txt': 'empty\n' }],
  ['docs/how-to-refund', { 'refund.md': 'ask\n' }],
];

/** A bare repository with main and a branch for each row. */
function makeForge(folder) {
  const file = (path, text) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
  const commit = (ref, message, files) =>
    `commit refs/heads/${ref}\ncommitter Ann <ann@example.invalid> ${Math.floor(Date.now() / 1000)} +0000\ndata ${Buffer.byteLength(message)}\n${message}\n${files}`;
  const all = (files) =>
    Object.entries(files)
      .map(([path, text]) => file(path, text))
      .join('');
  const main = commit('main', 'a shop', all({ 'check.sh': CHECK, 'gatehouse.yaml': POLICY }));
  const rows = [...AT_REST, ...QUEUED].map(([branch, files]) =>
    commit(branch, branch, `from refs/heads/main\n${all(files)}`),
  );
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', folder]);
  execFileSync('git', ['-C', folder, 'fast-import', '--quiet'], { input: [main, ...rows].join('\n') });
}

async function takePicture(scratch) {
  const [forge, dataDir] = [join(scratch, 'shop.git'), join(scratch, 'data')];
  makeForge(forge);
  const read = parseSettings({ ORCH_DATA_DIR: dataDir, ORCH_PORT: '0', ORCH_STOP_GRACE_S: '0.5' });
  const service = await startService(read.settings, silentLog);
  if (service.kind !== 'running') throw new Error(service.problem);
  try {
    const token = readFileSync(join(dataDir, 'api-token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const ask = async (path, body) => {
      const asked = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
      const answer = await fetch(`${service.url}${path}`, asked);
      if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
      return answer.json();
    };
    const until = async (path, isSo) => {
      while (!isSo(await ask(path))) await pause(200);
    };
    await ask('/repos', { id: 'shop', path: forge });
    for (const [branch] of AT_REST) {
      const { id } = await ask('/tasks', { repo: 'shop', branch });
      await until(`/tasks/${id}`, ({ stage, status }) => stage === 'done' || status === 'blocked');
    }
    const queued = [];
    for (const [branch] of QUEUED) queued.push((await ask('/tasks', { repo: 'shop', branch })).id);
    await until(`/tasks/${queued[0]}`, ({ step }) => step === 'check_branch_mergeable');
    await shoot(service.url, token);
  } finally {
    await service.stop();
  }
}

async function shoot(url, token) {
  const executablePath = PROGRAMS.find((path) => existsSync(path)) ?? 'chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const colorScheme = values.dark ? 'dark' : 'light';
  const page = await browser.newPage({ viewport: { width: Number(values.width), height: 600 }, colorScheme });
  await page.goto(`${url}/`);
  await page.fill('#token', token);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#live[data-at=open]');
  await page.screenshot({ path: values.out, fullPage: true });
  await browser.close();
}

if (values.help) process.stdout.write(HELP);
else {
  const scratch = mkdtempSync(join(tmpdir(), 'gatehouse-picture-'));
  try {
    await takePicture(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}
