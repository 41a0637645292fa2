/** Signals a process and its descendants by following live parent links, the most that level `plain` can do. */
import { sendSignal } from './process-signal.ts';
import { listPids, readStat } from './procfs.ts';

/**
 * Windows: `taskkill /T /F` through tree-kill, whatever the signal. Elsewhere /proc is read directly, because tree-kill
 * would start one `ps` per process and lets a missing `ps` become an uncaught exception; without /proc only the root.
 */
export function killTree(root: number, signal: NodeJS.Signals): void {
  if (process.platform === 'win32') {
    // Loaded where it is used only: it costs a run elsewhere a tenth of its CPU.
    void import('tree-kill').then(({ default: treeKill }) => treeKill(root, signal, () => {}));
    return;
  }
  // The root first: it must not get the time to replace the children that are signalled next.
  const below = descendants(root);
  sendSignal(root, signal);
  for (const { pid, start } of below) if (readStat(pid)?.start === start) sendSignal(pid, signal);
}

/** By live parent links; zombies have ended, but what they started may not have been given to another yet. */
export function descendants(root: number): readonly { readonly pid: number; readonly start: string }[] {
  const children = new Map<number, { pid: number; start: string }[]>();
  for (const pid of listPids() ?? []) {
    const stat = readStat(pid);
    if (stat === null) continue;
    const siblings = children.get(stat.ppid) ?? [];
    siblings.push({ pid, start: stat.start });
    children.set(stat.ppid, siblings);
  }
  const found: { pid: number; start: string }[] = [];
  const open = [root];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const child of children.get(next) ?? []) {
      found.push(child);
      open.push(child.pid);
    }
  }
  return found;
}
