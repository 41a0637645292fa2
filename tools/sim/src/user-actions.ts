/** What people do about the tasks: enqueue, stop, retry, override, thaw, pause. Each act goes through a running service. */
import type { RepoRow, TaskRow } from '@gatehouse/orchestrator/testing';
import { isCheckName, type Profile } from '@gatehouse/stage-engine';
import type { Branches } from './branches.ts';
import { count } from './coverage-counters.ts';
import { COMMAND_HASH } from './gates.ts';
import type { Service } from './service-process.ts';
import type { Land } from './world-state.ts';

export const REPO = 'r';

/** One act of one person; it is lost when its service dies under it, and done again at the next look. */
export type Act = (service: Service) => Promise<void>;

export interface People {
  readonly enqueue: (id: string, branch: string, profile: Profile) => Act;
  readonly stop: (id: string) => Act;
  /** Looks at everything that needs a person, and does something about it. */
  readonly look: Act;
  readonly pause: (paused: boolean) => Act;
  readonly lowerBaseline: Act;
}

export interface PeopleParts {
  readonly land: Land;
  readonly branches: Branches;
  /** From now on everything is brought to its end: no more changes of mind, everything blocked is mended or stopped. */
  readonly isHealing: () => boolean;
}

export function people({ land, branches, isHealing }: PeopleParts): People {
  const { clock, dice, tally, heads } = land;
  const tries = new Map<string, number>();

  const stop =
    (id: string): Act =>
    async ({ stops }) => {
      await stops.request({ taskId: id, reason: 'not wanted any more', actor: 'person' });
    };
  const approve = async ({ house }: Service, { id, state }: TaskRow): Promise<void> => {
    if (!isCheckName(state.step)) return;
    count(tally, 'people: approve');
    const event = { kind: 'approved', check: state.step, by: 'person', atMs: clock.nowMs } as const;
    await house.store.applyEvent({ taskId: id, event, engine: house.engine, actor: 'person' });
    house.bell.ring();
  };
  const retry = async ({ house }: Service, { id }: TaskRow): Promise<void> => {
    count(tally, 'people: retry');
    const event = { kind: 'retried', by: 'person', atMs: clock.nowMs } as const;
    await house.store.applyEvent({ taskId: id, event, engine: house.engine, actor: 'person' });
    house.bell.ring();
  };
  const override = async ({ house }: Service, task: TaskRow): Promise<void> => {
    const check = task.state.step;
    if (check !== 'check_security_gate' && check !== 'check_coverage_gate' && check !== 'check_image_freshness') return;
    if (heads.get(task.branch) !== task.headSha) return;
    count(tally, `people: override of ${check}`);
    const event = { kind: 'overridden', check, by: 'admin', reason: 'looked at it', atMs: clock.nowMs } as const;
    await house.store.applyEvent({ taskId: task.id, event, engine: house.engine, actor: 'admin' });
    house.bell.ring();
  };

  const answerBlocked = async (service: Service, task: TaskRow): Promise<void> => {
    const tried = (tries.get(task.id) ?? 0) + 1;
    tries.set(task.id, tried);
    if (tried > (isHealing() ? 12 : 6)) return stop(task.id)(service);
    const removed = task.state.blocked?.reason === 'removed';
    const choice = dice.below(10);
    if (removed && choice < 5) return branches.mend(task.branch);
    if (choice < 7) return retry(service, task);
    if (choice < 9 && !isHealing()) return override(service, task);
    return isHealing() ? retry(service, task) : stop(task.id)(service);
  };

  const look: Act = async (service) => {
    const { store } = service.house;
    const repo = await store.getRepo(REPO);
    if (repo !== null) await unfreeze(service, repo);
    for (const task of await store.listTasks({ repoId: REPO, live: true })) {
      if (task.status === 'blocked' && (isHealing() || dice.below(3) > 0)) await answerBlocked(service, task);
      if (task.state.waiting?.cause === 'approval') await approve(service, task);
      if (isHealing() && task.status === 'waiting' && branches.isMainBroken()) branches.pushMain(false);
    }
  };
  const unfreeze = async ({ house }: Service, repo: RepoRow): Promise<void> => {
    const audit = { actor: 'admin', atMs: clock.nowMs };
    if (repo.frozenReason !== null) {
      count(tally, 'people: thaw');
      await house.store.updateRepo(REPO, { frozenReason: null }, audit);
      house.bell.ring();
    }
    if (!repo.paused || !isHealing()) return;
    await house.store.updateRepo(REPO, { paused: false }, audit);
    house.bell.ring();
  };

  return {
    stop,
    look,
    enqueue:
      (id, branch, profile) =>
      async ({ house }) => {
        const head = heads.get(branch);
        const known = head === undefined ? {} : { headSha: head };
        const about = { repoId: REPO, profile, branch, key: branch, title: branch, ...known };
        const added = await house.store.addTask({ id, ...about, actor: 'person', atMs: clock.nowMs }, house.engine);
        count(tally, `enqueue: ${added.kind}`);
        if (added.kind === 'added' && added.task.generation > 1) count(tally, 'enqueue: a later generation');
        house.bell.ring();
      },
    pause:
      (paused) =>
      async ({ house }) => {
        count(tally, paused ? 'people: pause' : 'people: resume');
        await house.store.updateRepo(REPO, { paused }, { actor: 'admin', atMs: clock.nowMs });
        house.bell.ring();
      },
    lowerBaseline: async ({ house }) => {
      const key = { repoId: REPO, branch: 'main', metric: 'lines', commandHash: COMMAND_HASH } as const;
      const known = await house.store.readBaseline(key);
      if (known === null) return;
      count(tally, 'people: baseline override');
      const covered = Math.floor(known.mark.covered * 0.99);
      const next = { ...known, seq: known.seq + 1, mark: { ...known.mark, covered } };
      const by = { actor: 'admin', reason: 'a suite was retired', atMs: clock.nowMs };
      await house.store.overrideBaseline(key, { expectedSeq: known.seq, next, ...by });
    },
  };
}
