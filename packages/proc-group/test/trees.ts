/** Trees to be ended, and an observer that knows nothing of cookies or cgroups: it reads command lines. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GroupRun, type RunSpec, runInGroup } from '@gatehouse/proc-group';
import type { Crashed } from '@gatehouse/verdict';
import { afterAll, afterEach, test } from '@jest/globals';

export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

export const newMarker = (): string => `gh-tree-${randomBytes(6).toString('hex')}`;

/** Pids whose command line carries the marker; zombies have none. */
export function alive(marker: string): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map(Number)
    .filter((pid) => readOr(`/proc/${pid}/cmdline`, '').includes(marker));
}

export function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return fallback;
  }
}

/**
 * No process in twenty scans in a row: a forking one cannot evade all of them. What is found is killed to clean the
 * host.
 */
export function survivors(marker: string): number {
  let most = 0;
  for (let scan = 0; scan < 20; scan += 1) {
    const found = alive(marker);
    most = Math.max(most, found.length);
    for (const pid of found) spawnSync('kill', ['-9', String(pid)]);
  }
  return most;
}

/** Zombies have ended. */
export const isRunning = (pid: number): boolean => /\) [^ZX] /.test(readOr(`/proc/${pid}/stat`, ''));

const awaited = new Set<{ readonly what: string }>();
/** Only the runner's bound on hanging ends a wait, and then the wait is named. */
function endWaits(): void {
  const vain = [...awaited].map(({ what }) => what);
  awaited.clear();
  if (vain.length > 0) throw new Error(`waited in vain: ${vain.join(', ')}`);
}
afterEach(endWaits);
afterAll(endWaits);

/** Waits until the condition holds, however slow the machine is. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const wait = { what };
  awaited.add(wait);
  try {
    while (!condition()) {
      if (!awaited.has(wait)) throw new Error(`waited in vain: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    awaited.delete(wait);
  }
}

/** A folder that every user may read, for commands that run as another user. */
export function publicFolder(): { readonly path: string; readonly shapes: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  spawnSync('chmod', ['755', path]);
  cpSync(fixture('shapes.pl'), join(path, 'shapes.pl'));
  return { path, shapes: join(path, 'shapes.pl'), remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function settled(run: GroupRun | Crashed): GroupRun {
  if (run.kind === 'crashed') throw run.error;
  return run;
}

export const sh = async (line: string, more: Partial<RunSpec> = {}): Promise<GroupRun> =>
  settled(await runInGroup({ command: '/bin/sh', args: ['-c', line], timeoutMs: 20_000, graceMs: 200, ...more }));

type Declare = (title: string, body: () => unknown, timeoutMs?: number) => void;

const skipped =
  (reason: string): Declare =>
  (title, body) =>
    test.skip(`${title} [skipped: ${reason}]`, body as () => void);

/**
 * `test`, or a visible skip that names what this machine lacks; with GATEHOUSE_REQUIRE_TOOLS=1 a missing tool fails.
 */
export function testWith(tool: string): Declare {
  const found = spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', tool]).status === 0;
  return found || isWhole ? (test as Declare) : skipped(`no ${tool} here`);
}

/** The same for an ability of the kernel or of the user, which cannot be installed. */
export const testIf = (able: boolean, reason: string): Declare => (able ? (test as Declare) : skipped(reason));

/** Where CI demands every tool, what is dear or waits long is tried, too. */
export const isWhole: boolean = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';
export const dear = 'GATEHOUSE_REQUIRE_TOOLS=1 runs it';

export const isRoot: boolean = process.getuid?.() === 0;
export const needsRoot = 'only root may do this';
export const nobody = { uid: 65_534, gid: 65_534 } as const;
