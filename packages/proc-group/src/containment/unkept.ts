/**
 * A marked run without a keeper. That no mark is seen proves nothing by itself, for any process may take its mark off;
 * it does when every process that is younger than the run has a parent that cannot be of the run.
 */
import { readStat } from '../adapters/procfs.ts';
import { mayBelong } from '../lineage.ts';
import type { Heredity } from '../machine.ts';
import { scanMembers } from '../member-scan.ts';
import { printable } from '../printable.ts';
import type { ContainmentMechanism, Scan } from './containment.ts';
import type { CookieContainment } from './cookie.ts';

/** `heredity` null: this machine hides processes or what is above them, and `why` says so. */
export function unkeptContainment(
  inner: CookieContainment,
  { heredity, why }: { readonly heredity: Heredity | null; readonly why: string },
): ContainmentMechanism {
  let birth: Parameters<typeof mayBelong>[1] | null = null;
  return {
    ...inner,
    started: (pid) => {
      inner.started(pid);
      const stat = readStat(pid);
      if (heredity === null || stat === null) return;
      const adopters = new Set([1, process.pid, heredity.reaper, stat.ppid]);
      birth = { start: Number(stat.start), adopters, ceiling: heredity.canRaise ? null : inner.marks.high };
    },
    scan: () => {
      const marked = inner.scan();
      if (!marked.empty) return marked;
      if (birth === null) return unproved(why);
      const lineage = birth;
      const is = (pid: number) => inner.isMarked(pid) || mayBelong(pid, lineage);
      const scan = scanMembers(
        (pid) => (is(pid) ? 'member' : 'foreign'),
        () => {},
      );
      const [stray] = scan.found;
      if (stray === undefined) return scan.empty ? marked : unproved(scan.unproven ?? why);
      const name = printable(readStat(stray)?.comm ?? '');
      return unproved(`${why}, and process ${stray} (${name}) is an orphan without a mark that started during the run`);
    },
  };
}

const unproved = (unproven: string): Scan => ({ living: [], empty: false, isFinal: true, unproven });
