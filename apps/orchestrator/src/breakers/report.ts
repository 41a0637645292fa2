/** Machine faults of a check that other tasks may have, too, and what follows from one before the verdict is applied. */
import { type CommandRun, faultOf } from '@gatehouse/gate-run';
import type { StepName } from '@gatehouse/stage-engine';
import type { CheckVerdict, MachineFault } from '@gatehouse/verdict';
import { definitionOf } from '../checks/registry.ts';
import { causeOf, causesOf, opensAtOnce, type Workload } from '../store/breaker-causes.ts';
import type { BreakerStore } from '../store/port/index.ts';
import { probeStep } from '../store/probe-step.ts';

export interface CheckReport {
  readonly step: StepName;
  readonly verdict: CheckVerdict;
  /** The commands the check ran, in order. */
  readonly runs: readonly CommandRun[];
  /** The verdict is about the way to the forge, not about a command. */
  readonly isForge?: boolean;
}

export interface MachineFaultMet {
  readonly work: Workload;
  readonly trouble: MachineFault;
  readonly reason: string;
  /** The verdict rests on the fault, so that it says nothing about the task. */
  readonly decides: boolean;
}

/** Null: there was no fault, or only one of the task itself. */
export function classifyFault({ step, verdict, runs, isForge = false }: CheckReport): MachineFaultMet | null {
  const own = workloadOf(step);
  const workload = isForge ? 'forge' : (own ?? 'test');
  // Main can be asked about commands of the definition only: a deployment's fault concerns only itself and its target.
  const last = own === null ? undefined : runs.at(-1);
  const inRun = last === undefined ? null : faultOf(last);
  const decides = 'cause' in verdict && (verdict.cause === 'infra' || verdict.cause === 'tool-failed');
  const fault = decides ? (('trouble' in verdict ? verdict.trouble : undefined) ?? inRun) : inRun;
  return fault === null ? null : { work: workload, trouble: fault, reason: verdict.reason, decides };
}

interface BreakerContext {
  readonly store: Pick<BreakerStore, 'tripBreaker' | 'closeBreaker'>;
  readonly host: string;
  readonly now: () => number;
}
/** Null: the step runs no command of the repository. */
const workloadOf = (step: StepName): Workload | null => definitionOf(step)?.workload ?? null;

type FaultOwner = { readonly repoId: string; readonly taskId: string };

/** Reports to the breaker; `put-off`: it is open, so the attempt counts for no task. */
export async function reportFault(
  at: BreakerContext,
  who: FaultOwner,
  fault: MachineFaultMet,
): Promise<'counts' | 'put-off'> {
  const cause = causeOf(fault.work, fault.trouble);
  const atOnce = opensAtOnce(fault.trouble);
  const state = await at.store.tripBreaker({
    ...who,
    cause,
    host: at.host,
    atOnce,
    atMs: at.now(),
    probe: probeStep(fault.work),
    alert: `${who.repoId}: ${cause} on ${at.host}, met by ${atOnce ? 'a task' : 'two tasks in a row'}; its gates wait until main itself runs: ${fault.reason}`,
  });
  return fault.decides && (state === 'opened' || state === 'open') ? 'put-off' : 'counts';
}

/** Commands that ended by themselves: a task with a fault before them was not the first of a row. */
export async function resetStreak(
  at: BreakerContext,
  repoId: string,
  { step, runs, isForge }: CheckReport,
): Promise<void> {
  const workload = workloadOf(step);
  const ran = workload !== null && runs.some(({ purpose }) => !purpose.includes('setup'));
  const causes = [...(isForge === true ? [] : causesOf('forge')), ...(ran ? causesOf(workload) : [])];
  if (causes.length > 0)
    await at.store.closeBreaker({ repoId, host: at.host, causes, only: 'suspect', atMs: at.now() });
}
