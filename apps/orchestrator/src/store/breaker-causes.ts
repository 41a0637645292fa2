/** How a breaker names a machine fault: the workload that ran, and the fault that ended it. */
import type { MachineFault } from '@gatehouse/verdict';
import { probeStep } from './probe-step.ts';

/** `forge`: fetching from it. The others are commands of the repository's definition. */
export type Workload = 'test' | 'coverage' | 'ci' | 'forge';

/** A branch can cause these as well as the machine: two different tasks in a row have to report them. */
const NEEDS_TWO_TASKS: readonly MachineFault[] = ['timeout', 'signal', 'memory'];
const AT_ONCE: readonly MachineFault[] = ['disk', 'spawn', 'network', 'tool'];
const WORKLOADS: readonly Workload[] = ['test', 'coverage', 'ci', 'forge'];

export const opensAtOnce = (fault: MachineFault): boolean => AT_ONCE.includes(fault);

export const causeOf = (workload: Workload, fault: MachineFault): string => `${workload}-${fault}`;

const CAUSES_OF: ReadonlyMap<Workload, readonly string[]> = new Map(
  WORKLOADS.map((workload) => [workload, [...NEEDS_TWO_TASKS, ...AT_ONCE].map((fault) => causeOf(workload, fault))]),
);

/** Every cause that a run of this work can end. */
export const causesOf = (workload: Workload): readonly string[] => CAUSES_OF.get(workload) ?? [];

/** The work a probe is about; null for a step that is no probe of ours. */
export const workloadOfProbe = (step: string): Workload | null =>
  WORKLOADS.find((workload) => probeStep(workload) === step) ?? null;
