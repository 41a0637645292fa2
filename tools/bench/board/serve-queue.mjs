// One of the servers of the benchmark `queue`, in a process of its own: the whole service with N tasks that wait, or a Hono app that says
// hello, or as many bytes as it is asked for.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [, , kind, count, checkout = fileURLToPath(new URL('../../..', import.meta.url))] = process.argv;
const ORCHESTRATOR = pathToFileURL(join(checkout, 'apps/orchestrator/package.json'));
const from = createRequire(ORCHESTRATOR);

async function ours() {
  const { parseSettings, silentLog, startService } = await import(new URL('./dist/testing.js', ORCHESTRATOR));
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const service = await startService(parseSettings({ ORCH_DATA_DIR: folder, ORCH_PORT: '0' }).settings, silentLog);
  if (service.kind !== 'running') throw new Error(service.problem);
  const { store, engine } = service.context;
  const atMs = Date.now();
  await store.addRepo({ id: 'app', url: 'file:///app', forge: 'local', main: 'main', profile: 'gates-only', atMs });
  await store.updateRepo('app', { paused: true }, { actor: 'bench', atMs });
  for (let at = 0; at < Number(count); at += 1) {
    const id = `t-${at + 1}`;
    const branch = `feature/T-${at + 1}-change-number-${at + 1}`;
    const task = { id, repoId: 'app', profile: 'gates-only', branch, key: id, title: branch, headSha: 'a'.repeat(40) };
    await store.addTask({ ...task, actor: 'bench', atMs }, engine);
  }
  process.on('message', async (asked) => {
    if (asked !== 'commit') return;
    await store.appendEvent({ repoId: 'app', taskId: null, kind: 'bench', body: {}, actor: 'bench', at: Date.now() });
    process.send('committed');
  });
  return { url: service.url, token: readFileSync(join(folder, 'api-token'), 'utf8').trim() };
}

async function hello() {
  const { Hono } = await import(from.resolve('hono'));
  const { serve } = await import(from.resolve('@hono/node-server'));
  const app = new Hono();
  app.get('/queue', (c) => c.text('hello'));
  const bytes = new Uint8Array(1024 * 1024).fill(97);
  app.get('/bytes/:count', (c) => c.body(bytes.subarray(0, Number(c.req.param('count')))));
  const server = await new Promise((listening) => {
    const made = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => listening(made));
  });
  return { url: `http://127.0.0.1:${server.address().port}`, token: 'none' };
}

const place = await (kind === 'ours' ? ours() : hello());
process.on('message', (asked) => {
  const { user, system } = process.threadCpuUsage();
  if (asked === 'cpu') process.send(user + system);
});
process.on('disconnect', () => process.exit(0));
process.send(place);
