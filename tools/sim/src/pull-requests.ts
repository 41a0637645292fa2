/**
 * The pull requests of one world, as its forge has them, and what the service does at them: the production look, and the
 * production finish of what has landed. Comments are a note of what was told: how they read is tested elsewhere.
 */
import { type Cancellations, finishPullRequest, lookAt, type ServiceContext } from '@gatehouse/orchestrator/testing';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { WorldState } from './world-state.ts';

type Forge = ReturnType<ServiceContext['forgeOf']>;
type People = Pick<Forge, 'comments' | 'finish' | 'mayCommand' | 'pullRequest' | 'pullRequests'>;

export interface SimulatedPullRequest {
  readonly number: number;
  readonly branch: string;
  /** Of its branch; the last one, where that is gone. */
  head: string;
  state: 'open' | 'closed' | 'merged';
}

const LOOK_MS = 60_000;
const SILENT = { kind: 'unreachable', reason: 'the forge does not answer' } as const;

/** The number of the open one of this branch; another is opened where there is none. Null: people open none here. */
export function openPullRequest(state: WorldState, branch: string): number | null {
  const { pullRequests, heads, around, faults } = state;
  const head = heads.get(branch);
  const open = pullRequests.find((one) => one.branch === branch && one.state === 'open');
  if (open !== undefined) return open.number;
  if (head === undefined || !around.hits(faults.pullRequestPpm)) return null;
  const number = pullRequests.length + 1;
  pullRequests.push({ number, branch, head, state: 'open' });
  return number;
}

/** Main has moved: a forge calls merged what main has, or closes it without a word of a merge, with its branch or without, or looks only later. */
export function noticeMerged(state: WorldState, main: string): void {
  const { around, counters, faults, history } = state;
  for (const one of state.pullRequests) {
    if (one.state !== 'open' || !history.contains(main, headOf(state, one))) continue;
    if (around.hits(faults.closesLandedPpm)) {
      count(counters, 'forge: closes as unmerged what main has');
      one.state = 'closed';
    } else if (around.below(2) === 0) one.state = 'merged';
    else continue;
    if (!around.hits(faults.deletesLandedPpm)) continue;
    count(counters, 'forge: deletes the branch of what main has');
    state.dropHead(one.branch);
  }
}

function headOf({ heads }: WorldState, one: SimulatedPullRequest): string {
  one.head = heads.get(one.branch) ?? one.head;
  return one.head;
}

export function peopleOf(state: WorldState): People {
  const { around, counters, faults } = state;
  const shown = (one: SimulatedPullRequest) => ({
    number: one.number,
    title: one.branch,
    branch: one.branch,
    head: headOf(state, one),
    base: 'main',
    author: 'author',
    isDraft: false,
    isFork: false,
    headRef: one.branch,
    headOwner: 'owner',
    labels: [],
    isApproved: null,
    state: one.state,
  });
  const find = (number: number) => state.pullRequests.find((one) => one.number === number);
  return {
    pullRequests: async () => ({
      kind: 'pull-requests',
      all: state.pullRequests.filter((one) => one.state === 'open').map(shown),
    }),
    pullRequest: async (number) => {
      const one = find(number);
      if (around.hits(faults.mirrorDownPpm)) return SILENT;
      return one === undefined ? { kind: 'gone' } : { kind: 'pull-request', pullRequest: shown(one) };
    },
    comments: async ({ cursor }) => ({ kind: 'comments', all: [], cursor: cursor ?? '' }),
    mayCommand: async () => ({ kind: 'may' }),
    finish: async ({ number }) => {
      const one = find(number);
      if (around.hits(faults.mirrorDownPpm)) return SILENT;
      if (one?.state === 'open') one.state = around.hits(faults.closesLandedPpm) ? 'closed' : 'merged';
      count(counters, `pull request: finished as ${one?.state ?? 'gone'}`);
      return one?.state === 'merged' ? { kind: 'merged' } : { kind: 'closed', reason: 'it was closed before' };
    },
  };
}

type Looks = ServiceContext & { readonly cancellations: Cancellations };

/** Looks at every pull request of a task at least once a minute, for as long as the process lives. */
export async function watchPullRequests(
  state: WorldState,
  owner: Owner,
  { service, signal, onError }: { service: Looks; signal: AbortSignal; onError: (text: string) => void },
): Promise<void> {
  while (!signal.aborted) {
    // A webhook is followed at once, a list is read once a minute.
    await state.clock.sleep(state.pullRequests.length > 0 ? state.around.between(1_000, LOOK_MS) : LOOK_MS, owner);
    if (state.pullRequests.length > 0) await lookAtAll(state, service, signal).catch((why) => onError(String(why)));
  }
}

async function lookAtAll({ pullRequests }: WorldState, service: Looks, signal: AbortSignal): Promise<void> {
  const live = await service.store.listTasks({ live: true });
  const numbers = new Set(live.map((task) => task.pullRequest));
  for (const repo of await service.store.listRepos())
    for (const { number } of pullRequests)
      if (!signal.aborted && !repo.paused && numbers.has(number))
        await lookAt(service, { repo, number, heard: [], readsComments: false, signal });
}

type PeopleEffects = NonNullable<Parameters<typeof import('@gatehouse/orchestrator/testing').startWorker>[0]['people']>;

/** As the service orders it: what has landed is finished once that was told. */
export function peopleEffectsOf(state: WorldState, service: ServiceContext): PeopleEffects {
  return {
    finish: (row) => finishPullRequest(service, row),
    tell: async ({ taskId }) => {
      const task = taskId === null ? null : await service.store.getTask(taskId);
      if (task?.landedSha == null || task.pullRequest === null) return { kind: 'told' };
      const dedupeKey = `finish-pull-request:${task.id}`;
      const order = { kind: 'finish-pull-request', dedupeKey, payload: {}, taskId: task.id, atMs: state.clock.nowMs };
      await service.store.addOutbox(order);
      state.toldLanded.add(task.id);
      return { kind: 'told' };
    },
  };
}
