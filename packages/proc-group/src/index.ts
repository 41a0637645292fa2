/** Run a command with a deadline and leave nothing behind; see README.md. */
import { type Crashed, neverRaise } from '@gatehouse/verdict';
import * as tree from './adapters/remove-tree.ts';
import * as level from './containment-level.ts';
import * as run from './run.ts';
import type { RunSpec } from './spec.ts';
import type { GroupRun } from './verdict.ts';

export type { RemovedTree } from './adapters/remove-tree.ts';
export type { ContainmentLevel, LevelDetail } from './containment-level.ts';
export { exitStatusOf } from './exit-status.ts';
export { outputText } from './output-text.ts';
export { identityIs, ownIdentity, type ProcessIdentity } from './process-identity.ts';
export { signalNumber } from './signal-name.ts';
export type { OutputSpec, RunControl, RunSpec } from './spec.ts';
export type {
  AppliedLimits,
  Containment,
  GroupRun,
  Leftover,
  Level,
  OutputCapture,
  RunEnd,
  Timings,
  Usage,
} from './verdict.ts';

/**
 * Runs one command and answers when it has ended and nothing of it that this level can reach is left. `GroupRun` says
 * how a run can end, README what each level guarantees.
 *
 * @example
 * ```ts
 * import { runInGroup } from '@gatehouse/proc-group';
 *
 * const command = ['-c', 'setsid sleep 60 & wait'];
 * const run = await runInGroup({ command: 'sh', args: command, timeoutMs: 500, graceMs: 200 });
 * console.log(run.kind); // timeout
 * console.log(run.kind === 'crashed' ? run.error : run.containment.leaked); // 0
 * ```
 */
export const runInGroup: (spec: RunSpec) => Promise<GroupRun | Crashed> = neverRaise(
  'proc-group.runInGroup',
  run.runInGroup,
);

/** Tries every level once per process, in a few short-lived children; later calls answer from memory. */
export const containmentLevel: () => Promise<level.ContainmentLevel | Crashed> = neverRaise(
  'proc-group.containmentLevel',
  level.containmentLevel,
);

/**
 * Removes the whole tree at a plain, absolute path below some directory. For a tree in which no process is at work: one
 * that escaped may write faster than this removes, and then something is `left`.
 */
export const removeTree: (path: string) => Promise<tree.RemovedTree | Crashed> = neverRaise(
  'proc-group.removeTree',
  tree.removeTree,
);
