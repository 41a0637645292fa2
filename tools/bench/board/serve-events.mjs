// One of the two servers of the benchmark `sse`, in a process of its own: `ours`, the whole service with a store on disk, or `bare`, a
// Hono app that writes a message to every open stream. Both answer an order by IPC with the moment (monotonic clock, ns) of the commit.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ORCHESTRATOR = new URL('../../../apps/orchestrator/package.json', import.meta.url);
const from = createRequire(ORCHESTRATOR);
const [, , kind] = process.argv;
const now = () => process.hrtime.bigint();

async function ours() {
  const { parseSettings, silentLog, startService } = await import(new URL('./dist/testing.js', ORCHESTRATOR));
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const service = await startService(parseSettings({ ORCH_DATA_DIR: folder, ORCH_PORT: '0' }).settings, silentLog);
  if (service.kind !== 'running') throw new Error(service.problem);
  const { store } = service.context;
  let committed = now();
  store.onCommit(() => {
    committed = now();
  });
  const emit = async (id) => {
    const began = now();
    const body = { text: 'x'.repeat(200) };
    const seq = await store.appendEvent({
      repoId: null,
      taskId: null,
      kind: 'bench',
      body,
      actor: 'bench',
      at: Date.now(),
    });
    return { id, told: seq, began, committed };
  };
  const token = readFileSync(join(folder, 'api-token'), 'utf8').trim();
  return { url: service.url, token, emit };
}

async function bare() {
  const { Hono } = await import(from.resolve('hono'));
  const { streamSSE } = await import(from.resolve('hono/streaming'));
  const { serve } = await import(from.resolve('@hono/node-server'));
  const streams = new Set();
  const app = new Hono();
  app.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      streams.add(stream);
      await new Promise((left) => stream.onAbort(left));
      streams.delete(stream);
    }),
  );
  const server = await new Promise((listening) => {
    const made = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => listening(made));
  });
  let last = 0;
  const emit = (id) => {
    const began = now();
    last += 1;
    const told = last;
    const data = JSON.stringify({ seq: told, kind: 'bench', body: { text: 'x'.repeat(200) } });
    for (const stream of streams) void stream.writeSSE({ id: String(told), event: 'bench', data });
    return { id, told, began, committed: began };
  };
  return { url: `http://127.0.0.1:${server.address().port}`, token: '', emit };
}

const { url, token, emit } = await (kind === 'ours' ? ours() : bare());
process.on('message', async (id) => {
  const { told, began, committed } = await emit(id);
  process.send({ id, told, began: String(began), committed: String(committed) });
});
process.on('disconnect', () => process.exit(0));
process.send({ url, token });
