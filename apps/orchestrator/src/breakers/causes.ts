/** How trouble is named on a breaker: what was being done, and what it met. */
import type { CheckName, StepName } from '@gatehouse/stage-engine';
import type { MachineFault } from '@gatehouse/verdict';

/** `forge`: fetching from it. The others are commands of the repository's definition. */
export type Work = 'test' | 'coverage' | 'ci' | 'forge';

/** For these a branch can be at fault as well as the machine: two different tasks have to meet them in a row. */
const OWN_UNTIL_TWO: readonly MachineFault[] = ['timeout', 'signal', 'memory'];
const AT_ONCE: readonly MachineFault[] = ['disk', 'spawn', 'network', 'tool'];
const WORKS: readonly Work[] = ['test', 'coverage', 'ci', 'forge'];

const WORK_OF: { readonly [Check in CheckName]?: Work } = {
  check_branch_mergeable: 'test',
  check_coverage_gate: 'coverage',
  check_ci_green: 'ci',
};

/** Null: the step runs no command of the repository. */
export const workOf = (step: StepName): Work | null => WORK_OF[step as CheckName] ?? null;

export const opensAtOnce = (trouble: MachineFault): boolean => AT_ONCE.includes(trouble);

export const causeOf = (work: Work, trouble: MachineFault): string => `${work}-${trouble}`;

const CAUSES_OF: ReadonlyMap<Work, readonly string[]> = new Map(
  WORKS.map((work) => [work, [...OWN_UNTIL_TWO, ...AT_ONCE].map((trouble) => causeOf(work, trouble))]),
);

/** Every cause that a run of this work can end. */
export const causesOf = (work: Work): readonly string[] => CAUSES_OF.get(work) ?? [];

/** Step of the probe job that runs this work on main. */
export const probeStep = (work: Work): string => `probe-${work}`;

/** The work a probe is about; null for a step that is no probe of ours. */
export const workOfProbe = (step: string): Work | null => WORKS.find((work) => probeStep(work) === step) ?? null;
