import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ScriptedAttempt } from '../src/agents/scripted/script.ts';
import {
  analyses,
  approveWhenAsked,
  askFor,
  type FullProfile,
  fullProfile,
  GOOD,
  registerFull,
} from './full-profile.ts';
import { ask, atRest, type Door, ownToken, type ShownTask, serviceOn, stopService, until } from './live-gatehouse.ts';
import { cli } from './recording-terminal.ts';
import { serviceProcess } from './service-faults/service-process.ts';
import { testWhole } from './tool-tests.ts';

type Shown = ShownTask & {
  readonly spending: { readonly attempts: number; readonly tokens: number | null; readonly runs: readonly unknown[] };
};
const shown = async (service: Door, id: string): Promise<Shown> => (await ask(service, `/tasks/${id}`)).json as Shown;

/** The operator's file with a budget. */
function withBudget(full: FullProfile, budget: string): void {
  const script = join(full.folder, 'script.json');
  const roles = Object.keys(GOOD).map((role) => `${role}: { scripted: ${script} }`);
  writeFileSync(
    full.policy,
    `version: 1\nagents: { timeout: 120s, budget: { ${budget} }, ${roles.join(', ')} }\nci: { command: sh check.sh }\n`,
  );
}

const reporting = (attempt: ScriptedAttempt, text: string): ScriptedAttempt => ({
  ...attempt,
  shell: `printf '%s' '${text}' > "$GATEHOUSE_USAGE"`,
});

describe('a task with a budget', () => {
  test('ends blocked before the agent that is too much, says how it goes on, and goes on; main is its own affair', async () => {
    const full = await fullProfile(
      {
        ...GOOD,
        analyst: analyses({ say: 'gatehouse-usage: {"tokens": 600, "cost_usd": 0.5}' }),
        architect: reporting(GOOD.architect, '{"tokens": 400}'),
        developer: reporting(GOOD.developer, '{"tokens": -400}'),
      },
      () => [],
    );
    withBudget(full, 'tokens: 1000, attempts: 9');
    const service = await serviceOn(full.folder);
    await registerFull(service, full);
    const id = await askFor(service);
    await approveWhenAsked(service, id);
    const blocked = await atRest(service, id);
    expect(blocked).toMatchObject({ stage: 'development', status: 'blocked' });
    expect(blocked.reason).toMatch(
      new RegExp(`^budget spent: .*1,000 tokens of 1,000 tokens.*task budget ${id}.*task retry ${id}.*task stop ${id}`),
    );
    expect((await shown(service, id)).spending).toMatchObject({
      attempts: 2,
      tokens: 1000,
      cost_usd: 0.5,
      silent: { tokens: 0, cost: 1 },
      budget: { tokens: 1000, attempts: 9, time_s: null, cost_usd: null },
      runs: [
        { role: 'analyst', tokens: 600 },
        { role: 'architect', tokens: 400, cost_usd: null },
      ],
    });

    const place = ['--url', service.url, '--token', ownToken(service)];
    const more = await cli(['task', 'budget', id, 'tokens=5000', ...place]);
    expect([more.exit, more.out]).toEqual([0, expect.stringContaining('1,000 tokens of 5,000 tokens')]);
    expect((await cli(['task', 'retry', id, ...place])).exit).toBe(0);
    const done = await atRest(service, id);
    expect(done).toMatchObject({ stage: 'done', landed_sha: full.forge.head('main') });
    const told = await cli(['task', 'show', id, ...place]);
    expect(told.out).toMatch(
      /^agents: 5 runs of 9 runs · .* · 1,000 tokens of 5,000 tokens \(3 of 5 did not report\) · \$0.50/m,
    );
    expect(told.out).toContain('reported of its usage is not taken: tokens must not be negative');
    const page = await ask(service, `/board/tasks/${id}`);
    expect(page.text).toContain('1,000 tokens of 5,000 tokens');
    const events = (await ask(service, `/tasks/${id}/events?limit=500`)).json as { kind: string; body: unknown }[];
    expect(events.find(({ kind }) => kind === 'budget-set')?.body).toEqual({ tokens: 5000 });
  });

  testWhole('may set its own, and only an admin may; its time ends an agent that works too long', async () => {
    const full = await fullProfile({ ...GOOD, analyst: { hang: true } }, () => []);
    withBudget(full, 'time: 1h');
    const service = await serviceOn(full.folder);
    await registerFull(service, full);
    for (const budget of [{}, { tokens: 0 }, { tokens: 1.5 }, { time_s: -1 }, { tokens: 5, token: 5 }])
      expect((await ask(service, '/tasks', { body: { repo: 'app', title: 'x', budget } })).status).toBe(400);
    const id = await askFor(service, { budget: { time_s: 0.5 } });
    const blocked = await atRest(service, id);
    expect(blocked).toMatchObject({
      stage: 'analysis',
      reason: expect.stringMatching(/^budget spent: .*all the time/),
    });
    expect((await shown(service, id)).spending).toMatchObject({ attempts: 1, tokens: null, budget: { time_s: 0.5 } });
    const words = await cli(['task', 'budget', id, 'time=soon', '--url', service.url, '--token', ownToken(service)]);
    expect([words.exit, words.err]).toEqual([2, expect.stringContaining('cannot be read')]);
  });
});

/** A run that was at work when its service ended, and what its agent had written by then. */
test('a run that nobody saw end is settled at the next start', async () => {
  const full = await fullProfile(GOOD, () => []);
  const service = await serviceOn(full.folder);
  await registerFull(service, full);
  await ask(service, '/pause', { body: {} });
  const id = await askFor(service);
  const { store, now } = service.context;
  const run = { taskId: id, jobId: 1, jobToken: 1, role: 'analyst', stage: 'analysis', budget: {}, startedAt: now() };
  await store.beginAgentRun({ ...run, reportsDir: full.folder });
  writeFileSync(join(full.folder, 'usage.json'), '{"tokens": 123}');
  await stopService(service);
  const again = await serviceOn(full.folder);
  const tokens = await until('it is settled', async () => (await shown(again, id)).spending.tokens);
  expect([tokens, (await again.context.store.openAgentRuns(again.context.now())).length]).toEqual([123, 0]);
});

testWhole('what was reported outlives a service that is killed in the middle', async () => {
  const slow = { shell: `printf '{"tokens": 123}' > "$GATEHOUSE_USAGE"`, hang: true };
  const full = await fullProfile({ ...GOOD, analyst: slow }, () => []);
  const desk = join(full.folder, 'desk');
  mkdirSync(desk);
  const first = await serviceProcess({ path: process.env['PATH'] ?? '', desk }, full.folder);
  await registerFull(first, full);
  const id = await askFor(first);
  const reports = join(full.folder, 'reports', id);
  await until('the agent has reported', async () => (await namesIn(reports, true)).some((name) => /usage/.test(name)));
  first.kill();
  await until('it is gone', async () => first.endedBy() === 'SIGKILL');
  full.play(GOOD);
  const again = await serviceOn(full.folder);
  await approveWhenAsked(again, id);
  expect(await atRest(again, id)).toMatchObject({ stage: 'done' });
  const { spending } = await shown(again, id);
  expect(spending).toMatchObject({ attempts: 6, tokens: 123, silent: { tokens: 5 } });
  expect(spending.runs[0]).toMatchObject({ role: 'analyst', tokens: 123, ended_at: expect.any(String) });
});

/** Empty where there is no such directory yet. */
const namesIn = (path: string, recursive: boolean): Promise<string[]> => readdir(path, { recursive }).catch(() => []);
