/** What a task waits for is said in four places; here they are compared on many worlds. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCancellations } from '../src/cancellation/cancellations.ts';
import { composeService } from '../src/compose.ts';
import type { ServiceContext } from '../src/context.ts';
import { createApp } from '../src/http/app.ts';
import { plainReason } from '../src/http/dashboard/task-words.ts';
import { silentLog } from '../src/platform/logger.ts';
import type { Task } from '../src/store/port/index.ts';
import { type Connection, connect } from '../src/store/sqlite/connection.ts';
import { migrate } from '../src/store/sqlite/migrate.ts';
import { storeOn } from '../src/store/sqlite/open.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';
import { addTask, ENGINE, REPO, T0, withRepo } from './store/world.ts';

const LIVES = [
  'ready',
  'ready',
  'leased',
  'delayed',
  'blocked',
  'stopping',
  'done',
  'cancelled',
  'lock-busy',
  'main-broken',
  'ci-pending',
  'approval',
] as const;
type Life = (typeof LIVES)[number];

const chance = (sides: number): fc.Arbitrary<boolean> => fc.nat(sides - 1).map((side) => side === 0);
const someTask = fc.record({
  life: fc.constantFrom(...LIVES),
  kind: fc.constantFrom('gate', 'landing', 'agent'),
  waitsFor: fc.option(fc.nat(4)),
  isBroken: chance(5),
  meetsConflict: chance(3),
  isStarted: fc.boolean(),
  isInside: chance(6),
});
const someWorld = fc.record({
  tasks: fc.array(someTask, { minLength: 2, maxLength: 5 }),
  isPaused: chance(5),
  isFrozen: chance(5),
  hasBreaker: chance(5),
  isDiskFull: chance(6),
  isSerial: chance(3),
});
type World = typeof someWorld extends fc.Arbitrary<infer Value> ? Value : never;

type Drawn = World['tasks'][number];
const calm = (more: Partial<Drawn> = {}): Drawn => ({
  life: 'ready',
  kind: 'gate',
  waitsFor: null,
  isBroken: false,
  meetsConflict: false,
  isStarted: false,
  isInside: false,
  ...more,
});
const quiet = { isPaused: false, isFrozen: false, hasBreaker: false, isDiskFull: false, isSerial: false } as const;
/** So that each explanation is met, whatever is drawn. */
const EXAMPLES: readonly World[] = [
  { ...quiet, tasks: LIVES.slice(4).map((life) => calm({ life })) },
  {
    ...quiet,
    tasks: [calm({ life: 'done' }), calm({ life: 'cancelled' }), calm({ waitsFor: 1 }), calm({ waitsFor: 2 })],
  },
  { ...quiet, tasks: [calm({ life: 'leased' }), calm(), calm({ isBroken: true }), calm({ meetsConflict: true })] },
  { ...quiet, tasks: [calm({ life: 'delayed' }), calm({ life: 'delayed', isInside: true, kind: 'landing' })] },
  { ...quiet, tasks: [calm({ isStarted: true }), calm()], isSerial: true },
  { ...quiet, tasks: [calm(), calm({ kind: 'agent' })], hasBreaker: true },
  { ...quiet, tasks: [calm(), calm({ kind: 'agent' })], isPaused: true },
  { ...quiet, tasks: [calm(), calm({ kind: 'agent' })], isFrozen: true },
  { ...quiet, tasks: [calm(), calm({ life: 'lock-busy' })], isDiskFull: true },
];

const TOKEN = 'reads-everything';
let connection: Connection;
let base: ServiceContext;
let closeBase: () => Promise<void>;
beforeAll(async () => {
  const composed = await composeService(settingsFrom({ ORCH_DATA_DIR: join(scratchFolder(), 'data') }), silentLog);
  if (composed.kind !== 'open') throw new Error(composed.problem);
  connection = connect(':memory:');
  migrate(connection);
  base = { ...composed.context, engine: ENGINE, host: 'here', now: () => T0, store: storeOn(connection) };
  closeBase = composed.close;
});
afterAll(async () => {
  await base.store.close();
  await closeBase();
});

const run = (text: string, values: Record<string, unknown> = {}): void =>
  void connection.sqlite.prepare(text).run(values);

/** By hand, as the way to each of these states is long and none of it is asked for here. */
async function build({ tasks, isPaused, isFrozen, hasBreaker }: World): Promise<void> {
  for (const table of ['tickets', 'leases', 'breakers', 'task_deps', 'events', 'jobs', 'tasks', 'repos'])
    run(`DELETE FROM ${table}`);
  await withRepo(base.store);
  await base.store.updateRepo(
    REPO,
    { paused: isPaused, frozenReason: isFrozen ? 'odd' : null },
    { actor: 'test', atMs: T0 },
  );
  if (hasBreaker) run(`INSERT INTO breakers VALUES (:REPO, 'disk', 'here', 'open', NULL, 1)`, { REPO });
  for (const at of tasks.keys()) await addTask(base.store, `t${at}`, { headSha: 'a'.repeat(40) });
  for (const [at, { life, kind, waitsFor, isStarted, isInside }] of tasks.entries()) {
    const id = `t${at}`;
    const task = (await base.store.getTask(id)) as Task;
    const { stage, status } = standing(life);
    const state = JSON.stringify({ ...task.state, stage, status, ...stateOf(life) });
    run(
      `UPDATE tasks SET state_json = :state, stage = :stage, status = :status, started_at = :started,
         critical_token = :token WHERE id = :id`,
      { id, state, stage, status, started: isStarted ? T0 - at : null, token: isInside ? 1 : null },
    );
    const hasJob = life === 'ready' || life === 'leased' || life === 'delayed';
    run(`UPDATE jobs SET kind = :kind, state = :state, available_at = :due, lease_until = :until WHERE task_id = :id`, {
      id,
      kind,
      state: life === 'leased' ? 'leased' : hasJob ? 'ready' : 'cancelled',
      due: life === 'delayed' ? T0 + 60_000 : T0,
      until: life === 'leased' ? T0 + 60_000 : null,
    });
    if (waitsFor !== null && waitsFor < at) run('INSERT INTO task_deps VALUES (:id, :on)', { id, on: `t${waitsFor}` });
  }
}

function standing(life: Life): { readonly stage: string; readonly status: string } {
  if (life === 'done' || life === 'cancelled') return { stage: life, status: 'active' };
  if (life === 'blocked' || life === 'stopping') return { stage: 'deploy-staging', status: life };
  const isReady = life === 'ready' || life === 'leased' || life === 'delayed';
  return { stage: 'deploy-staging', status: isReady ? 'active' : 'waiting' };
}

function stateOf(life: Life): Partial<Task['state']> {
  switch (life) {
    case 'blocked':
      return {
        blocked: { reason: 'removed', detail: 'red <twice> & more\nand a second line', remindAtMs: null, reminders: 0 },
      };
    case 'stopping':
      return { stop: { why: 'stop', by: 'ops', atMs: T0 } };
    case 'done':
    case 'cancelled':
      return { ended: life === 'done' ? null : 'stopped' };
    case 'ready':
    case 'leased':
    case 'delayed':
      return {};
    default:
      return { waiting: { cause: life, reason: `waits for ${life}` } };
  }
}

/** The world as a service shows it that does no work. */
function appOn({ tasks, isDiskFull, isSerial }: World) {
  const conflict = { base: 'b'.repeat(40), head: 'a'.repeat(40), count: 1, paths: ['a file.txt'] };
  const foreseenConflicts = { ...base.foreseenConflicts };
  const known = new Map(
    tasks.flatMap(({ meetsConflict }, at) => (meetsConflict ? [[`t${at}`, conflict] as const] : [])),
  );
  foreseenConflicts.keep(REPO, known);
  const { settings, workspaces, mirrors } = base;
  const service: ServiceContext = {
    ...base,
    settings: { ...settings, repositories: { ...settings.repositories, serialGate: isSerial } },
    workspaces: { ...workspaces, freeBytes: async () => (isDiskFull ? 0 : null) },
    mirrors: { ...mirrors, broken: () => tasks.flatMap(({ isBroken }, at) => (isBroken ? [`feature/t${at}`] : [])) },
  };
  const sha256 = createHash('sha256').update(TOKEN).digest();
  const tokens = [{ name: 'reader', scope: 'read', sha256 }] as const;
  return createApp({
    service,
    condition: { current: () => ({ kind: 'sound' }), waits: () => ({ count: 0, totalMs: 0 }) },
    cancellations: createCancellations(service),
    tokens,
    hosts: new Set(['localhost']),
  });
}

interface Shown {
  readonly id: string;
  readonly reason: string | null;
  readonly warnings: readonly string[];
}
const saidBy = ({ id, reason, warnings }: Shown) => [id, reason, warnings] as const;

const TEXTS: { readonly [Sign in string]: string } = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const plain = (html: string): string =>
  html.replace(/&(?:lt|gt|quot|#39);/g, (sign) => TEXTS[sign] ?? '').replaceAll('&amp;', '&');

/** The rows of the board: task, reason and notes, as a person reads them. */
const readBoard = (html: string) =>
  [...html.matchAll(/<li class="row" data-key="([^"]*)">(.*?)<\/li>/gs)].map(([, id = '', row = '']) => {
    const reason = /<span class="soft small reason">(.*?)<\/span>/s.exec(row)?.[1];
    const notes = [...row.matchAll(/<span class="soft small mind">(.*?)<\/span>/gs)].map(([, note = '']) =>
      plain(note),
    );
    return [id, reason === undefined ? null : plain(reason), notes] as const;
  });
/** Beside a state that says so, a reason does not repeat that the task was removed, and by which check. */
const shownBeside = ([id, reason, notes]: ReturnType<typeof saidBy>) =>
  [id, reason === null ? null : plainReason(reason), notes] as const;

test('the page of a task, the list, the queue and the board give the same reason and the same notes', async () => {
  const reasons = new Set<string>();
  await fc.assert(
    fc.asyncProperty(someWorld, async (world) => {
      await build(world);
      const app = appOn(world);
      const ask = async (path: string) => {
        const headers = { host: 'localhost', authorization: `Bearer ${TOKEN}` };
        const answer = await app.request(`http://localhost${path}`, { headers });
        expect([path, answer.status]).toEqual([path, 200]);
        return answer;
      };
      const listed = ((await (await ask('/tasks')).json()) as Shown[]).map(saidBy);
      const own = await Promise.all(
        listed.map(async ([id]) => saidBy((await (await ask(`/tasks/${id}`)).json()) as Shown)),
      );
      const queued = ((await (await ask('/queue')).json()) as { tasks: Shown[] }).tasks.map(saidBy);
      expect(own).toEqual(listed);
      const live = world.tasks.filter(({ life }) => life !== 'done' && life !== 'cancelled').length;
      expect(queued).toHaveLength(live);
      expect(listed).toEqual(expect.arrayContaining(queued));
      expect(readBoard(await (await ask('/board/tasks')).text())).toEqual(listed.map(shownBeside));
      for (const [, reason, notes] of listed) for (const text of [reason ?? 'goes on', ...notes]) reasons.add(text);
    }),
    { numRuns: 60, examples: EXAMPLES.map((world) => [world]) },
  );
  const wanted = [
    /^goes on$/,
    /^removed: red <twice> & more$/,
    /^it is being stopped, as ops asked for$/,
    /^stopped$/,
    /^it waits for its turn at main$/,
    /^waits for main-broken$/,
    /^waits for approval$/,
    /^waits for t\d to be done or cancelled$/,
    /^demo is paused$/,
    /^demo is frozen: odd$/,
    /^one task at a time/,
    /^waits until main itself runs again: disk/,
    /^asked again at/,
    /^main has not shown yet whether it landed/,
    /^the disk of .* is full/,
    /^the forge has lost objects of/,
    /^every place for a gate is taken/,
    /^t\d, which it was to wait for, was cancelled/,
    /^conflicts with main in 1 path: a file\.txt/,
  ];
  const unseen = wanted.filter((pattern) => ![...reasons].some((reason) => pattern.test(reason)));
  expect(unseen).toEqual([]);
});
