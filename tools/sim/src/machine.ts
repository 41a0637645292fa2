/** The machine that gates run their commands on: it takes its time, and fails now and then. */
import type { BaseAnswer, BaseQuestion, CheckContext } from '@gatehouse/orchestrator/testing';
import type { Cause, CheckVerdict, Finding } from '@gatehouse/verdict';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { Cross } from './fault-point.ts';
import { type Commit, isGreen } from './history.ts';
import type { Land } from './world-state.ts';

/** What a gate needs to run a command on a machine that fails now and then. */
export interface Machine {
  readonly land: Land;
  readonly owner: Owner;
  readonly cross: Cross;
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
  { land, owner, cross }: Machine,
  { signal, ports }: CheckContext,
  of: { readonly purpose: string; readonly commit: Commit },
): Promise<CheckVerdict | null> {
  const { clock, dice, tally, weather } = land;
  const startedAt = clock.nowMs;
  const isLong = dice.hits(weather.longRunPpm);
  if (isLong) count(tally, 'gate: a long run');
  const durationMs = isLong ? dice.between(60_000, 900_000) : dice.between(500, 12_000);
  await cross(owner, 'gate.run', () => untilAborted(land, owner, durationMs, signal));
  if (signal.aborted) return defer('infra', 'called off');
  const trouble = machineTrouble(land);
  await ports.record({
    purpose: of.purpose,
    commit: of.commit.sha,
    tree: of.commit.tree,
    command: 'test',
    startedAt,
    durationMs: clock.nowMs - startedAt,
    outcome: trouble === null ? (isGreen(of.commit) ? 'green' : 'red') : 'infra',
    reason: trouble?.reason ?? 'ran to its end',
    level: 'group',
    leftovers: 0,
  } as Parameters<typeof ports.record>[0]);
  return trouble;
}

export function machineTrouble({ dice, tally, weather }: Land): CheckVerdict | null {
  if (dice.hits(weather.gateRaisesPpm)) {
    count(tally, 'gate: raises');
    throw new Error('a check that raises');
  }
  if (dice.hits(weather.gateInfraPpm)) {
    count(tally, 'gate: infra');
    return defer('infra', 'the machine was killed');
  }
  if (dice.hits(weather.gateToolPpm)) {
    count(tally, 'gate: tool failed');
    return unable('tool-failed', 'the tool answered nonsense');
  }
  return null;
}

/** A command of the repository on main itself: the machine may still be in the way. */
export async function probeMain({ land, owner }: Machine, { base, signal }: BaseQuestion): Promise<BaseAnswer> {
  const { dice, tally, weather } = land;
  await untilAborted(land, owner, dice.between(500, 12_000), signal);
  if (signal.aborted || dice.hits(weather.gateInfraPpm)) {
    count(tally, 'probe: in vain');
    return { kind: 'trouble', reason: 'the machine was killed' };
  }
  count(tally, 'probe: told');
  return { kind: 'told', word: isGreen(mustKnow(land, base)) ? 'green' : 'red', reason: 'ran to its end' };
}

/** An abort ends it early, as a process group is ended. */
export async function untilAborted(land: Land, owner: Owner, durationMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const entry = land.clock.after(durationMs, resolve, owner);
    signal.addEventListener(
      'abort',
      () => {
        entry.cancelled = true;
        land.clock.after(20, resolve, owner);
      },
      { once: true },
    );
  });
}

/** The commit behind a name that a gate was given; a name nobody made is a bug of the service. */
export function mustKnow({ history }: Land, sha: string): Commit {
  const commit = history.at(sha);
  if (commit === undefined) throw new Error(`a gate was asked about ${sha}, which nobody made`);
  return commit;
}
