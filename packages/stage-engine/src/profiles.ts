/** The two ways a task goes through the stages. */
import { frozen } from './frozen.ts';
import type { Stage } from './stages.ts';

/** `full`: agents do every stage. `gates-only`: a merge queue for branches that people made. */
export type Profile = 'full' | 'gates-only';

/** A row of {@link PROFILES}. */
export interface ProfileRow {
  /** What it means, in one line for a person. */
  readonly says: string;
  /** The stage a new task enters. */
  readonly entry: Stage;
  /** Whether agents work on the stages; without them no change can be sent back. */
  readonly agents: boolean;
  /** What `fail` does before landing. */
  readonly blame: 'send-back' | 'remove';
  /** Where a head that was pushed from outside is judged again from, once `judgedFrom` has been passed. */
  readonly judgedFrom: 'check_ci_green' | 'check_security_gate';
}

/** The two ways a task may go: with agents on every stage, or through the gates only. */
export const PROFILES: { readonly [Name in Profile]: ProfileRow } = frozen({
  full: {
    says: 'Every stage with its agent; a failing change goes back with its findings; a foreign head is judged from CI on.',
    entry: 'analysis',
    agents: true,
    blame: 'send-back',
    judgedFrom: 'check_ci_green',
  },
  'gates-only': {
    says: 'Enters at the sub-gates, no agent and no staging or deploy artefact; a failing branch is removed with a report.',
    entry: 'deploy-staging',
    agents: false,
    blame: 'remove',
    judgedFrom: 'check_security_gate',
  },
});
