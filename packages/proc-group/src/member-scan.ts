/**
 * Finds the processes of a run among all processes, and knows when "none" is a proof.
 *
 * A plain listing races with a process that forks and exits: its child is born behind the cursor. So after the listing
 * every pid that was allocated meanwhile is read too, in the order of allocation, until no new one was allocated
 * while reading. A process alive then either was there all the time and was seen, or was born meanwhile and was seen.
 */
import { largestPid, lastPid, listPids } from './adapters/procfs.ts';

/** `blind`: could not be read, so it may be a member. */
export type Membership = 'member' | 'foreign' | 'blind';

export interface MemberScan {
  readonly found: readonly number[];
  /** True only if no member can be alive. */
  readonly empty: boolean;
  /** Why not, where none was found. */
  readonly unproven?: string;
}

/** pid_max starts again here (kernel/pid.c). */
const FIRST_REUSED_PID = 300;
/** More births than this during one scan: the host is too busy for this scan, try another. */
const MOST_BIRTHS = 4096;
const MOST_ROUNDS = 64;

/** Reads every process. `onMember` runs right after a pid was recognised, before another process can have it. */
export function scanMembers(membershipOf: (pid: number) => Membership, onMember: (pid: number) => void): MemberScan {
  const found: number[] = [];
  let blind = false;
  const read = (pid: number): void => {
    const is = membershipOf(pid);
    if (is === 'blind') blind = true;
    if (is !== 'member') return;
    onMember(pid);
    found.push(pid);
  };
  let seen = lastPid();
  const pids = listPids();
  if (pids === null || seen === null) return { found, empty: false, unproven: '/proc cannot be read' };
  for (const pid of pids) read(pid);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const now = lastPid();
    if (now === null) break;
    if (now === seen && blind)
      return { found, empty: false, unproven: 'there was no descriptor or memory to read /proc' };
    if (now === seen) return { found, empty: found.length === 0 };
    const births = born(seen, now);
    if (births === null) break;
    for (const pid of births) read(pid);
    seen = now;
  }
  return { found, empty: false, unproven: 'processes were started faster than they could be read' };
}

/** The pids after `seen` up to `now`, in the order of their allocation; null if they are too many. */
function born(seen: number, now: number): readonly number[] | null {
  const pids: number[] = [];
  const last = now > seen ? now : largestPid();
  if (last === null || last - seen > MOST_BIRTHS) return null;
  for (let pid = seen + 1; pid <= last; pid += 1) pids.push(pid);
  if (now > seen) return pids;
  if (now - FIRST_REUSED_PID > MOST_BIRTHS) return null;
  for (let pid = FIRST_REUSED_PID; pid <= now; pid += 1) pids.push(pid);
  return pids;
}
