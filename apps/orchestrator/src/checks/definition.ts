/** What the service must know of a check besides its answer. Stage, artefact and profiles stand in the stage engine's table. */
import type { CheckVerdict } from '@gatehouse/verdict';
import type { GateName } from '../policy/switched-off.ts';
import { outOfScope, withSwitches } from '../policy/switched-off.ts';
import type { Check } from './port.ts';
import { skip } from './verdicts.ts';

/** A command of the repository that a check runs. */
export type CheckWorkload = 'test' | 'coverage' | 'ci';

export interface CheckDefinition {
  /** Answers the check's one question. */
  readonly answer: Check;
  /** `head`: the author's commit. `combined`: the very commit that the merge check tested. Default `head`. */
  readonly subject?: 'combined';
  /** Null: the check is no gate, so that it is asked wherever its stage is. */
  readonly gate?: GateName;
  /** The command of the repository that the check runs; its faults trip the breaker of this workload. */
  readonly workload?: CheckWorkload;
  /** Its recorded pass is one of those that make a code tree validated. */
  readonly validates?: true;
  /** A recorded pass about the same commits, under the same definition, remains valid. */
  readonly reusesPass?: true;
  /** Its pass names the commit that lands. */
  readonly combines?: true;
}

/** The check of a definition: a gate out of scope is a skip that names the setting. */
export function checkOf({ answer, gate }: CheckDefinition): Check {
  if (gate === undefined) return answer;
  return async (context): Promise<CheckVerdict> => {
    const why = outOfScope(gate, context.subject.repo, context.settings);
    return why === null ? withSwitches(gate, context.settings, await answer(context)) : skip(why);
  };
}
