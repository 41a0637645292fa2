/** What each role's work leaves: commits that reach the branch, or only a report about it. */
import { type AgentRole, type ArtefactRule, CHECKS, STAGE_TRANSITIONS, type Stage } from '@gatehouse/stage-engine';

interface RoleRow {
  /** Whether commits of this role move the task's branch. A role that judges a change does not change it. */
  readonly pushes: boolean;
  /** One line for the prompt. */
  readonly asked: string;
}

export const ROLES: { readonly [Role in AgentRole]: RoleRow } = {
  analyst: {
    pushes: true,
    asked:
      'Say what is asked for, what is not, and how somebody can tell that it is done. A person reads it and approves.',
  },
  architect: { pushes: true, asked: 'Decide how the change is built, and write it down for the developer.' },
  developer: {
    pushes: true,
    asked: 'Make the change with its tests, and commit it to the branch that is checked out.',
  },
  reviewer: { pushes: false, asked: 'Read the change against its task and say whether it may go on.' },
  tester: { pushes: false, asked: 'Try the change out and say whether it does what the task asks for.' },
  deployer: { pushes: false, asked: 'Bring the commit that is checked out to where the stage says.' },
};

/** What an analyst writes for the person who approves. No machine reads it, so it stands in no table of the engine. */
export const ANALYSIS = '01-analysis.md';

/** A value that sends the change back, for the prompt. Every other than the one that opens does. */
const REFUSES: Readonly<Record<string, string>> = { verdict: 'REJECTED', architecture_status: 'OPEN', result: 'FAIL' };
export const refusingValue = ({ key }: ArtefactRule): string => REFUSES[key] ?? 'FAILED';

/** Roles whose word is about the very commit that they were given. */
export const judges = (role: AgentRole): boolean => role === 'reviewer' || role === 'tester';

/** Narrows the step of an agent's job. */
export const isRole = (step: string): step is AgentRole => Object.hasOwn(ROLES, step);

/** The report that closes a stage; null where none does. */
export function artefactOf(stage: Stage): ArtefactRule | null {
  const [check] = STAGE_TRANSITIONS[stage].checks;
  return check === undefined ? null : CHECKS[check].artefact;
}
