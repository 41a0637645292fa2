import type { Counts } from './counts.ts';

const RAN = /^Ran (\d{1,9}) tests? in [\d.]+s$/;
const ENDED = /^(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$/;
const FAILING = /^(?:FAIL|ERROR): (\S+ \(\S+\))/;

/** Python's unittest text runner. */
export function readUnittest(lines: readonly string[]): Counts | null {
  const failed: string[] = [];
  let total = 0;
  let skipped = 0;
  let seen = false;
  for (const line of lines) {
    const failing = FAILING.exec(line)?.[1];
    if (failing !== undefined) failed.push(failing);
    const ran = RAN.exec(line);
    if (ran !== null) seen = true;
    total += Number(ran?.[1] ?? 0);
    const ended = seen ? ENDED.exec(line)?.[1] : undefined;
    skipped += Number(/skipped=(\d{1,9})/.exec(ended ?? '')?.[1] ?? 0);
  }
  return seen ? { counted: { total, ran: Math.max(0, total - skipped) }, failed } : null;
}
