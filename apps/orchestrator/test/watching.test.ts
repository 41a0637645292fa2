import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ask, atRest, enqueue, ownToken, register, serviceOn, taskOf, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

type Service = Awaited<ReturnType<typeof serviceOn>>;

/** A secret that no scan of the branch sees, because only the shell puts it together. */
const HALVES = ['gh', 'p_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'];

interface Streamed {
  readonly id: number;
  readonly event: string;
}

/** Reads a stream of events as any client would, until `enough` says so. */
function listen(
  service: Service,
  path: string,
  headers: Record<string, string> = {},
): { readonly seen: Streamed[]; readonly close: () => void } {
  const seen: Streamed[] = [];
  let text = '';
  const sent = request(
    `${service.url}${path}`,
    { headers: { authorization: `Bearer ${ownToken(service)}`, ...headers } },
    (response) => {
      response.on('error', () => {});
      response.on('data', (piece: Buffer) => {
        text += piece.toString('utf8');
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const id = /^id: (\d+)$/m.exec(block)?.[1];
          const event = /^event: (.+)$/m.exec(block)?.[1];
          if (id !== undefined && event !== undefined) seen.push({ id: Number(id), event });
        }
      });
    },
  );
  sent.on('error', () => {});
  sent.end();
  return { seen, close: () => sent.destroy() };
}

describe('watching a service that lands a branch', () => {
  let service: Service;
  let forge: Forge;
  let task: string;
  const closing: (() => void)[] = [];

  beforeEach(async () => {
    forge = await Forge.make(PROJECT);
    forge.push(
      { branch: 'good', from: forge.head('main') },
      { 'check.sh': `echo checked; echo ${HALVES.join('""')}\n` },
    );
    service = await serviceOn(join(scratchFolder(), 'data'));
    await register(service, forge.path);
    task = await enqueue(service, 'good');
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  test('the stream sends every event once and in order, and resumes where a reader left', async () => {
    const first = listen(service, '/events');
    closing.push(first.close);
    await atRest(service, task);
    await until('the stream tells the landing', async () =>
      first.seen.some(({ event }) => event === 'landing-answered'),
    );
    const { store } = service.context;
    const known = (await store.events({ afterSeq: 0, limit: 1000 })).map(({ seq, kind }) => ({ id: seq, event: kind }));
    await until('the stream is up to date', async () => first.seen.length >= known.length);
    expect(first.seen).toEqual(known);
    const middle = known[2]?.id ?? 0;
    for (const again of [
      listen(service, `/events?since=${middle}`),
      listen(service, '/events', { 'last-event-id': String(middle) }),
    ]) {
      closing.push(again.close);
      await until('the rest is told', async () => again.seen.length >= known.length - 3);
      expect(again.seen).toEqual(known.slice(3));
    }
  });

  test('metrics and the queue count what was judged, run and landed', async () => {
    await atRest(service, task);
    const { text, headers } = await ask(service, '/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toContain('gatehouse_checks_total{check="check_branch_mergeable",status="pass",cause=""} 1');
    expect(text).toContain('gatehouse_merge_landings_total{answer="landed"} 1');
    expect(text).toMatch(/gatehouse_merge_runs_total\{purpose="branch",outcome="green"\} 1/);
    expect(text).toContain('gatehouse_merge_leases_held 0');
    expect((await ask(service, '/queue')).json).toMatchObject({
      merge_gate: { verdicts: { pass: 1 }, runs: { green: 2 }, landings: { landed: 1 }, leftovers: 0 },
      security: { verdicts: { pass: 1 } },
    });
  });

  test('the output of a job is shown with its secrets masked', async () => {
    await atRest(service, task);
    const jobs = await service.context.store.listJobs({ taskId: task });
    const merge = jobs.find(({ step }) => step === 'check_branch_mergeable');
    const log = await ask(service, `/jobs/${merge?.id}/log`);
    expect([log.status, log.headers['content-type']]).toEqual([200, 'text/plain; charset=UTF-8']);
    expect(log.text).toContain('==> ');
    expect(log.text).toContain('checked');
    expect(log.text).not.toContain(HALVES.join(''));
    expect((await ask(service, '/jobs/999/log')).status).toBe(404);
    expect((await ask(service, `/jobs/${merge?.id}/log?tail=0`)).status).toBe(400);
  });

  test('a held lease is shown with its holder, its token and the queue behind it', async () => {
    await atRest(service, task);
    const unheld = { repo: 'app', holder: null, token: null, line: [] };
    expect((await ask(service, '/leases')).json).toMatchObject([unheld]);
    const { store } = service.context;
    await store.acquireLease({ repoId: 'app', holder: 'somebody', attempt: 1, atMs: Date.now(), ttlMs: 60_000 });
    forge.push({ branch: 'next', from: forge.head('main') }, { 'next.txt': 'next' });
    const next = await enqueue(service, 'next');
    await until('the next task waits for the lease', async () => (await store.listTickets('app')).length > 0);
    expect((await ask(service, '/leases')).json).toMatchObject([
      { repo: 'app', holder: 'somebody', token: 2, line: [{ task: next }] },
    ]);
  });
});

describe('pause and resume', () => {
  test('a paused repository claims nothing, and goes on after resume', async () => {
    const forge = await Forge.make(PROJECT);
    forge.push({ branch: 'good', from: forge.head('main') }, { 'a.txt': 'a' });
    const service = await serviceOn(join(scratchFolder(), 'data'));
    await register(service, forge.path);
    expect((await ask(service, '/pause', { body: {} })).json).toMatchObject([{ id: 'app', paused: true }]);
    const task = await enqueue(service, 'good');
    const { context } = service;
    const claim = await context.store.claimJob({
      workerId: 'test',
      kinds: ['gate'],
      nowMs: Date.now() + 60_000,
      leaseMs: 1000,
      limits: { agents: 1, gateRuns: 9 },
    });
    expect(claim).toBeNull();
    expect((await taskOf(service, task)).checks).toMatchObject([{ reason: 'profile' }]);
    expect((await ask(service, '/resume', { body: { repo: 'app' } })).json).toMatchObject([{ paused: false }]);
    expect(await atRest(service, task)).toMatchObject({ stage: 'done' });
    expect((await ask(service, '/pause', { body: { repo: 'nowhere' } })).status).toBe(404);
  });
});

describe('a baseline set by hand', () => {
  test('is kept with who and why, moves the mark down, and needs the baseline to exist', async () => {
    const forge = await Forge.make(PROJECT);
    forge.push({ branch: 'good', from: forge.head('main') }, { 'a.txt': 'a' });
    const service = await serviceOn(join(scratchFolder(), 'data'));
    const body = { repo: 'app', covered: 1, total: 4, reason: 'a generated file is counted now' };
    await register(service, forge.path);
    expect((await ask(service, '/coverage/baseline', { body })).status).toBe(404);
    const task = await enqueue(service, 'good');
    expect(await atRest(service, task)).toMatchObject({ stage: 'done' });
    expect((await ask(service, '/coverage')).json).toMatchObject([
      { repo: 'app', seq: 1, mark: { covered: 2, total: 2 } },
    ]);
    const set = await ask(service, '/coverage/baseline', { body });
    expect(set.json).toMatchObject({
      seq: 2,
      mark: { covered: 1, total: 4 },
      ref: { uncovered: 3, total: 4 },
      history: [{ seq: 1 }, { seq: 2, covered: 1, total: 4, reason: body.reason }],
    });
    expect((await ask(service, '/coverage/baseline', { body: { ...body, covered: 5 } })).status).toBe(409);
    const other = { ...body, command_hash: 'f'.repeat(64) };
    expect((await ask(service, '/coverage/baseline', { body: other })).status).toBe(404);
  });
});
