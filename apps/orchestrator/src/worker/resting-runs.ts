/** Which command run a green of the merge check rests on, by its number in the store. */
import type { CommandRun } from '@gatehouse/gate-run';
import type { CheckVerdict } from '@gatehouse/verdict';
import { WHOLE_RUNS } from '../checks/test-run-coverage.ts';

/** The runs of one check, as they come. */
export interface RestingRuns {
  readonly recorded: (run: CommandRun, id: number) => void;
  /** The memory of greens was asked: the run that earned the green, or null. */
  readonly found: (id: number | null) => void;
  /** The newest recorded green of the test command on this tree. */
  readonly earnedBy: (tree: string) => number | null;
  /** The run that this verdict rests on; null: none does, or its record could not be written. */
  readonly under: (verdict: CheckVerdict) => number | null;
}

export function restingRuns(): RestingRuns {
  const tested: { readonly run: CommandRun; readonly id: number }[] = [];
  let remembered: number | null = null;
  return {
    recorded: (run, id) => {
      if (WHOLE_RUNS.includes(run.purpose)) tested.push({ run, id });
    },
    found: (id) => {
      remembered = id;
    },
    earnedBy: (tree) => tested.findLast(({ run }) => run.tree === tree && run.outcome === 'green')?.id ?? null,
    under: ({ basis, commits }) => {
      switch (basis) {
        case 'test-run':
          return tested.findLast(({ run }) => run.commit === commits?.tested && run.outcome === 'green')?.id ?? null;
        case 'quarantined-run':
          return tested.findLast(({ run }) => run.commit === commits?.tested)?.id ?? null;
        case 'earlier-run':
          return remembered;
        default:
          return null;
      }
    },
  };
}

/** Bases that are nothing without their run. */
const NEEDS_RUN: readonly CheckVerdict['basis'][] = ['test-run', 'quarantined-run', 'earlier-run'];

/** Whether the record lacks what the verdict rests on. */
export const isBaseless = (verdict: CheckVerdict, run: number | null): boolean =>
  run === null && NEEDS_RUN.includes(verdict.basis);
