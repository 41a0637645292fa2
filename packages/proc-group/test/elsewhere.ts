/** Runs a command from a process whose world was changed first: no /proc, another user, a full process table. */
import { execFileSync, spawnSync } from 'node:child_process';
import type { ContainmentLevel, GroupRun, RunSpec } from '@gatehouse/proc-group';
import { fixture, isRoot } from './trees.ts';

export interface World {
  /** Shell lines that change the world first; `$PPID` is the process that will make the run. */
  readonly before?: readonly string[];
  /** Makes one run after `before`, so that everything kept for later runs is there. */
  readonly warm?: boolean;
  readonly after?: readonly string[];
  /** Stops the run from its own `onStart`. */
  readonly endsAtStart?: boolean;
  /** Becomes this user at last. */
  readonly uid?: number;
  readonly spec: RunSpec;
}

export interface ElsewhereResult {
  readonly run: GroupRun;
  readonly machine: ContainmentLevel;
}

/** In a mount namespace of its own, so that nothing that is mounted or hidden reaches the host. */
export function elsewhere(world: World): ElsewhereResult {
  const node = [process.execPath, '--conditions=gatehouse:src', fixture('elsewhere.mjs'), JSON.stringify(world)];
  const said = execFileSync('unshare', ['--mount', '--propagation', 'private', ...node], {
    encoding: 'utf8',
    cwd: fixture('.'),
  });
  return JSON.parse(said.trim().split('\n').at(-1) ?? '');
}

/** Whether this user may change what it sees mounted. */
export const canLeave: boolean =
  isRoot &&
  spawnSync('unshare', ['--mount', '--propagation', 'private', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
