// A storm of webhooks on the whole service, over HTTP: each delivery is signed, most are about a few pull requests, some are sent twice,
// some carry a wrong signature. Meanwhile a task of a repository on this machine is queued, and its gates have to go on.
//   node soak/webhook-storm.mjs [--help] [--deliveries 10000] [--seed 1]
// Prints what was answered, how long the inbox took to be worked off, and how far the memory grew; ends with 1 when a delivery was
// answered wrongly, or no gate answered for the task meanwhile. Needs a build. Three minutes on two busy cores.
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parseSettings, silentLog, startService } from '../dist/testing.js';

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    deliveries: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
if (values.help) {
  const head = readFileSync(new URL(import.meta.url), 'utf8').split('\n');
  process.stdout.write(
    `${head
      .filter((line) => line.startsWith('//'))
      .map((line) => line.slice(3))
      .join('\n')}\n`,
  );
  process.exit(0);
}

const SECRET = 'of the storm';
const CONCURRENT = 32;
let state = Number(values.seed) >>> 0;
/** mulberry32 */
const below = (sides) => {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
};

const folder = mkdtempSync(join(tmpdir(), 'webhook-storm-'));
const bare = join(folder, 'forge.git');
const git = (...args) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.invalid', ...args], { encoding: 'utf8' });
git('init', '-q', '-b', 'main', join(folder, 'work'));
const work = (...args) => git('-C', join(folder, 'work'), ...args);
work('commit', '-q', '--allow-empty', '-m', 'the beginning');
git('clone', '-q', '--bare', join(folder, 'work'), bare);
work('checkout', '-q', '-b', 'feature/x');
execFileSync('sh', ['-c', 'echo a > a.txt'], { cwd: join(folder, 'work') });
work('add', '.');
work('commit', '-q', '-m', 'a change');
work('push', '-q', bare, 'feature/x');

const read = parseSettings({
  ORCH_DATA_DIR: join(folder, 'data'),
  ORCH_PORT: '0',
  ORCH_POLL_S: '0.5',
  ORCH_GITHUB_WEBHOOK_SECRET: SECRET,
  ORCH_COVERAGE_ENABLED: 'false',
  ORCH_MERGE_GATE_ENABLED: 'false',
});
const service = await startService(read.settings, silentLog);
const { store } = service.context;
const atMs = Date.now();
await store.addRepo({ id: 'app', url: bare, forge: 'local', main: 'main', profile: 'gates-only', atMs });
const elsewhere = { id: 'outside', url: 'https://github.com/team/app.git', forge: 'local', main: 'main' };
await store.addRepo({ ...elsewhere, profile: 'gates-only', atMs });

const token = readFileSync(join(folder, 'data', 'api-token'), 'utf8').trim();
const deliver = async (index) => {
  const number = below(20) === 0 ? index : below(10);
  const body = JSON.stringify({
    action: 'synchronize',
    number: number + 1,
    nonce: below(20) === 0 ? 'twice' : index,
    repository: { html_url: 'https://github.com/team/app' },
    padding: 'x'.repeat(below(20_000)),
  });
  const isForged = below(50) === 0;
  const signature = createHmac('sha256', isForged ? 'another' : SECRET)
    .update(body)
    .digest('hex');
  const response = await fetch(`${service.url}/webhooks/github`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-hub-signature-256': `sha256=${signature}`,
    },
  });
  await response.arrayBuffer();
  // Many forged ones make their sender wait.
  return [response.status === 429 ? 401 : response.status, isForged ? 401 : 202];
};

const deliveries = Number(values.deliveries);
const answers = new Map();
let [wrong, next, largest] = [0, 0, 0];
const before = process.memoryUsage.rss();
const started = performance.now();
const sender = async () => {
  while (next < deliveries) {
    next += 1;
    const [status, expected] = await deliver(next);
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (status !== expected) wrong += 1;
    largest = Math.max(largest, process.memoryUsage.rss());
  }
};
const queue = async () => {
  const response = await fetch(`${service.url}/tasks`, {
    method: 'POST',
    body: JSON.stringify({ repo: 'app', branch: 'feature/x' }),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  });
  return (await response.json()).id;
};
const id = await queue();
await Promise.all(Array.from({ length: CONCURRENT }, sender));
const sentMs = performance.now() - started;
const judgedDuring = (await store.gateRuns({ taskId: id })).length;
while ((await store.pendingInbox(1)).length > 0) await sleep(50);
const doneMs = performance.now() - started;
await service.stop();
rmSync(folder, { recursive: true, force: true });

const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
process.stdout.write(
  [
    `${deliveries} deliveries in ${(sentMs / 1000).toFixed(1)} s, worked off ${((doneMs - sentMs) / 1000).toFixed(1)} s later`,
    `answers: ${[...answers].map(([status, count]) => `${count} x ${status}`).join(', ')}; ${wrong} of them not as they should be`,
    `memory: ${mib(before)} before, ${mib(largest)} at most`,
    `gates that answered for the queued task meanwhile: ${judgedDuring}`,
    '',
  ].join('\n'),
);
process.exitCode = wrong === 0 && judgedDuring > 0 ? 0 : 1;
