/** A landing in memory: the real store and engine, and every port of the landing job answering as a test says. */
import type { ServiceContext } from '../src/context.ts';
import { localForge } from '../src/forges/local.ts';
import { silentLog } from '../src/platform/logger.ts';
import { createMetrics } from '../src/platform/metrics.ts';
import { createWakeup } from '../src/platform/wakeup.ts';
import type { Store } from '../src/store/port/index.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { addTask, ENGINE, tokenOf, toLanding, withRepo } from './store/world.ts';

export const [BASE, HEAD, TESTED, ELSEWHERE] = ['b', 'a', 'c', 'd'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
];

type Forge = ReturnType<ServiceContext['forgeOf']>;
export type LandingAnswer = Awaited<ReturnType<Forge['land']>>;

/** What the ports answer; what is left out answers as in a landing that succeeds. */
export interface Answers {
  /** Of each fetch in its turn, the last one for all later ones. */
  readonly fetches: readonly Awaited<ReturnType<ServiceContext['mirrors']['refresh']>>[];
  readonly land: LandingAnswer;
  readonly prepare: () => ReturnType<Forge['prepare']>;
  readonly checks: () => ReturnType<Forge['requiredChecks']>;
  readonly combined: ServiceContext['proveCombined'];
  readonly rescan: ServiceContext['rescanCombined'];
  /** Whether main's head has the commit. */
  readonly has: (commit: string) => 'yes' | 'no' | 'unknown';
  readonly now: () => number;
  readonly rest: Partial<ServiceContext>;
}

export async function memoryStore(): Promise<Store> {
  const opened = openSqliteStore(':memory:');
  if (opened.kind === 'refused') throw opened.trouble;
  return withRepo(opened.store);
}

/** An engine that lets a task leave its landing with the critical window open, as earlier versions did. */
export const BLIND_TO_WINDOWS: typeof ENGINE = {
  ...ENGINE,
  decide: (state, event, config) => {
    const { inside: _unseen, ...rest } = { inside: undefined, ...event };
    return ENGINE.decide(state, rest as typeof event, config);
  },
};

export const fetched = (heads: Readonly<Record<string, string>>) =>
  ({ kind: 'fresh', git: { gitDir: '' }, broken: [], heads }) as const;

/** A service with the landing's ports only, and what it asked of them, in order. */
export function landingService(store: Store, answers: Partial<Answers>) {
  const asked: unknown[][] = [];
  const note = (...what: unknown[]): void => void asked.push(what);
  const fetches = [...(answers.fetches ?? [fetched({ main: BASE, 'feature/t1': HEAD }), fetched({ main: TESTED })])];
  const metrics = createMetrics({ mergeMetrics: false });
  const ports: Partial<ServiceContext> = {
    store,
    engine: ENGINE,
    mirrors: {
      broken: () => [],
      heads: () => ({}),
      foresee: async () => ({ kind: 'unsure' }),
      directory: (repoId) => `mirror of ${repoId}`,
      refresh: async ({ id }, signal, accepts) => {
        note('fetch', id, signal !== undefined, accepts ?? 'known');
        const [next = { kind: 'unreachable', reason: 'no fetch is left' }] = fetches;
        if (fetches.length > 1) fetches.shift();
        return next;
      },
      hasCommit: async (_repo, { commit }) => answers.has?.(commit) ?? 'yes',
      wasDropped: async () => false,
      pin: async () => ({ kind: 'done' }),
      compact: async () => null,
    },
    lookAtRepository: async () => ({ kind: 'not-told', reason: 'it has no number' }),
    forgeOf: () => ({
      ...localForge(''),
      prepare: async ({ signal: _signal, ...order }) => {
        note('prepare', order);
        return (await answers.prepare?.()) ?? { kind: 'prepared' };
      },
      requiredChecks: async ({ commit, main }) => {
        note('checks', commit, main);
        return (await answers.checks?.()) ?? { kind: 'green' };
      },
      land: async (order) => {
        note('land', order);
        return answers.land ?? { kind: 'landed' };
      },
    }),
    proveCombined: answers.combined ?? (async () => ({ kind: 'clean' })),
    rescanCombined: answers.rescan ?? (async () => ({ kind: 'clean' })),
    baseRuns: { landed: (repoId: string) => note('base run', repoId) } as unknown as ServiceContext['baseRuns'],
    activeClaims: {
      awaits: (_claim: object, words: string) => note('awaits', words),
    } as unknown as ServiceContext['activeClaims'],
    loadPolicy: async () => ({ kind: 'unreadable', reason: 'no markers' }),
    metrics: { ...metrics, landing: (result) => note('metric', result) },
    log: { ...silentLog, warn: (message) => note('warning', message) },
    wakeup: createWakeup(),
    now: answers.now ?? (() => 0),
    workerId: 'w2',
    settings: { repositories: { pollMs: 5 }, merge: { ciWaitMs: 0 } } as unknown as ServiceContext['settings'],
    ...answers.rest,
  };
  return { service: ports as ServiceContext, asked };
}

/** Task `t1`, tested and with its landing job claimed and the lease held. */
export async function atLanding(store: Store) {
  await addTask(store, 't1', { pullRequest: 7 });
  const { job, leaseToken } = await toLanding(store, 't1');
  const { updatedAt = 0 } = (await store.getTask('t1')) ?? {};
  const task = { headSha: HEAD, baseSha: BASE, testedSha: TESTED };
  const note = { kind: 'woken', why: 'timer', atMs: updatedAt } as const;
  await store.applyEvent({ taskId: 't1', event: note, engine: ENGINE, writes: { task } });
  return { job, leaseToken, token: tokenOf(job) };
}

/** Into the critical window, as a landing that was cut off there; answers its outcome. */
export async function enter(store: Store, { job, leaseToken }: Awaited<ReturnType<typeof atLanding>>): Promise<string> {
  const { version } = (await store.getTask('t1')) ?? { version: 0 };
  return (await store.enterCritical({ taskId: 't1', version, job: tokenOf(job), leaseToken, atMs: 0 })).kind;
}
