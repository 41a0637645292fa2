/**
 * What can happen to an agent's stage, as data: where it strikes, what it does, what is said, and that the stage is passed afterwards.
 * Code is shell; it knows $DESK, $DATA, $FORGE, $MIRROR and $SLOTS, and inside an agent what an agent knows. Stops are moments of their own.
 */
import { FILL, type Strike } from '../service-faults/small-world.ts';

/** A call of git, or the beginning of an agent's command, where its role is this one. */
export type AgentStrike = Exclude<Strike, 'already' | { readonly inside: unknown }> | { readonly agent: Role };
export type Role = 'developer' | 'reviewer';

export interface AgentRow {
  readonly fault: string;
  readonly strike: AgentStrike;
  readonly code: string;
  /** In the task, its events or the log. */
  readonly says: RegExp;
  /** Puts right what no calm world does; $1 is where the clones of the repository are. */
  readonly mend?: string;
  readonly needsDisk?: true;
}

/** The first call after a person approved. */
const AT_ANY: AgentStrike = { before: '*"--git-dir=$MIRROR "*' };
const AT_CLONE: AgentStrike = { before: '*"/slots/"*" read-tree "*' };
const AT_IMPORT: AgentStrike = { before: '*"--git-dir=$MIRROR "*" fetch --quiet --no-tags --no-write-fetch-head "*' };
const AT_PUSH: AgentStrike = { before: '*" push "*' };

const FULL = `${FILL}fill "$DATA" 0`;
const reports = (text: string): string =>
  `mkdir -p "\${GATEHOUSE_ARTEFACT%/*}"; ${text} > "$GATEHOUSE_ARTEFACT"; exit 0`;

export const AGENT_ROWS: readonly AgentRow[] = [
  {
    // One that fails to be written is made anew, so there is no place for any.
    fault: 'the clone fails',
    strike: AT_ANY,
    code: 'rm -rf "$SLOTS"; : > "$SLOTS"',
    says: /the clone cannot be made/,
    mend: 'rm "$1"',
  },
  {
    fault: 'the disk is full for the clone',
    strike: AT_CLONE,
    code: FULL,
    says: /git disk-full|disk of the database is full/,
    needsDisk: true,
  },
  {
    fault: 'the prompt cannot be written',
    strike: AT_CLONE,
    code: 'for claim in "$DATA"/reports/*/*; do mkdir "$claim/prompt.md"; done',
    says: /the prompt cannot be written/,
  },
  { fault: 'the agent is killed', strike: { agent: 'developer' }, code: 'kill -9 $$', says: /ended by SIGKILL/ },
  {
    fault: 'the disk is full while it works',
    strike: { agent: 'developer' },
    code: `${FULL}; dd if=/dev/zero of=big bs=1024 count=1024 || exit 1`,
    says: /No space left on device|disk of the database is full/,
    needsDisk: true,
  },
  { fault: 'its commits cannot be taken', strike: AT_IMPORT, code: 'exit 1', says: /cannot be taken/ },
  { fault: 'the push is refused', strike: AT_PUSH, code: 'exit 1', says: /git could not push/ },
  { fault: 'the report is missing', strike: { agent: 'reviewer' }, code: 'exit 0', says: /the agent left no docs/ },
  {
    fault: 'the report is cut off',
    strike: { agent: 'reviewer' },
    code: reports(`printf -- '---\\nverdict: APPR'`),
    says: /the front is not closed/,
  },
  {
    fault: 'the report is huge',
    strike: { agent: 'reviewer' },
    code: reports('dd if=/dev/zero bs=1024 count=2048 2>/dev/null'),
    says: /is larger than 1048576 bytes/,
  },
];

/** Where a stop comes while the service is there, and its fault is that it takes long. */
export const STOPS: readonly { readonly at: string; readonly strike: AgentStrike }[] = [
  { at: 'the clone', strike: AT_CLONE },
  { at: 'the work', strike: { agent: 'developer' } },
  { at: 'the import', strike: AT_IMPORT },
  { at: 'the push', strike: AT_PUSH },
];
