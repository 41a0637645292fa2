/** Who comes and goes in a world: tasks with their branches, people's changes of mind, others who push, restarts. */
import { HEAL_MS, type World } from './build-world.ts';
import { count } from './coverage-counters.ts';
import { CALM } from './faults.ts';
import type { Land } from './world-state.ts';

const ARRIVALS_MS = 20 * 60_000;
const LOOK_MS = 90_000;
const MINUTE_MS = 60_000;
const ASK_AGAIN_MS = 20_000;
const ARRIVAL_TRIES = 60;
const AGAIN = '-again';
const FULL_ONE_IN = 20;

export function populate(world: World): void {
  const { land, dice, supervisor } = world;
  const { clock } = land;
  supervisor.start();
  const tasks = dice.between(6, 18);
  world.coming = tasks;
  for (let number = 1; number <= tasks; number += 1) {
    const branch = dice.below(FULL_ONE_IN) === 0 ? `feature/${number}` : `queue/${number}`;
    clock.after(dice.below(ARRIVALS_MS), () => arrive(world, `t${number}`, branch), null);
  }
  lookAround(world);
  outsiders(world);
  clock.after(HEAL_MS, () => heal(world), null);
}

function heal({ land, supervisor }: World): void {
  land.trace(() => 'all faults end');
  land.weather = CALM;
  supervisor.calm();
}

/** A task enters once its enqueueing was seen in the store; whoever asked may have been cut off. */
function arrive(world: World, id: string, branch: string, tries = 0): void {
  const { land, made, folk, seen, through } = world;
  if (seen.picture().tasks.has(id) || tries > ARRIVAL_TRIES) {
    world.coming -= 1;
    return;
  }
  const profile = isFull(branch) ? 'full' : 'gates-only';
  if (profile === 'gates-only' && !land.heads.has(branch)) made.start(branch);
  through(folk.enqueue(id, branch, profile));
  land.clock.after(ASK_AGAIN_MS * (tries + 1), () => arrive(world, id, branch, tries + 1), null);
  if (tries === 0) changeMinds(world, id, branch);
}

/** Branches of tasks that agents work on are made by them. */
const isFull = (branch: string): boolean => branch.startsWith('feature/');

function changeMinds(world: World, id: string, branch: string): void {
  const { land, dice, made, folk, through } = world;
  const { clock, weather, tally } = land;
  const later = (limitMinutes: number, act: () => void): void => {
    clock.after(dice.below(limitMinutes * MINUTE_MS), act, null);
  };
  if (dice.hits(weather.stopTaskPpm)) later(8, () => through(folk.stop(id)));
  if (dice.hits(weather.stopTaskPpm / 4)) later(16, () => through(folk.stop(id)));
  if (dice.hits(weather.newHeadPpm)) later(8, () => made.push(branch));
  if (dice.hits(weather.branchGonePpm))
    later(8, () => {
      count(tally, 'people: branch deleted');
      land.dropHead(branch);
    });
  if (dice.below(8) > 0 || id.endsWith(AGAIN)) return;
  // Somebody takes the branch up again, whatever became of it.
  world.coming += 1;
  later(20, () => {
    if (dice.below(2) === 0) land.dropHead(branch);
    arrive(world, `${id}${AGAIN}`, branch);
  });
}

function lookAround(world: World): void {
  const { land, dice, folk, through } = world;
  land.clock.after(
    dice.between(LOOK_MS / 3, LOOK_MS * 2),
    () => {
      through(folk.look);
      lookAround(world);
    },
    null,
  );
}

/** What happens again and again, at a mean distance, until the world heals. */
function outsiders(world: World): void {
  const { land, dice, made, folk, through, supervisor } = world;
  const { weather } = land;
  again(world, weather.pushEveryMs, () => made.pushMain(dice.hits(weather.brokenPushPpm)));
  again(world, weather.restartEveryMs, () => supervisor.restart());
  again(world, weather.pauseRepoEveryMs, () => {
    through(folk.pause(true));
    land.clock.after(dice.below(180_000), () => through(folk.pause(false)), null);
  });
  again(world, weather.pushEveryMs * 4, () => through(folk.lowerBaseline));
}

function again(world: World, meanMs: number, act: (land: Land) => void): void {
  if (meanMs === 0) return;
  world.land.clock.after(
    world.dice.below(2 * meanMs),
    () => {
      if (world.isHealing()) return;
      act(world.land);
      again(world, meanMs, act);
    },
    null,
  );
}
