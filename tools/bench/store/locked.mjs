/**
 * How long the service stands still while another process has its database locked: the longest delay of the event loop, the
 * slowest /healthz, and what a stop that is asked for meanwhile does. Prints one line; shows nothing about slow disks.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const HELP = `usage: node store/locked.mjs [--seconds 15] [--writers 20] [--checkout DIR]
  --seconds N    how long the lock is held
  --writers N    requests that have to write and wait meanwhile
  --checkout DIR a built checkout [this one]`;
const words = process.argv.slice(2);
const option = (name, otherwise) => (words.includes(name) ? words[words.indexOf(name) + 1] : otherwise);
if (words.includes('--help')) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const seconds = Number(option('--seconds', '15'));
const writers = Number(option('--writers', '20'));
const checkout = resolve(option('--checkout', join(import.meta.dirname, '../../..')));
const door = join(checkout, 'apps/orchestrator/dist/testing.js');
const { startService, parseSettings, silentLog } = await import(pathToFileURL(door).href);

const root = mkdtempSync(join(tmpdir(), 'bench-locked-'));
const git = (...args) => execFileSync('git', ['-C', root, '-c', 'user.email=b@b', '-c', 'user.name=b', ...args]);
mkdirSync(join(root, 'data'));
git('init', '-q', '-b', 'main', 'work');
writeFileSync(join(root, 'work/gatehouse.yaml'), 'version: 1\ntest: { command: sleep 600, timeout: 900s }\n');
git('-C', 'work', 'add', '.');
git('-C', 'work', 'commit', '-qm', 'first');
for (let n = 0; n <= writers; n += 1) {
  git('-C', 'work', 'checkout', '-q', '-b', `b${n}`, 'main');
  writeFileSync(join(root, `work/f${n}`), String(n));
  git('-C', 'work', 'add', '.');
  git('-C', 'work', 'commit', '-qm', `b${n}`);
}
git('clone', '-q', '--bare', 'work', 'forge.git');

const dataDir = join(root, 'data');
const read = parseSettings({ ORCH_DATA_DIR: dataDir, ORCH_PORT: '0', ORCH_POLL_S: '1', ORCH_STOP_GRACE_S: '1' });
const service = await startService(read.settings, silentLog);
if (service.kind !== 'running') throw new Error(service.problem);
const token = readFileSync(join(dataDir, 'api-token'), 'utf8').trim();
const ask = async (path, body) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
  const answer = await fetch(`${service.url}${path}`, init);
  return { status: answer.status, json: await answer.json() };
};
await ask('/repos', { id: 'app', path: join(root, 'forge.git') });
const id = (await ask('/tasks', { repo: 'app', branch: 'b0' })).json.id;
while ((await service.context.store.leasedCounts()).length === 0) await pause(50);

const locker = spawn(
  process.execPath,
  [
    '--input-type=module',
    '-e',
    `import { createRequire } from 'node:module';
   const Database = createRequire(${JSON.stringify(door)})('better-sqlite3');
   const other = new Database(${JSON.stringify(join(dataDir, 'gatehouse.db'))});
   other.exec('BEGIN IMMEDIATE');
   process.stdout.write('held');
   setTimeout(() => { other.exec('COMMIT'); process.exit(0); }, ${seconds * 1000});`,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
await new Promise((held) => locker.stdout.once('data', held));
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let [isHeld, endedAt] = [true, 0];
locker.once('exit', () => {
  isHeld = false;
  endedAt = performance.now();
});
const stopped = ask(`/tasks/${id}/stop`, { reason: 'bench' }).then(({ status }) => ({ status, at: performance.now() }));
const enqueued = Array.from({ length: writers }, (_, n) => ask('/tasks', { repo: 'app', branch: `b${n + 1}` }));
let slowest = 0;
let asked = 0;
while (isHeld) {
  const from = performance.now();
  await ask('/healthz');
  slowest = Math.max(slowest, performance.now() - from);
  asked += 1;
  await pause(20);
}
const stop = await stopped;
const taken = (await Promise.all(enqueued)).filter(({ status }) => status === 201).length;
delay.disable();
const ms = (value) => `${value.toFixed(0)} ms`;
process.stdout.write(
  `lock held ${seconds} s: longest stall ${ms(delay.max / 1e6)}, slowest of ${asked} /healthz ${ms(slowest)}, ` +
    `stop answered ${stop.status} ${ms(stop.at - endedAt)} after the lock ended, ${taken} of ${writers} branches taken\n`,
);
await service.stop();
rmSync(root, { recursive: true, force: true, maxRetries: 5 });
