/** The virtual agent runner: agents that work, fail, or answer nonsense, and pushes that came too late. */
import type { AgentRequest, AgentResult, AgentRunner, CommandRun, StageReport } from '@gatehouse/orchestrator/testing';
import { artefactOf } from '@gatehouse/orchestrator/testing';
import { count } from './coverage-counters.ts';
import { isGreen } from './history.ts';
import { type Machine, mustKnow, untilAborted } from './machine.ts';
import type { WorldState } from './world-state.ts';

export interface CommitMaker {
  /** A commit of a developer on top of `start`; one that knows what is wrong mends it, mostly. */
  readonly develop: (start: string, brief: string | null) => string;
  /** A commit on top of `start` that changes no code. */
  readonly note: (start: string) => string;
}

export function agentRunnerOf(machine: Machine, commits: CommitMaker): AgentRunner {
  const { state, owner, atFaultPoint } = machine;
  return {
    run: (order) => atFaultPoint(owner, 'agent.run', () => work(machine, commits, order)),
    deploy: async (order) => ({ kind: 'infra', reason: `no agent deploys ${order.commit}`, run: null }),
    reportDeployed: (order, { commit }) =>
      atFaultPoint(owner, 'agent.deployed', async () => {
        count(state.counters, 'deployment: contained in a newer one');
        return { kind: 'worked', run: null, commit, paper: await leavePaper(machine, { ...order, said: 'SUCCESS' }) };
      }),
    leftUsage: async () => ({ usage: { kind: 'not-reported' }, lastSignMs: null }),
    codeTree: async ({ commit }) => state.history.at(commit)?.tree ?? null,
    lostMarkers: async () => [],
  };
}

async function work(machine: Machine, commits: CommitMaker, order: AgentRequest): Promise<AgentResult> {
  const { state, owner } = machine;
  const { clock, prng, counters, faults } = state;
  const { assignment, signal, workspace } = order;
  const startedAt = clock.nowMs;
  const deployment = { owner, stage: assignment.stage, commit: order.start };
  if (assignment.role === 'deployer') state.deployments.begin(deployment);
  await untilAborted(state, owner, { durationMs: prng.between(2_000, 90_000), signal });
  state.deployments.end(deployment);
  const run = runOf(state, order, startedAt);
  if (signal.aborted) return { kind: 'infra', reason: 'called off', run };
  if (prng.hits(faults.agentFailsPpm)) {
    count(counters, 'agent: failed');
    return { kind: 'tool-failed', reason: 'the agent gave up', run };
  }
  const commit = commitOf(commits, order);
  const rule = artefactOf(assignment.stage);
  if (rule === null) return { kind: 'worked', run, commit, paper: null };
  const said = prng.hits(faults.agentObjectsPpm) ? 'OBJECTED' : rule.opens;
  if (said !== rule.opens) count(counters, 'agent: objected');
  else if (assignment.role === 'tester' && !isGreen(mustKnow(state, commit))) count(counters, 'agent: a tester lies');
  else if (assignment.stage === 'deploy') state.deployments.live(deployment);
  const paper = await leavePaper(machine, { workspace, stage: assignment.stage, commit, said });
  return { kind: 'worked', run, commit, paper };
}

interface Paper {
  readonly workspace: AgentRequest['workspace'];
  readonly stage: AgentRequest['assignment']['stage'];
  readonly commit: string;
  readonly said: string;
}

async function leavePaper(
  { state, owner, atFaultPoint }: Machine,
  { workspace, stage, commit, said }: Paper,
): Promise<StageReport | null> {
  const rule = artefactOf(stage);
  if (rule === null) return null;
  const path = `${workspace.reportsDir}/${rule.name}`;
  state.disk.set(path, `---\n${rule.key}: ${said}\n---\n\nWritten by an agent.\n`);
  await atFaultPoint(owner, 'agent.report', async () => {});
  return { name: rule.name, path, digest: path, codeTree: state.history.at(commit)?.tree ?? '' };
}

function commitOf(commits: CommitMaker, { assignment, start }: AgentRequest): string {
  switch (assignment.role) {
    case 'analyst':
    case 'architect':
      return commits.note(start);
    case 'developer':
      return commits.develop(start, assignment.brief);
    case 'reviewer':
    case 'tester':
    case 'deployer':
      return start;
  }
}

function runOf({ clock }: WorldState, { assignment, start }: AgentRequest, startedAt: number): CommandRun {
  return {
    purpose: assignment.role,
    commit: start,
    tree: null,
    command: 'agent',
    startedAt,
    durationMs: clock.nowMs - startedAt,
    outcome: 'green',
    reason: 'ran to its end',
    exitCode: 0,
    level: 'group',
    leftovers: 0,
    verified: true,
  };
}
