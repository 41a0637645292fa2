/** The real service on a free port of loopback, and requests to it as any client would send them. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach } from '@jest/globals';
import { type Logger, silentLog } from '../src/platform/logger.ts';
import type { Environment } from '../src/platform/process-environment.ts';
import type { RunningService } from '../src/running-service.ts';
import { parseSettings, type Settings } from '../src/settings.ts';

/** Tests look over a command's shoulder; those about isolation or engines name theirs. */
export function settingsFrom(environment: Environment): Settings {
  const read = parseSettings({ ORCH_ISOLATION: 'none', ORCH_SECURITY_GITLEAKS: 'off', ...environment });
  if (read.kind !== 'settings') throw new Error(read.problems.join('; '));
  return read.settings;
}

const running = new Set<RunningService>();
afterEach(async () => {
  for (const service of running) await stopService(service);
});

/** Starts a service that is stopped, at the latest, when the test ends. */
export async function serviceOn(
  dataDir: string,
  environment: Environment = {},
  log: Logger = silentLog,
): Promise<RunningService> {
  const started = await start(dataDir, environment, log);
  running.add(started);
  return started;
}

const lasting = new Set<RunningService>();
afterAll(async () => {
  for (const service of lasting) await service.stop();
  lasting.clear();
});

/** Starts a service for all tests of a file. */
export async function serviceForAll(dataDir: string, environment: Environment = {}): Promise<RunningService> {
  const started = await start(dataDir, environment, silentLog);
  lasting.add(started);
  return started;
}

async function start(dataDir: string, environment: Environment, log: Logger): Promise<RunningService> {
  const settings = settingsFrom({
    ORCH_DATA_DIR: dataDir,
    ORCH_PORT: '0',
    ORCH_POLL_S: '1',
    ORCH_MERGE_INFRA_BACKOFF_S: '0.2',
    ORCH_STOP_GRACE_S: '0.5',
    ...environment,
  });
  // Loaded by those who start one: half a second of CPU, and half of the files that import this one only ask or wait.
  const { startService } = await import('../src/running-service.ts');
  const started = await startService(settings, log);
  if (started.kind !== 'running') throw new Error(started.problem);
  return started;
}

export async function stopService(service: RunningService): Promise<void> {
  if (running.delete(service)) await service.stop();
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent with its length; several pieces are sent chunked; anything else as JSON. */
  readonly body?: unknown;
  /** Null: no token is sent. [the token the service made for itself] */
  readonly token?: string | null;
}

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: unknown;
}

/** What a request needs of a service, in this process or in another. */
export interface Door {
  readonly url: string;
  readonly context: { readonly dataDir: string };
}

export const ownToken = (service: Door): string =>
  readFileSync(join(service.context.dataDir, 'api-token'), 'utf8').trim();

/** One request with exactly these headers. */
export function ask(service: Door, path: string, asked: Asked = {}): Promise<Told> {
  const { method = asked.body === undefined ? 'GET' : 'POST', body } = asked;
  const token = asked.token === undefined ? ownToken(service) : asked.token;
  const chunks = Array.isArray(body) ? (body as string[]) : null;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(body === undefined || chunks !== null ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
    ...asked.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${service.url}${path}`, { method, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const answered = Buffer.concat(pieces).toString('utf8');
        const isJson = answered !== '' && /json/.test(response.headers['content-type'] ?? '');
        const json: unknown = isJson ? JSON.parse(answered) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: answered, json });
      });
    });
    sent.on('error', reject);
    if (chunks !== null) for (const piece of chunks) sent.write(piece);
    else if (body !== undefined) sent.write(text);
    sent.end();
  });
}

const awaited = new Set<{ readonly what: string }>();
/** Only the runner's bound on hanging ends a wait, and then the wait is named. */
function endWaits(): void {
  const vain = [...awaited].map(({ what }) => what);
  awaited.clear();
  if (vain.length > 0) throw new Error(`never happened: ${vain.join(', ')}`);
}
afterEach(endWaits);
afterAll(endWaits);

/** Each question costs the service 5 ms: a wait for long work asks seldom. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 320;

/** Asks again and again until the answer is something, however slow the machine is. */
export async function until<T>(what: string, probe: () => Promise<T | undefined | null | false>): Promise<T> {
  const wait = { what };
  awaited.add(wait);
  try {
    for (let waitedMs = FIRST_WAIT_MS; ; waitedMs = Math.min(2 * waitedMs, LONGEST_WAIT_MS)) {
      const found = await probe();
      if (found !== undefined && found !== null && found !== false) return found;
      if (!awaited.has(wait)) throw new Error(`never happened: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, waitedMs));
    }
  } finally {
    awaited.delete(wait);
  }
}

export interface ShownTask {
  readonly id: string;
  readonly branch: string;
  readonly stage: string;
  readonly status: string;
  readonly reason: string | null;
  readonly head_sha: string | null;
  readonly tested_sha: string | null;
  readonly landed_sha: string | null;
  readonly generation: number;
  readonly stop: { readonly by: string; readonly reason: string } | null;
  readonly settled_at: string | null;
  readonly checks: readonly {
    readonly check: string;
    readonly status: string;
    readonly reason: string;
    readonly findings: readonly { readonly rule: string; readonly message: string }[];
    readonly warnings: readonly string[];
  }[];
}

/** Enqueues a branch; gives the task's id. */
export async function enqueue(service: Door, branch: string, repo = 'app'): Promise<string> {
  const response = await ask(service, '/tasks', { body: { repo, branch } });
  if (response.status !== 201) throw new Error(response.text);
  return (response.json as ShownTask).id;
}

export async function register(service: Door, path: string, id = 'app'): Promise<void> {
  const response = await ask(service, '/repos', { body: { id, path } });
  if (response.status !== 201) throw new Error(response.text);
}

export async function taskOf(service: Door, id: string): Promise<ShownTask> {
  return (await ask(service, `/tasks/${id}`)).json as ShownTask;
}

/** Waits until the task is at rest: done, cancelled or blocked. */
export function atRest(service: Door, id: string): Promise<ShownTask> {
  return until(`${id} comes to rest`, async () => {
    const task = await taskOf(service, id);
    return (task.stage === 'done' || task.stage === 'cancelled' || task.status === 'blocked') && task;
  });
}

/** Makes a postponed probe due, as time would. */
export async function hurryProbe({ context }: RunningService): Promise<void> {
  await until('a probe waits or is over', async () => {
    const live = (await context.store.listJobs({ live: true })).filter(({ kind }) => kind === 'probe');
    return live.every(({ state }) => state === 'ready');
  });
  for (const probe of (await context.store.listJobs({ live: true })).filter(({ kind }) => kind === 'probe')) {
    const nowMs = probe.availableAt;
    const limits = { agents: 0, gateRuns: 9 };
    const job = await context.store.claimJob({
      workerId: context.workerId,
      kinds: ['probe'],
      nowMs,
      leaseMs: 60_000,
      limits,
    });
    if (job !== null) await context.store.releaseJob({ jobId: job.id, token: job.token }, { atMs: 0, delayMs: 0 });
  }
  context.wakeup.notify();
}
