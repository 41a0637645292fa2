/** Each step of a landing that does not go on: what is asked, what is recorded, and that nothing behind it is asked. */

import type { LeaseProof } from '@gatehouse/verdict';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serializeMeasurement } from '../src/checks/coverage-measurement.ts';
import type { ServiceContext } from '../src/context.ts';
import type { Artefact, Store } from '../src/store/port/index.ts';
import { runLandingJob } from '../src/worker/jobs/landing.ts';
import {
  type Answers,
  atLanding,
  BASE,
  ELSEWHERE,
  enter,
  fetched,
  HEAD,
  landingService,
  memoryStore,
  TESTED,
} from './landing-scene.ts';
import { addTask, ENGINE, mustClaim, REPO, toLanding } from './store/world.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(() => store.close());

const UNREACHABLE = { kind: 'unreachable', reason: 'no route' } as const;
const READY = fetched({ main: BASE, 'feature/t1': HEAD });
const ORDER = {
  git: { gitDir: '' },
  main: 'main',
  from: BASE,
  commit: TESTED,
  members: [{ branch: 'feature/t1', head: HEAD, pullRequest: 7 }],
};

type Ready = Awaited<ReturnType<typeof atLanding>>;
interface Scene extends Partial<Answers> {
  /** Once the job is claimed, before it runs. */
  readonly first?: (ready: Ready) => Promise<unknown>;
  readonly signal?: AbortSignal;
}

/** Runs the landing of `t1`; `answers` says what is recorded of it, all that it was answered, or nothing. */
async function landed({ first, signal = new AbortController().signal, ...answers }: Scene, ready?: Ready) {
  const claimed = ready ?? (await atLanding(store));
  await first?.(claimed);
  const { service, asked } = landingService(store, answers);
  const outcome = await runLandingJob(service, claimed.job, signal);
  const events = await store.taskEvents('t1');
  const recorded = events.flatMap(({ kind, body }) =>
    kind === 'landing-answered' ? [(body as { answer: object }).answer] : [],
  );
  return { outcome, asked, steps: asked.map(([step]) => step), recorded };
}

test('a landing asks for main twice, hands the very commit over once, and leaves the window with all that it wrote', async () => {
  const ready = await atLanding(store);
  const { outcome, asked, recorded } = await landed({}, ready);
  expect(asked).toEqual([
    ['fetch', REPO, true, 'known'],
    ['prepare', ORDER],
    ['checks', TESTED, 'main'],
    ['land', { ...ORDER, git: { gitDir: `mirror of ${REPO}` } }],
    ['fetch', REPO, false, 'rewritten'],
    ['base run', REPO],
    ['metric', 'landed'],
  ]);
  expect(recorded).toEqual([{ kind: 'landed' }]);
  expect(outcome).toMatchObject({ kind: 'applied', task: { landedSha: TESTED, criticalToken: null } });
  expect(await store.getJob(ready.job.id)).toMatchObject({ state: 'done' });
  const moves = (await store.taskEvents('t1')).filter(({ kind }) => kind === 'landing-answered');
  expect(moves).toMatchObject([{ actor: `w2 job ${ready.job.id}`, at: 0 }]);
});

test('a landing moves the baseline to what was measured on its commit, and alerts of a marker that main has lost', async () => {
  const commandHash = 'e'.repeat(64);
  const tree = 'f'.repeat(40);
  const measured = {
    metric: 'lines',
    format: 'lcov',
    covered: 3,
    total: 4,
    files: {},
    reportSha256: tree.repeat(2).slice(0, 64),
  } as const;
  const text = serializeMeasurement({ commit: TESTED, tree, commandHash, measured });
  const searched: unknown[] = [];
  const rest = {
    store: { ...store, findArtefact: async () => ({ path: 'kept' }) as Artefact },
    workspaces: { readStoredReport: async () => text },
    loadPolicy: async ({ base }: { base: string }) => ({ kind: 'policy', policy: { markers: [base] } }),
    agentRunner: {
      lostMarkers: async (of: object) => {
        searched.push(of);
        return [{ ticket: 'T-1', symbol: 'guard', file: 'a.ts' }];
      },
    },
  } as unknown as Partial<ServiceContext>;
  await landed({ rest });
  const key = { repoId: REPO, branch: 'main', metric: 'lines', commandHash } as const;
  expect(await store.readBaseline(key)).toMatchObject({ last: { commit: TESTED } });
  expect(searched).toEqual([{ git: { gitDir: `mirror of ${REPO}` }, commit: TESTED, markers: [BASE] }]);
  const alerts = await store.claimOutbox({ nowMs: 1, leaseMs: 1, limit: 9, kinds: ['alert'] });
  expect(alerts).toMatchObject([{ payload: { text: `main of ${REPO} has lost guard in a.ts (T-1)` } }]);
});

test('a commit that main holds before it is landed is landed, with all that follows, and nothing is asked of the forge', async () => {
  const fetches = [fetched({ main: ELSEWHERE })];
  const { asked, recorded } = await landed({ fetches });
  expect(asked).toEqual([
    ['fetch', REPO, true, 'known'],
    ['base run', REPO],
    ['metric', 'merged-outside'],
  ]);
  expect(recorded).toEqual([{ kind: 'merged-outside', reason: 'somebody else landed it' }]);
  expect(await store.getTask('t1')).toMatchObject({ landedSha: TESTED, stage: 'done' });
});

test('without a task or its repository there is nothing to land', async () => {
  const { job } = await atLanding(store);
  const { service, asked } = landingService(store, {});
  const { signal } = new AbortController();
  for (const lack of [{ taskId: null }, { taskId: 'ghost' }, { repoId: 'ghost' }])
    expect(await runLandingJob(service, { ...job, ...lack }, signal)).toEqual({ kind: 'unknown-task' });
  expect(asked).toEqual([]);
});

test('what no test has seen is not landed', async () => {
  await addTask(store, 't1');
  const ready = { ...(await toLanding(store, 't1')), token: { jobId: 0, token: 0 } };
  expect(await landed({}, ready)).toMatchObject({
    steps: ['metric'],
    recorded: [
      {
        kind: 'needs-merge',
        reason: 'the merge gate tested nothing, so nothing is landed; merge it yourself or switch the gate on',
      },
    ],
  });
});

const release = async ({ leaseToken }: Ready): Promise<void> => {
  const proof = (await store.leaseOf(REPO, 't1')) as LeaseProof;
  expect(proof.token).toBe(leaseToken);
  await store.releaseLease(proof, { atMs: 0 });
};

/** Main does not hold the tested commit. */
const without: Answers['has'] = (commit) => (commit === TESTED ? 'no' : 'yes');

describe('before the window', () => {
  test.each<[string, Scene, string[], object]>([
    [
      'a lease that is gone',
      { first: release },
      ['metric'],
      { kind: 'lock-busy', reason: 'the merge lease is not held any more' },
    ],
    [
      'a forge without an answer',
      { fetches: [UNREACHABLE] },
      ['fetch', 'metric'],
      { kind: 'infra', reason: 'no route' },
    ],
    [
      'a main that moved',
      { fetches: [fetched({ main: ELSEWHERE, 'feature/t1': HEAD })], has: without },
      ['fetch', 'metric'],
      { kind: 'base-moved', reason: 'main is not the base of the test any more' },
    ],
    [
      'a branch that moved',
      { fetches: [fetched({ main: BASE, 'feature/t1': ELSEWHERE })] },
      ['fetch', 'metric'],
      { kind: 'base-moved', reason: 'feature/t1 is not at the head that was judged any more' },
    ],
    [
      'a combined commit that is not what was asked for',
      { combined: async () => ({ kind: 'base-moved', reason: 'not it' }) },
      ['fetch', 'metric'],
      { kind: 'base-moved', reason: 'not it' },
    ],
    [
      'a combined commit with a secret',
      { rescan: async () => ({ kind: 'base-moved', reason: 'a secret' }) },
      ['fetch', 'metric'],
      { kind: 'base-moved', reason: 'a secret' },
    ],
    [
      'a forge that takes nothing',
      { prepare: async () => ({ kind: 'cannot-land', reason: 'full' }) },
      ['fetch', 'prepare', 'metric'],
      { kind: 'cannot-land', reason: 'full' },
    ],
    [
      'a push that fails',
      { prepare: async () => ({ kind: 'unprepared', reason: 'cut' }) },
      ['fetch', 'prepare', 'metric'],
      { kind: 'infra', reason: 'cut' },
    ],
    [
      'a required check that is red',
      { checks: async () => ({ kind: 'red', reason: 'lint' }) },
      ['fetch', 'prepare', 'checks', 'metric'],
      { kind: 'cannot-land', reason: 'lint; run the check again, or push a mended commit' },
    ],
    [
      'a required check that stays pending',
      { checks: async () => ({ kind: 'pending', reason: 'lint' }) },
      ['fetch', 'prepare', 'checks', 'metric'],
      { kind: 'ci-pending', reason: 'lint' },
    ],
    [
      'checks that cannot be read',
      { checks: async () => UNREACHABLE },
      ['fetch', 'prepare', 'checks', 'metric'],
      { kind: 'infra', reason: 'no route' },
    ],
  ])('%s ends the landing, with the reason on record', async (_what, scene, steps, answer) => {
    const { asked, ...after } = await landed(scene);
    expect(after).toMatchObject({ outcome: { kind: 'applied' }, steps, recorded: [answer] });
    expect(asked.at(-1)).toEqual(['metric', (answer as { kind: string }).kind]);
    expect(await store.getTask('t1')).toMatchObject({ criticalToken: null, landedSha: null });
  });

  test.each<[string, Scene]>([
    [
      'a branch that is at the tested commit already',
      { fetches: [fetched({ main: BASE, 'feature/t1': TESTED }), fetched({ main: TESTED })] },
    ],
    ['a forge without required checks', { checks: async () => ({ kind: 'unsupported', reason: 'none' }) }],
  ])('%s lands', async (_what, scene) => {
    expect(await landed(scene)).toMatchObject({ recorded: [{ kind: 'landed' }] });
  });

  test.each([
    ['main moved', fetched({ main: ELSEWHERE, 'feature/t1': HEAD }), 'base-moved', false],
    ['somebody else landed it', fetched({ main: ELSEWHERE }), 'merged-outside', true],
    ['the forge was silent', UNREACHABLE, 'landed', true],
  ])('while checks are pending %s', async (_what, meanwhile, kind, isOthers) => {
    const recorded = [{ kind }];
    const rest = {
      settings: { repositories: { pollMs: 1 }, merge: { ciWaitMs: 60_000 } },
    } as unknown as Answers['rest'];
    let isGreen = false;
    const checks = async () => {
      const answer = isGreen ? ({ kind: 'green' } as const) : ({ kind: 'pending', reason: 'lint' } as const);
      isGreen = true;
      return answer;
    };
    const fetches = [READY, meanwhile, fetched({ main: TESTED })];
    expect(await landed({ checks, rest, fetches, has: isOthers ? () => 'yes' : without })).toMatchObject({ recorded });
  });

  test.each(['combined', 'rescan', 'prepare', 'checks'] as const)(
    'a claim that is aborted at %s records nothing and asks nothing more',
    async (step) => {
      const over = new AbortController();
      const cut = async () => {
        over.abort();
        return { kind: 'cannot-land', reason: 'cut off' } as never;
      };
      const { outcome, recorded, steps } = await landed({ [step]: cut, signal: over.signal });
      expect({ outcome, recorded }).toEqual({ outcome: { kind: 'fenced' }, recorded: [] });
      expect(steps.at(-1)).toBe(step === 'combined' || step === 'rescan' ? 'fetch' : step);
    },
  );
});

describe('at the door of the window', () => {
  const meanwhile = async (act: (ready: Ready) => Promise<unknown>) => {
    const ready = await atLanding(store);
    const prepare = async () => {
      await act(ready);
      return { kind: 'prepared' } as const;
    };
    return landed({ prepare }, ready);
  };

  test('a STOP that came first leaves everything to it', async () => {
    const stop = { taskId: 't1', reason: 'r', actor: 'ops', atMs: 1, engine: ENGINE };
    expect(await meanwhile(() => store.requestStop(stop))).toMatchObject({
      outcome: { kind: 'fenced' },
      recorded: [],
      steps: ['fetch', 'prepare', 'checks'],
    });
  });

  test('a task that changed since it was read is not landed', async () => {
    const changed = await meanwhile(async (ready) => {
      await enter(store, ready);
      await store.leaveCritical({ taskId: 't1', criticalToken: ready.leaseToken, atMs: 0 });
    });
    expect(changed).toMatchObject({ outcome: { kind: 'fenced' }, recorded: [], steps: ['fetch', 'prepare', 'checks'] });
  });

  test('a lease that was lost is answered as such', async () => {
    expect(await meanwhile(release)).toMatchObject({
      recorded: [{ kind: 'lock-busy', reason: 'the merge lease was lost' }],
    });
  });

  test('one that is inside already lands again', async () => {
    expect(await meanwhile((ready) => enter(store, ready))).toMatchObject({ recorded: [{ kind: 'landed' }] });
  });
});

describe('inside the window', () => {
  const then = (after: Answers['fetches'][number]): Answers['fetches'] => [READY, after];
  const UNPROVEN: [string, Scene, string][] = [
    ['a forge without an answer', { fetches: then(UNREACHABLE) }, 'no route'],
    ['a main that is gone', { fetches: then(fetched({})) }, `${REPO} has no branch main`],
    ['a main that cannot be compared', { has: () => 'unknown' }, 'main cannot be compared with the tested commit'],
    [
      'a base that cannot be compared',
      { has: (commit) => (commit === BASE ? 'unknown' : 'yes') },
      'main cannot be compared with the tested commit',
    ],
    [
      'an answer in doubt and no commit on main',
      { land: { kind: 'in-doubt', reason: 'cut' }, has: without },
      'main does not hold the tested commit (cut)',
    ],
  ];

  test.each(UNPROVEN)('%s: nothing is recorded, and it is asked again', async (_what, scene) => {
    const ready = await atLanding(store);
    const { outcome, recorded, steps } = await landed({ ...scene, now: () => 100 }, ready);
    expect({ outcome, recorded }).toEqual({ outcome: { kind: 'fenced' }, recorded: [] });
    expect(steps).toEqual(['fetch', 'prepare', 'checks', 'land', 'fetch', 'warning']);
    expect(await store.getJob(ready.job.id)).toMatchObject({ state: 'ready', availableAt: 105 });
    expect(await store.getTask('t1')).toMatchObject({ criticalToken: ready.leaseToken });
    expect(await store.claimOutbox({ nowMs: 1e9, leaseMs: 1, limit: 9, kinds: ['alert'] })).toEqual([]);
  });

  test.each(UNPROVEN)('%s, again: it is one alert with the reason', async (_what, scene, reason) => {
    const ready = await atLanding(store);
    const fetches = scene.fetches?.slice(1) ?? [fetched({ main: TESTED })];
    expect((await landed({ ...scene, fetches, first: (claimed) => enter(store, claimed) }, ready)).recorded).toEqual(
      [],
    );
    const job = await mustClaim(store, { nowMs: 1e9 });
    await landed({ ...scene, fetches }, { ...ready, job });
    const alerts = await store.claimOutbox({ nowMs: 1e9, leaseMs: 1, limit: 9, kinds: ['alert'] });
    expect(alerts.map(({ payload }) => payload)).toEqual([
      {
        kind: 'alert',
        key: `landing-unproven#${ready.leaseToken}`,
        scope: 'task',
        text: `whether feature/t1 landed on main of ${REPO} cannot be told: ${reason}; nothing else lands there until main can be moved and read, and it is asked again by itself`,
      },
    ]);
  });

  test.each<[string, Scene, string]>([
    [
      'does not hold the tested commit',
      { has: without },
      'landing was acknowledged, but main does not hold the tested commit',
    ],
    [
      'was rewritten',
      { has: () => 'no' },
      'landing was acknowledged, but main does not even hold the base of the test any more',
    ],
  ])('a success while main %s freezes the repository', async (_what, scene, reason) => {
    const { recorded, asked } = await landed({ ...scene, fetches: then(fetched({ main: ELSEWHERE })) });
    expect(recorded).toEqual([{ kind: 'frozen', reason }]);
    expect(asked.at(-1)).toEqual(['metric', 'frozen']);
    expect(await store.getRepo(REPO)).toMatchObject({ frozenReason: reason });
    expect(await store.getTask('t1')).toMatchObject({ criticalToken: null, landedSha: null });
  });

  test('a refusal while another has landed the commit is merged outside', async () => {
    const land = { kind: 'base-moved', reason: 'main moved' } as const;
    const { recorded } = await landed({ land });
    expect(recorded).toEqual([{ kind: 'merged-outside', reason: 'somebody else landed it' }]);
    expect(await store.getTask('t1')).toMatchObject({ landedSha: TESTED, criticalToken: null });
  });

  test('an answer in doubt is a landing once main has the commit', async () => {
    expect(await landed({ land: { kind: 'in-doubt', reason: 'cut' } })).toMatchObject({
      recorded: [{ kind: 'landed' }],
    });
  });

  test('a refusal that main confirms is recorded as the forge said it', async () => {
    const land = { kind: 'cannot-land', reason: 'protected' } as const;
    const { recorded } = await landed({ land, has: without, fetches: then(fetched({ main: BASE })) });
    expect(recorded).toEqual([land]);
    expect(await store.getTask('t1')).toMatchObject({ criticalToken: null });
  });
});
