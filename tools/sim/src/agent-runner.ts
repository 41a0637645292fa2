/** The virtual workshop: agents that work, fail, or say nonsense, and pushes that somebody else was quicker than. */
import type { Paper, WorkOrder, WorkReport, WorkRun, Workshop } from '@gatehouse/orchestrator/testing';
import { artefactOf } from '@gatehouse/orchestrator/testing';
import { count } from './coverage-counters.ts';
import { type Machine, untilAborted } from './machine.ts';
import type { Land } from './world-state.ts';

export interface Hands {
  /** A commit of a developer on top of `start`; one who was told what is wrong mends it, mostly. */
  readonly develop: (start: string, brief: string | null) => string;
  /** A commit on top of `start` that changes no code. */
  readonly note: (start: string) => string;
}

export function workshopOf(machine: Machine, hands: Hands): Workshop {
  const { land, owner, cross } = machine;
  return {
    work: (order) => cross(owner, 'workshop.work', () => work(machine, hands, order)),
    deploy: async (order) => ({ kind: 'infra', reason: `nobody deploys ${order.commit}`, run: null }),
    push: ({ branch, commit, expected, signal }) =>
      cross(owner, 'workshop.push', async () => {
        await land.clock.sleep(land.dice.below(1_000), owner);
        if (signal.aborted) return { kind: 'unpushed', reason: 'called off' };
        if ((land.heads.get(branch) ?? null) !== expected) {
          count(land.tally, 'agent: push was too late');
          return { kind: 'moved' };
        }
        land.setHead(branch, commit);
        return { kind: 'pushed' };
      }),
    withdraw: ({ branch, expected }) =>
      cross(owner, 'workshop.withdraw', async () => {
        const head = land.heads.get(branch);
        if (head !== undefined && head !== expected) return { kind: 'kept', reason: 'somebody else pushed it' };
        land.dropHead(branch);
        count(land.tally, 'stop: branch withdrawn');
        return { kind: 'withdrawn' };
      }),
    codeTree: async ({ commit }) => land.history.at(commit)?.tree ?? null,
    lostMarkers: async () => [],
  };
}

async function work(machine: Machine, hands: Hands, order: WorkOrder): Promise<WorkReport> {
  const { land, owner, cross } = machine;
  const { clock, dice, tally, weather } = land;
  const { assignment, signal, places } = order;
  const startedAt = clock.nowMs;
  await untilAborted(land, owner, dice.between(2_000, 90_000), signal);
  const run = runOf(land, startedAt);
  if (signal.aborted) return { kind: 'infra', reason: 'called off', run };
  if (dice.hits(weather.agentFailsPpm)) {
    count(tally, 'agent: failed');
    return { kind: 'tool-failed', reason: 'the agent gave up', run };
  }
  const commit = commitOf(hands, order);
  const rule = artefactOf(assignment.stage);
  if (rule === null) return { kind: 'worked', run, commit, paper: null };
  const said = dice.hits(weather.agentObjectsPpm) ? 'OBJECTED' : rule.opens;
  if (said !== rule.opens) count(tally, 'agent: objected');
  const path = `${places.reportsDir}/${rule.name}`;
  land.disk.set(path, `---\n${rule.key}: ${said}\n---\n\nWritten by an agent.\n`);
  await cross(owner, 'workshop.paper', async () => {});
  const paper: Paper = { name: rule.name, path, digest: path, codeTree: land.history.at(commit)?.tree ?? '' };
  return { kind: 'worked', run, commit, paper };
}

function commitOf(hands: Hands, { assignment, start }: WorkOrder): string {
  switch (assignment.role) {
    case 'analyst':
    case 'architect':
      return hands.note(start);
    case 'developer':
      return hands.develop(start, assignment.brief);
    case 'reviewer':
    case 'tester':
    case 'deployer':
      return start;
  }
}

function runOf({ clock }: Land, startedAt: number): WorkRun {
  return {
    command: 'agent',
    startedAt,
    durationMs: clock.nowMs - startedAt,
    outcome: 'green',
    reason: 'ran to its end',
    exitCode: 0,
    level: 'group',
    leftovers: 0,
    verified: true,
    logPath: null,
  };
}
