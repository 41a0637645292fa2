/** The machine that gates run their commands on: it takes its time, and fails now and then. */
import type { CheckContext, MainProbeRequest, MainProbeResult } from '@gatehouse/orchestrator/testing';
import type { Cause, CheckVerdict, Finding } from '@gatehouse/verdict';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { FaultPoint } from './fault-point.ts';
import { type Commit, isGreen } from './history.ts';
import type { WorldState } from './world-state.ts';

/** What a gate needs to run a command on a machine that fails now and then. */
export interface Machine {
  readonly state: WorldState;
  readonly owner: Owner;
  readonly atFaultPoint: FaultPoint;
}

const plain = { findings: [], warnings: [] };
export const passed = (reason: string): CheckVerdict => ({ status: 'pass', reason, ...plain });
export const defer = (cause: Cause, reason: string): CheckVerdict => ({ status: 'defer', cause, reason, ...plain });
export const unable = (cause: Cause, reason: string): CheckVerdict => ({ status: 'error', cause, reason, ...plain });
export const failed = (finding: Finding): CheckVerdict => ({
  status: 'fail',
  reason: finding.message,
  findings: [finding],
  warnings: [],
});

/**
 * Runs a command: it takes its time, ends at an abort, and may end in a way that says nothing about the commit.
 * Null: it ran to its end.
 */
export async function runCommand(
  { state, owner, atFaultPoint }: Machine,
  { signal, ports }: CheckContext,
  of: { readonly purpose: string; readonly commit: Commit },
): Promise<CheckVerdict | null> {
  const { clock, prng, counters, faults } = state;
  const startedAt = clock.nowMs;
  const isLong = prng.hits(faults.longRunPpm);
  if (isLong) count(counters, 'gate: a long run');
  const durationMs = isLong ? prng.between(60_000, 900_000) : prng.between(500, 12_000);
  await atFaultPoint(owner, 'gate.run', () => untilAborted(state, owner, { durationMs, signal }));
  if (signal.aborted) return defer('infra', 'called off');
  const fault = machineFault(state);
  await ports.record({
    purpose: of.purpose,
    commit: of.commit.sha,
    tree: of.commit.tree,
    command: 'test',
    startedAt,
    durationMs: clock.nowMs - startedAt,
    outcome: fault === null ? (isGreen(of.commit) ? 'green' : 'red') : 'infra',
    reason: fault?.reason ?? 'ran to its end',
    level: 'group',
    leftovers: 0,
  } as Parameters<typeof ports.record>[0]);
  return fault;
}

export function machineFault({ prng, counters, faults }: WorldState): CheckVerdict | null {
  if (prng.hits(faults.gateRaisesPpm)) {
    count(counters, 'gate: raises');
    throw new Error('a check that raises');
  }
  if (prng.hits(faults.gateInfraPpm)) {
    count(counters, 'gate: infra');
    return defer('infra', 'the machine was killed');
  }
  if (prng.hits(faults.gateToolPpm)) {
    count(counters, 'gate: tool failed');
    return unable('tool-failed', 'the tool answered nonsense');
  }
  return null;
}

/** A command of the repository on main itself: the machine may still be in the way. */
export async function probeMain(
  { state, owner }: Machine,
  { base, signal }: MainProbeRequest,
): Promise<MainProbeResult> {
  const { prng, counters, faults } = state;
  await untilAborted(state, owner, { durationMs: prng.between(500, 12_000), signal });
  if (signal.aborted || prng.hits(faults.gateInfraPpm)) {
    count(counters, 'probe: in vain');
    return { kind: 'trouble', reason: 'the machine was killed' };
  }
  count(counters, 'probe: ran');
  return { kind: 'told', word: isGreen(mustKnow(state, base)) ? 'green' : 'red', reason: 'ran to its end' };
}

/** An abort ends it early, as a process group is ended. */
export async function untilAborted(
  state: WorldState,
  owner: Owner,
  { durationMs, signal }: { readonly durationMs: number; readonly signal: AbortSignal },
): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const entry = state.clock.after(durationMs, resolve, owner);
    signal.addEventListener(
      'abort',
      () => {
        entry.cancelled = true;
        state.clock.after(20, resolve, owner);
      },
      { once: true },
    );
  });
}

/** The commit behind a name that a gate was given; a name that was never made is a bug of the service. */
export function mustKnow({ history }: WorldState, sha: string): Commit {
  const commit = history.at(sha);
  if (commit === undefined) throw new Error(`a gate was asked about ${sha}, which was never made`);
  return commit;
}
