/** What comes and goes in a world: tasks with their branches, users' changes of mind, pushes from outside, restarts. */
import { HEAL_MS, type World } from './build-world.ts';
import { count } from './coverage-counters.ts';
import { CALM } from './faults.ts';
import type { WorldState } from './world-state.ts';

const ARRIVALS_MS = 20 * 60_000;
const ATTEND_MS = 90_000;
const MINUTE_MS = 60_000;
const ASK_AGAIN_MS = 20_000;
const ARRIVAL_TRIES = 60;
const AGAIN = '-again';
/** One task of so many is worked on by agents. */
const TASKS = 20;

export function populate(world: World): void {
  const { state, prng, supervisor, rareSpot } = world;
  const { clock } = state;
  supervisor.start();
  const tasks = prng.between(6, 18);
  world.coming = tasks;
  for (let number = 1; number <= tasks; number += 1) {
    const branch = prng.below(TASKS) < (rareSpot?.agentTasks ?? 1) ? `feature/${number}` : `queue/${number}`;
    clock.after(prng.below(ARRIVALS_MS), () => arrive(world, { id: `t${number}`, branch }), null);
  }
  attendRegularly(world);
  outsiders(world);
  clock.after(HEAL_MS, () => heal(world), null);
}

function heal({ state, supervisor }: World): void {
  state.trace(() => 'all faults end');
  state.faults = CALM;
  supervisor.calm();
}

/** A task enters once its enqueueing was seen in the store; the request before may have been cut off. */
function arrive(world: World, task: { readonly id: string; readonly branch: string }, tries = 0): void {
  const { id, branch } = task;
  const { state, branches, users, checker, through } = world;
  if (checker.snapshot().tasks.has(id) || tries > ARRIVAL_TRIES) {
    world.coming -= 1;
    return;
  }
  const profile = isFull(branch) ? 'full' : 'gates-only';
  if (profile === 'gates-only' && !state.heads.has(branch)) branches.start(branch);
  through(users.enqueue(id, branch, profile));
  state.clock.after(ASK_AGAIN_MS * (tries + 1), () => arrive(world, task, tries + 1), null);
  if (tries === 0) changeMinds(world, id, branch);
}

/** Branches of tasks that agents work on are made by them. */
const isFull = (branch: string): boolean => branch.startsWith('feature/');

function changeMinds(world: World, id: string, branch: string): void {
  const { state, prng, branches, users, through } = world;
  const { clock, faults, counters } = state;
  const later = (limitMinutes: number, act: () => void): void => {
    clock.after(prng.below(limitMinutes * MINUTE_MS), act, null);
  };
  if (prng.hits(faults.stopTaskPpm)) later(8, () => through(users.stop(id)));
  if (prng.hits(faults.stopTaskPpm / 4)) later(16, () => through(users.stop(id)));
  if (prng.hits(faults.newHeadPpm)) later(8, () => branches.push(branch));
  if (prng.hits(faults.branchGonePpm))
    later(8, () => {
      count(counters, 'people: branch deleted');
      state.withdrawn.add(branch);
      state.dropHead(branch);
    });
  if (prng.below(8) > 0 || id.endsWith(AGAIN)) return;
  // The branch is taken up again, whatever became of it.
  world.coming += 1;
  later(20, () => {
    if (prng.below(2) === 0) {
      state.withdrawn.add(branch);
      state.dropHead(branch);
    }
    arrive(world, { id: `${id}${AGAIN}`, branch });
  });
}

function attendRegularly(world: World): void {
  const { state, prng, users, through } = world;
  state.clock.after(
    prng.between(ATTEND_MS / 3, ATTEND_MS * 2),
    () => {
      through(users.attend);
      attendRegularly(world);
    },
    null,
  );
}

/** What happens again and again, at a mean distance, until the world heals. */
function outsiders(world: World): void {
  const { state, prng, branches, users, through, supervisor } = world;
  const { faults } = state;
  again(world, faults.pushEveryMs, () => branches.pushMain(prng.hits(faults.brokenPushPpm)));
  again(world, faults.restartEveryMs, () => supervisor.restart());
  again(world, faults.pauseRepoEveryMs, () => {
    through(users.pause(true));
    state.clock.after(prng.below(180_000), () => through(users.pause(false)), null);
  });
  again(world, faults.pushEveryMs * 4, () => through(users.lowerBaseline));
}

function again(world: World, meanMs: number, act: (state: WorldState) => void): void {
  if (meanMs === 0) return;
  world.state.clock.after(
    world.prng.below(2 * meanMs),
    () => {
      if (world.isHealing()) return;
      act(world.state);
      again(world, meanMs, act);
    },
    null,
  );
}
