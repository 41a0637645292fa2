/** A tested commit that main holds although no landing was answered: its task has landed, whoever comes upon it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServiceContext } from '../src/context.ts';
import type { Store } from '../src/store/port/index.ts';
import { watchRepo } from '../src/worker/branch-watcher.ts';
import { runCheckJob } from '../src/worker/jobs/check.ts';
import { lookAt } from '../src/worker/pull-requests/look.ts';
import { repositoryLooks } from '../src/worker/repository-look.ts';
import {
  atLanding,
  BASE,
  BLIND_TO_WINDOWS,
  ELSEWHERE,
  enter,
  fetched,
  HEAD,
  landingService,
  memoryStore,
  TESTED,
} from './landing-scene.ts';
import { openPullRequest, PeopleForge } from './people-forge.ts';
import { ENGINE, mustClaim, REPO, tokenOf } from './store/world.ts';

let store: Store;
let ready: Awaited<ReturnType<typeof atLanding>>;
beforeEach(async () => {
  store = await memoryStore();
  ready = await atLanding(store);
});
afterEach(() => store.close());

const { signal } = new AbortController();
type Holds = 'yes' | 'no' | 'unknown';

/** Main has moved; `holds`: the tested commit is there. */
function service(holds: Holds, heads: Readonly<Record<string, string>> = { 'feature/t1': HEAD }) {
  const forge = new PeopleForge();
  forge.put({ ...openPullRequest({ headRef: 'feature/t1', branch: 'feature/t1', head: HEAD }), state: 'closed' });
  const stopped: string[] = [];
  const rest = {
    forgeOf: forge.port,
    settings: {
      repositories: { pollMs: 5 },
      tracker: { stopStatus: true },
      forges: { queueLabel: 'gatehouse', queueOnApproval: false },
    },
    checkNamed: () => {
      throw new Error('something was run');
    },
    cancellations: { request: async ({ reason }: { reason: string }) => stopped.push(reason) },
  };
  const fetches = [fetched({ main: ELSEWHERE, ...heads })];
  const has = (commit: string): Holds => (commit === TESTED ? holds : 'yes');
  const { service, asked } = landingService(store, { fetches, has, rest: rest as unknown as Partial<ServiceContext> });
  return { service: service as ServiceContext & Parameters<typeof lookAt>[0], asked, stopped };
}

/** The landing is answered so, which takes the lease away; a job of the first gate follows, or a wait. */
async function answered(kind: 'base-moved' | 'ci-pending' | 'infra', engine = ENGINE): Promise<void> {
  const event = { kind: 'landing-answered', answer: { kind, reason: 'it says so' }, atMs: 0 } as const;
  await store.applyEvent({ taskId: 't1', event, engine, job: tokenOf(ready.job) });
}

const shown = async () => {
  const { stage, status, landedSha, criticalToken, state } = (await store.getTask('t1')) ?? {};
  return { stage, status, landedSha, criticalToken, ended: state?.ended ?? null };
};
const LANDED = { stage: 'done', status: 'active', landedSha: TESTED, criticalToken: null, ended: 'done' };
const answers = async () =>
  (await store.taskEvents('t1')).flatMap(({ kind, body }) =>
    kind === 'landing-answered' ? [(body as { answer: object }).answer] : [],
  );

describe('a gate that is about to run again', () => {
  const gate = async (holds: Holds) => {
    const job = await mustClaim(store, { nowMs: 1_000_000_000 });
    const parts = service(holds);
    return { ...parts, job, ended: (await runCheckJob(parts.service, job, signal)).kind };
  };

  test('runs nothing', async () => {
    await answered('base-moved');
    const { ended, asked, job } = await gate('yes');
    expect(ended).toBe('applied');
    expect(await shown()).toEqual(LANDED);
    expect((await answers()).at(-1)).toEqual({ kind: 'merged-outside', reason: 'somebody else landed it' });
    expect(asked).toContainEqual(['metric', 'merged-outside']);
    expect(await store.getJob(job.id)).toMatchObject({ state: 'done' });
  });

  test('waits where main cannot be compared, and runs where main does not hold it', async () => {
    await answered('base-moved');
    expect((await gate('unknown')).ended).toBe('put-off');
    expect((await shown()).stage).toBe('deploy-staging');
    await expect(gate('no')).rejects.toThrow('something was run');
  });

  test('leaves the critical window and the lease, where an earlier version gave the landing up inside', async () => {
    await enter(store, ready);
    await answered('infra', BLIND_TO_WINDOWS);
    expect(await shown()).toMatchObject({ stage: 'deploy-staging', criticalToken: ready.leaseToken });
    await gate('yes');
    expect(await shown()).toEqual(LANDED);
    expect((await answers()).at(-1)).toMatchObject({ reason: 'it was landed before it was tested again' });
    expect(await store.leaseOf(REPO, 't1')).toBeNull();
  });
});

describe('a watcher', () => {
  const watch = async (kind: 'base-moved' | 'ci-pending', holds: Holds, heads?: Readonly<Record<string, string>>) => {
    await answered(kind);
    const repo = await store.getRepo(REPO);
    const watching = service(holds, heads).service;
    const mains = new Map([[REPO, heads === undefined ? BASE : ELSEWHERE]]);
    const state = { mains, environments: new Map(), looks: repositoryLooks(watching) };
    if (repo !== null) await watchRepo(watching, repo, state, signal);
    return shown();
  };

  test('tells a task that waits, at once when main moves', async () => {
    expect(await watch('ci-pending', 'yes')).toEqual(LANDED);
  });

  test('takes a branch that went with its landing for landed', async () => {
    expect(await watch('base-moved', 'yes', {})).toEqual(LANDED);
  });

  test('waits where main cannot be compared', async () => {
    expect(await watch('base-moved', 'unknown', {})).toMatchObject({ stage: 'deploy-staging', ended: null });
  });

  test('ends a task whose branch is gone where main does not hold it', async () => {
    expect(await watch('base-moved', 'no', {})).toMatchObject({ stage: 'cancelled', ended: 'branch-gone' });
  });
});

describe('a pull request that its forge closed as unmerged', () => {
  const look = async (holds: Holds) => {
    const parts = service(holds);
    const repo = await store.getRepo(REPO);
    if (repo === null) throw new Error('no repository');
    const ended = await lookAt(parts.service, { repo, number: 7, heard: [], readsComments: false, signal });
    return { ended, stopped: parts.stopped };
  };

  test('does not take back a task that waits for required checks', async () => {
    await answered('ci-pending');
    expect(await look('yes')).toEqual({ ended: 'done', stopped: [] });
    expect(await shown()).toEqual(LANDED);
  });

  test('leaves a landing that is under way to find it by itself', async () => {
    expect(await look('yes')).toEqual({ ended: 'done', stopped: [] });
    expect(await shown()).toMatchObject({ stage: 'deploy', status: 'active', landedSha: null });
  });

  test('is looked at again where main cannot be compared', async () => {
    expect(await look('unknown')).toEqual({ ended: 'again', stopped: [] });
  });

  test('takes its task back where main does not hold the commit', async () => {
    expect(await look('no')).toEqual({ ended: 'done', stopped: ['the pull request is closed'] });
  });
});
