/**
 * What people do about the tasks: enqueue, stop, retry, override, thaw, pause. Each act goes through a running service.
 */
import type { Repository, Task } from '@gatehouse/orchestrator/testing';
import { isCheckName, type Profile } from '@gatehouse/stage-engine';
import type { Branches } from './branches.ts';
import { count } from './coverage-counters.ts';
import { COMMAND_HASH } from './gates.ts';
import { openPullRequest } from './pull-requests.ts';
import type { ServiceProcess } from './service-process.ts';
import type { WorldState } from './world-state.ts';

export const REPO = 'r';

/** One act of one person; it is lost when its service dies under it, and done again at the next round. */
export type Act = (service: ServiceProcess) => Promise<void>;

export interface UserActions {
  readonly enqueue: (id: string, branch: string, profile: Profile) => Act;
  readonly stop: (id: string) => Act;
  /** Answers everything that needs a person. */
  readonly attend: Act;
  readonly pause: (paused: boolean) => Act;
  readonly lowerBaseline: Act;
}

export interface UserActionParts {
  readonly state: WorldState;
  readonly branches: Branches;
  /** From now on everything is brought to its end: no more changes of mind, everything blocked is mended or stopped. */
  readonly isHealing: () => boolean;
}

export function userActions({ state, branches, isHealing }: UserActionParts): UserActions {
  const { clock, prng, counters, heads } = state;
  const tries = new Map<string, number>();

  const stop =
    (id: string): Act =>
    async ({ cancellations }) => {
      state.stopped.add(id);
      await cancellations.request({ taskId: id, reason: 'not wanted any more', actor: 'person' });
    };
  const approve = async ({ context }: ServiceProcess, { id, state }: Task): Promise<void> => {
    if (!isCheckName(state.step)) return;
    count(counters, 'people: approve');
    const event = { kind: 'approved', check: state.step, by: 'person', atMs: clock.nowMs } as const;
    await context.store.applyEvent({ taskId: id, event, engine: context.engine, actor: 'person' });
    context.wakeup.notify();
  };
  const retry = async ({ context }: ServiceProcess, { id }: Task): Promise<void> => {
    count(counters, 'people: retry');
    const event = { kind: 'retried', by: 'person', atMs: clock.nowMs } as const;
    await context.store.applyEvent({ taskId: id, event, engine: context.engine, actor: 'person' });
    context.wakeup.notify();
  };
  const override = async ({ context }: ServiceProcess, task: Task): Promise<void> => {
    const check = task.state.step;
    if (check !== 'check_security_gate' && check !== 'check_coverage_gate' && check !== 'check_image_freshness') return;
    if (heads.get(task.branch) !== task.headSha) return;
    count(counters, `people: override of ${check}`);
    const event = { kind: 'overridden', check, by: 'admin', reason: 'looked at it', atMs: clock.nowMs } as const;
    await context.store.applyEvent({ taskId: task.id, event, engine: context.engine, actor: 'admin' });
    context.wakeup.notify();
  };

  const answerBlocked = async (service: ServiceProcess, task: Task): Promise<void> => {
    const tried = (tries.get(task.id) ?? 0) + 1;
    tries.set(task.id, tried);
    if (tried > (isHealing() ? 12 : 6)) return stop(task.id)(service);
    const removed = task.state.blocked?.reason === 'removed';
    const choice = prng.below(10);
    if (removed && choice < 5) return branches.mend(task.branch);
    if (choice < 7) return retry(service, task);
    if (choice < 9 && !isHealing()) return override(service, task);
    return isHealing() ? retry(service, task) : stop(task.id)(service);
  };

  const attend: Act = async (service) => {
    const { store } = service.context;
    const repo = await store.getRepo(REPO);
    if (repo !== null) await unfreeze(service, repo);
    for (const task of await store.listTasks({ repoId: REPO, live: true })) {
      if (task.status === 'blocked' && (isHealing() || prng.below(3) > 0)) await answerBlocked(service, task);
      if (task.state.waiting?.cause === 'approval') await approve(service, task);
      if (isHealing() && task.status === 'waiting' && branches.isMainBroken()) branches.pushMain(false);
    }
  };
  const unfreeze = async ({ context }: ServiceProcess, repo: Repository): Promise<void> => {
    const audit = { actor: 'admin', atMs: clock.nowMs };
    if (repo.frozenReason !== null) {
      count(counters, 'people: thaw');
      await context.store.updateRepo(REPO, { frozenReason: null }, audit);
      context.wakeup.notify();
    }
    if (!repo.paused || !isHealing()) return;
    await context.store.updateRepo(REPO, { paused: false }, audit);
    context.wakeup.notify();
  };

  return {
    stop,
    attend,
    enqueue:
      (id, branch, profile) =>
      async ({ context }) => {
        const head = heads.get(branch);
        const number = profile === 'full' ? null : openPullRequest(state, branch);
        const known = {
          ...(head === undefined ? {} : { headSha: head }),
          ...(number === null ? {} : { pullRequest: number }),
        };
        const about = { repoId: REPO, profile, branch, key: branch, title: branch, ...known };
        const added = await context.store.addTask({ id, ...about, actor: 'person', atMs: clock.nowMs }, context.engine);
        count(counters, `enqueue: ${added.kind}`);
        if (added.kind === 'added' && added.task.generation > 1) count(counters, 'enqueue: a later generation');
        context.wakeup.notify();
      },
    pause:
      (paused) =>
      async ({ context }) => {
        count(counters, paused ? 'people: pause' : 'people: resume');
        await context.store.updateRepo(REPO, { paused }, { actor: 'admin', atMs: clock.nowMs });
        context.wakeup.notify();
      },
    lowerBaseline: async ({ context }) => {
      const key = { repoId: REPO, branch: 'main', metric: 'lines', commandHash: COMMAND_HASH } as const;
      const known = await context.store.readBaseline(key);
      if (known === null) return;
      count(counters, 'people: baseline override');
      const covered = Math.floor(known.mark.covered * 0.99);
      const next = { ...known, seq: known.seq + 1, mark: { ...known.mark, covered } };
      const by = { actor: 'admin', reason: 'a suite was retired', atMs: clock.nowMs };
      await context.store.overrideBaseline(key, { expectedSeq: known.seq, next, ...by });
    },
  };
}
