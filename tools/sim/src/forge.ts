/**
 * The forge of one world: branch heads that anybody may move, and a landing that is honest, late, deaf or a lie. It
 * never does anything but a fast-forward. A lie that it has landed ends the earlier requests for that commit: what is
 * then frozen waits for a person, not for them.
 */
import type { Forge, LandingAnswer, LandRequest } from '@gatehouse/orchestrator/testing';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { Cross } from './fault-point.ts';
import type { Land } from './world-state.ts';

export const MAIN = 'main';

const DEADLINE_MS = 60_000;
const LATE_MS = 300_000;

/** The forge as one process reaches it. */
export function forgeOf(land: Land, owner: Owner, cross: Cross): Forge {
  const { clock, dice, tally } = land;
  return {
    name: 'local',
    url: 'forge',
    cannotLand: async () => null,
    prepare: () =>
      cross(owner, 'forge.prepare', async () => {
        await clock.sleep(dice.below(500), owner);
        if (!dice.hits(land.weather.unpreparedPpm)) return { kind: 'prepared' };
        count(tally, 'forge: not prepared');
        return { kind: 'unprepared', reason: 'the forge took no objects' };
      }),
    land: (request) => cross(owner, 'forge.land', () => landOnce(land, owner, request)),
  };
}

async function landOnce(land: Land, owner: Owner, request: LandRequest): Promise<LandingAnswer> {
  const { clock, dice, tally, weather } = land;
  const roll = dice.below(1_000_000);
  const tookMs = dice.below(2_000);
  let limit = weather.landsLatePpm;
  if (roll < limit) {
    count(tally, 'forge: lands after the caller gave up');
    askLater(land, owner, request, tookMs + dice.below(LATE_MS));
    await clock.sleep(tookMs + dice.below(DEADLINE_MS), owner);
    return { kind: 'in-doubt', reason: 'no answer in time' };
  }
  limit += weather.landsDeafPpm;
  if (roll < limit) {
    count(tally, 'forge: deaf');
    await clock.sleep(dice.below(DEADLINE_MS), owner);
    return { kind: 'in-doubt', reason: 'no answer in time' };
  }
  limit += weather.liesYesPpm;
  if (roll < limit) {
    count(tally, 'forge: says landed and did not');
    await clock.sleep(tookMs, owner);
    land.lied.set(request.commit, clock.nowMs);
    return { kind: 'landed' };
  }
  limit += weather.pendingPpm;
  if (roll < limit) return refuse(land, owner, { kind: 'ci-pending', reason: 'required checks are not done' });
  limit += weather.refusesPpm;
  if (roll < limit) return refuse(land, owner, { kind: 'cannot-land', reason: 'main is protected' });
  // The request arrives after a while, whatever became of its sender.
  await new Promise<void>((resolve) => {
    clock.after(tookMs / 2, resolve, null);
  });
  const answer = moveMain(land, owner, request);
  await clock.sleep(tookMs / 2, owner);
  if (answer.kind !== 'landed' || !dice.hits(weather.liesNoPpm)) return answer;
  count(tally, 'forge: lands and says it did not');
  return { kind: 'base-moved', reason: 'main is somewhere else' };
}

async function refuse(land: Land, owner: Owner, answer: LandingAnswer): Promise<LandingAnswer> {
  count(land.tally, `forge: ${answer.kind}`);
  await land.clock.sleep(land.dice.below(1_000), owner);
  return answer;
}

/** A request that is under way and can be met any time, unless the forge lied about its commit meanwhile. */
function askLater(land: Land, owner: Owner, request: LandRequest, delayMs: number): void {
  const askedMs = land.clock.nowMs;
  land.clock.after(
    delayMs,
    () => {
      if ((land.lied.get(request.commit) ?? -1) < askedMs) moveMain(land, owner, request);
    },
    null,
  );
}

/** What every forge does at the moment of a landing: compare main, and swap it for the commit on top of it. */
function moveMain(land: Land, owner: Owner, { commit, from, main }: LandRequest): LandingAnswer {
  const { history, heads } = land;
  const head = heads.get(main) ?? '';
  if (history.contains(head, commit)) return { kind: 'landed' };
  if (head !== from) return { kind: 'base-moved', reason: `${main} is at ${head}` };
  if (!history.contains(commit, head)) return { kind: 'base-moved', reason: `${commit} does not contain ${main}` };
  land.setHead(main, commit);
  land.onLanding({ commit, from, by: owner.name });
  return { kind: 'landed' };
}
