import { describe, expect, test } from '@jest/globals';
import { explainTask, type QueueSnapshot } from '../src/http/explain-waiting.ts';
import { isOfPlaces } from '../src/store/claim-rules.ts';
import type { Job, Repository, Task } from '../src/store/port/index.ts';

describe('the reason why a task does not move', () => {
  const task = (id: string, more: Partial<Task> = {}) =>
    ({
      id,
      branch: `${id}-branch`,
      repoId: 'app',
      stage: 'development',
      status: 'active',
      state: { blocked: null, waiting: null, ended: null, stop: null },
      criticalToken: null,
      cancelRequestedAt: null,
      startedAt: null,
      ...more,
    }) as Task;
  const job = (taskId: string, more: Partial<Job> = {}) =>
    ({ taskId, repoId: 'app', kind: 'agent', state: 'ready', availableAt: 0, ...more }) as Job;
  const has = (one: Job) => new Map([[one.taskId ?? '', one]]);
  const scene = (more: Partial<QueueSnapshot>): QueueSnapshot => ({
    settings: { limits: { agents: 1, gateRuns: 1, standstillMs: 900_000 }, repositories: { serialGate: false } },
    nowMs: 10,
    repos: new Map([['app', { id: 'app', paused: false, frozenReason: null } as Repository]]),
    tasks: [],
    jobs: has(job('a')),
    leased: {},
    dependencies: new Map(),
    cancelledDependencies: new Map(),
    mergeWarnings: new Map(),
    lastAnswers: new Map(),
    foreseen: () => null,
    awaitedBy: () => null,
    movers: new Map(),
    breakers: [],
    broken: () => [],
    diskShortage: null,
    ...more,
  });
  const serial = { limits: { agents: 1, gateRuns: 1, standstillMs: 900_000 }, repositories: { serialGate: true } };
  const repo = (more: Partial<Repository>) =>
    new Map([['app', { paused: false, frozenReason: null, ...more } as Repository]]);

  const open = (repoId: string) =>
    ({ repoId, cause: 'test-disk', host: 'h', state: 'open', taskId: 'b', since: 5000 }) as const;

  test.each<[string, Partial<QueueSnapshot>, RegExp | null]>([
    ['it is next', {}, null],
    ['it runs', { jobs: has(job('a', { state: 'leased' })) }, null],
    ['it has no job', { jobs: new Map() }, null],
    ['its repository is paused', { repos: repo({ paused: true }) }, /app is paused/],
    [
      'its repository is frozen',
      { repos: repo({ frozenReason: 'odd' }), jobs: has(job('a', { kind: 'gate' })) },
      /odd/,
    ],
    ['an agent may work while the repository is frozen', { repos: repo({ frozenReason: 'odd' }) }, null],
    ['it needs another', { dependencies: new Map([['a', ['b']]]) }, /waits for b/],
    ['another one is at work', { settings: serial, tasks: [task('b', { startedAt: 1 })] }, /one task at a time.*b is/],
    [
      'a blocked one is not at work',
      { settings: serial, tasks: [task('b', { startedAt: 1, status: 'blocked' })] },
      null,
    ],
    [
      'a breaker of its repository is open',
      { jobs: has(job('a', { kind: 'gate', availableAt: 60_000 })), breakers: [open('app')] },
      /until main itself runs again: test-disk on h since 1970-01-01T00:00:05/,
    ],
    ['a breaker of another repository is open', { jobs: has(job('a', { kind: 'gate' })), breakers: [open('b')] }, null],
    ['an agent goes on while a breaker is open', { breakers: [open('app')] }, null],
    [
      'its branch is broken at the forge',
      { broken: () => ['a-branch'], jobs: new Map() },
      /lost objects of a-branch; push/,
    ],
    ['another branch is broken at the forge', { broken: () => ['b-branch'] }, null],
    [
      'a check could not decide, which says why',
      {
        jobs: has(job('a', { availableAt: 60_000 })),
        lastAnswers: new Map([['a', { reason: 'gatehouse.yaml: a typing error', nextTry: { number: 2, of: 4 } }]]),
      },
      /asked again at 1970-01-01T00:01:00.000Z \(try 2 of 4\): gatehouse.yaml: a typing error$/,
    ],
    ['it is asked again later', { jobs: has(job('a', { availableAt: 60_000 })) }, /asked again at 1970-01-01T00:01:00/],
    ['the disk is full', { diskShortage: 'the disk of /data is full' }, /the disk of \/data is full/],
    ['agents are busy', { leased: { agent: 1 } }, /every place for an agent is taken \(1 in all\)/],
    [
      'gates are busy',
      { jobs: has(job('a', { kind: 'gate' })), leased: { probe: 1 } },
      /every place for a gate is taken \(1 in all\)/,
    ],
  ])('%s', (_title, more, why) => {
    const { reason: explanation } = explainTask(task('a'), scene(more));
    if (why === null) expect(explanation).toBeNull();
    else expect(explanation).toMatch(why);
  });

  const gate = has(job('a', { kind: 'gate' }));
  test('one that waits for its turn at main names who has it now, not who had it when it was asked', () => {
    const state = { waiting: { cause: 'lock-busy', reason: 'main is being moved by t-gone' } } as Partial<
      Task['state']
    >;
    const waits = { ...task('a'), status: 'waiting', state: { ...task('a').state, ...state } } as Task;
    const said = (movers: QueueSnapshot['movers']) => explainTask(waits, scene({ movers })).reason;
    expect(said(new Map([['app', { taskId: 't-now', name: '#12' }]]))).toBe('main is being moved by #12');
    expect(said(new Map())).toBe('it waits for its turn at main');
    expect(said(new Map([['app', { taskId: 'a', name: 'a' }]]))).toBe('it waits for its turn at main');
  });

  test.each<[string | null, boolean, Partial<QueueSnapshot>]>([
    [null, false, {}],
    ['paused', false, { repos: repo({ paused: true, pausedReason: null }) }],
    ['service-pause', false, { repos: repo({ paused: true, pausedReason: 'it was renamed' }) }],
    ['frozen', false, { jobs: gate, repos: repo({ frozenReason: 'see every place for a gate is taken (1 in all)' }) }],
    ['dependency', false, { dependencies: new Map([['a', ['b']]]) }],
    ['serial-gate', false, { settings: serial, tasks: [task('b', { startedAt: 1 })] }],
    ['breaker', false, { jobs: gate, breakers: [open('app')] }],
    ['delayed', false, { jobs: has(job('a', { availableAt: 60_000 })) }],
    ['agents-busy', true, { leased: { agent: 1 } }],
    ['gates-busy', true, { jobs: gate, leased: { probe: 1 } }],
    [null, false, { leased: { agent: 1 }, diskShortage: 'the disk of /data is full' }],
    [null, false, { leased: { agent: 1 }, awaitedBy: () => 'it waits for (ORCH_MAX_CONCURRENCY=1)' }],
  ])('is a value beside its words: %s, which is a wait for its turn: %s', (heldBy, isTurn, more) => {
    const explanation = explainTask(task('a'), scene(more));
    expect([explanation.heldBy, isOfPlaces(explanation.heldBy ?? '')]).toEqual([heldBy, isTurn]);
  });

  const foreseen = { base: 'b'.repeat(40), head: 'h', count: 7, paths: ['a.txt', 'b\n\u001b[31m', 'c', 'd', 'e', 'f'] };
  test.each<[string, Partial<QueueSnapshot>, string[]]>([
    ['nothing', {}, []],
    [
      'a cancelled task that it was to wait for',
      { cancelledDependencies: new Map([['a', ['t-9']]]) },
      ['t-9, which it was to wait for, was cancelled: it goes on without it'],
    ],
    [
      'what its merge check warned of main, and not how the gate is set up',
      {
        mergeWarnings: new Map([['a', ['tests-uncounted: no summary', 'tests-fell: main runs 2 tests, the branch 1']]]),
      },
      ['tests-fell: main runs 2 tests, the branch 1'],
    ],
    [
      'a conflict that is ahead of it',
      { foreseen: () => foreseen },
      [
        'conflicts with main in 7 paths: a.txt, b\\u{a}\\u{1b}[31m, c, d, e and 2 more (main is at bbbbbbbbbbbb); it keeps its place and is tried all the same',
      ],
    ],
  ])('beside its reason a task says %s', (_title, more, warnings) => {
    expect(explainTask(task('a'), scene(more))).toEqual({ reason: null, heldBy: null, warnings });
  });
});
