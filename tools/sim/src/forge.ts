/**
 * The forge of one world: branch heads that may move or be read at any time, and a landing that is answered truly, late, not
 * at all or falsely. It never does anything but a fast-forward. A lie that it has landed ends the earlier requests for
 * that commit: what is then frozen waits for a person, not for them.
 */
import {
  type DeleteBranchAnswer,
  type DeleteBranchRequest,
  type FetchAnswer,
  type Forge,
  type LandingAnswer,
  type LandRequest,
  type PushBranchAnswer,
  type PushBranchRequest,
  withoutPeople,
} from '@gatehouse/orchestrator/testing';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { FaultPoint } from './fault-point.ts';
import { noticeMerged, peopleOf } from './pull-requests.ts';
import { isLookingAgain, requiredChecksOf, stirChecks } from './required-checks.ts';
import type { WorldState } from './world-state.ts';

export const MAIN = 'main';

const DEADLINE_MS = 60_000;
const LATE_MS = 300_000;
const OTHERS_MS = 60_000;

/** The forge as one process reaches it. */
export function forgeOf(state: WorldState, owner: Owner, atFaultPoint: FaultPoint): Forge {
  const { clock, prng, counters } = state;
  return {
    name: 'local',
    credential: null,
    fetch: () => readHeads(state, owner),
    cannotLand: async () => null,
    requiredChecks: async ({ commit }) => requiredChecksOf(state, owner.name, commit),
    prepare: (request) =>
      atFaultPoint(owner, 'forge.prepare', async () => {
        await clock.sleep(prng.below(500), owner);
        if (!prng.hits(state.faults.unpreparedPpm)) {
          mayBePushedByOthers(state, request);
          return { kind: 'prepared' };
        }
        count(counters, 'forge: not prepared');
        return { kind: 'unprepared', reason: 'the forge took no objects' };
      }),
    land: (request) => atFaultPoint(owner, 'forge.land', () => landOnce(state, owner, request)),
    pushBranch: (order) => atFaultPoint(owner, 'forge.pushBranch', () => pushOnce(state, owner, order)),
    deleteBranch: (order) => atFaultPoint(owner, 'forge.deleteBranch', async () => deleteOnce(state, order)),
    ...withoutPeople('this world has no such thing'),
    ...peopleOf(state),
  };
}

/** Whoever reads our branch may push its commit to main, before we land it or while we do. */
function mayBePushedByOthers(state: WorldState, { commit, from, main }: LandRequest): void {
  const { around, clock, counters, faults, heads } = state;
  if (!around.hits(faults.pushedByOthersPpm)) return;
  const push = (): void => {
    if (heads.get(main) !== from || commit === from) return;
    count(counters, 'forge: merged by somebody else');
    state.pushedByOthers.add(commit);
    state.onPushedByOthers(commit);
    state.setHead(main, commit);
    noticeMerged(state, commit);
  };
  clock.after(around.below(around.below(2) === 0 ? 2_000 : OTHERS_MS), push, null);
}

async function readHeads(state: WorldState, owner: Owner): Promise<FetchAnswer> {
  const { clock, prng, counters } = state;
  if (prng.below(4) === 0) await clock.sleep(prng.below(1_500), owner);
  if (prng.hits(state.faults.mirrorDownPpm)) {
    count(counters, 'mirror: unreachable');
    return { kind: 'unreachable', reason: 'the forge does not answer' };
  }
  state.mirror = Object.fromEntries(state.heads);
  return { kind: 'fresh', git: { gitDir: 'mirror' }, heads: state.mirror, broken: [] };
}

async function pushOnce(state: WorldState, owner: Owner, order: PushBranchRequest): Promise<PushBranchAnswer> {
  const { branch, commit, expected, signal } = order;
  await state.clock.sleep(state.prng.below(1_000), owner);
  if (signal.aborted) return { kind: 'unpushed', reason: 'called off' };
  if ((state.heads.get(branch) ?? null) !== expected) {
    count(state.counters, 'agent: push was too late');
    return { kind: 'moved' };
  }
  state.setHead(branch, commit);
  return { kind: 'pushed' };
}

function deleteOnce(state: WorldState, { branch, expected }: DeleteBranchRequest): DeleteBranchAnswer {
  const head = state.heads.get(branch);
  if (head !== undefined && head !== expected) return { kind: 'kept', reason: 'somebody else pushed it' };
  state.dropHead(branch);
  count(state.counters, 'stop: branch withdrawn');
  return { kind: 'deleted' };
}

async function landOnce(state: WorldState, owner: Owner, request: LandRequest): Promise<LandingAnswer> {
  const { clock, prng, counters, faults } = state;
  if (isLookingAgain(state)) return refuse(state, owner, { kind: 'ci-pending', reason: 'please try again later' });
  const roll = prng.below(1_000_000);
  const tookMs = prng.below(2_000);
  let limit = faults.landsLatePpm;
  if (roll < limit) {
    count(counters, 'forge: lands after the caller gave up');
    askLater(state, owner, { request, delayMs: tookMs + prng.below(LATE_MS) });
    await clock.sleep(tookMs + prng.below(DEADLINE_MS), owner);
    return { kind: 'in-doubt', reason: 'no answer in time' };
  }
  limit += faults.landsDeafPpm;
  if (roll < limit) {
    count(counters, 'forge: deaf');
    await clock.sleep(prng.below(DEADLINE_MS), owner);
    return { kind: 'in-doubt', reason: 'no answer in time' };
  }
  limit += faults.liesYesPpm;
  if (roll < limit) {
    count(counters, 'forge: says landed and did not');
    await clock.sleep(tookMs, owner);
    state.lied.set(request.commit, clock.nowMs);
    return { kind: 'landed' };
  }
  limit += faults.pendingPpm;
  if (roll < limit) return refuse(state, owner, { kind: 'ci-pending', reason: 'required checks are not done' });
  limit += faults.refusesPpm;
  if (roll < limit) return refuse(state, owner, { kind: 'cannot-land', reason: 'main is protected' });
  // The request arrives after a while, whatever became of its sender.
  await new Promise<void>((resolve) => {
    clock.after(tookMs / 2, resolve, null);
  });
  const answer = moveMain(state, owner, request);
  await clock.sleep(tookMs / 2, owner);
  if (answer.kind === 'landed' && state.around.hits(faults.failsAfterLandingPpm)) {
    count(counters, 'forge: fails after it has landed');
    return { kind: 'in-doubt', reason: 'the forge answered 500' };
  }
  if (answer.kind !== 'landed' || !prng.hits(faults.liesNoPpm)) return answer;
  count(counters, 'forge: lands and says it did not');
  return { kind: 'base-moved', reason: 'main is somewhere else' };
}

async function refuse(state: WorldState, owner: Owner, answer: LandingAnswer): Promise<LandingAnswer> {
  count(state.counters, `forge: ${answer.kind}`);
  await state.clock.sleep(state.prng.below(1_000), owner);
  return answer;
}

/** A request that is under way and may take effect at any time, unless the forge lied about its commit meanwhile. */
function askLater(
  state: WorldState,
  owner: Owner,
  { request, delayMs }: { readonly request: LandRequest; readonly delayMs: number },
): void {
  const askedMs = state.clock.nowMs;
  state.clock.after(
    delayMs,
    () => {
      if ((state.lied.get(request.commit) ?? -1) < askedMs) moveMain(state, owner, request);
    },
    null,
  );
}

/** What every forge does at the moment of a landing: compare main, and swap it for the commit on top of it. */
function moveMain(state: WorldState, owner: Owner, { commit, from, main }: LandRequest): LandingAnswer {
  const { history, heads } = state;
  const head = heads.get(main) ?? '';
  if (state.pushedByOthers.has(commit)) return { kind: 'base-moved', reason: 'it was merged by somebody else' };
  if (history.contains(head, commit)) return { kind: 'landed' };
  if (head !== from) return { kind: 'base-moved', reason: `${main} is at ${head}` };
  if (!history.contains(commit, head)) return { kind: 'base-moved', reason: `${commit} does not contain ${main}` };
  state.setHead(main, commit);
  stirChecks(state);
  state.onLanding({ commit, from, by: owner.name });
  noticeMerged(state, commit);
  return { kind: 'landed' };
}
