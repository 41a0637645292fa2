import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import { type ProcStat, readStat } from '../src/adapters/procfs.ts';
import type { ContainmentMechanism } from '../src/containment/containment.ts';
import { cookieContainment } from '../src/containment/cookie.ts';
import { groupContainment } from '../src/containment/group.ts';
import { plainContainment } from '../src/containment/plain.ts';
import { foreignPidCache } from '../src/foreign-pid-cache.ts';
import { cookieAbility } from '../src/machine.ts';
import { isRunning, testIf } from './trees.ts';

/** The kernel hands out the number after the one written here. */
const LAST_PID = '/proc/sys/kernel/ns_last_pid';

function canChoosePids(): boolean {
  try {
    accessSync(LAST_PID, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const sleeper = (): ChildProcess => spawn('sleep', ['30'], { stdio: 'ignore', detached: true });

interface Reused<Watched> {
  readonly pid: number;
  readonly watched: Watched;
  /** Leads a group of its own. */
  readonly foreign: ChildProcess;
}

/**
 * A process is watched, it ends, and a foreign one gets its pid. Others of the machine may be faster and keep that pid for
 * themselves, and start times count in hundredths of a second: it is tried until it is so.
 */
async function reusePid<Watched>(
  watch: (pid: number) => Watched,
  drop: (watched: Watched) => Promise<void>,
): Promise<Reused<Watched>> {
  for (;;) {
    const first = sleeper();
    const pid = first.pid ?? 0;
    const watched = watch(pid);
    const old = readStat(pid);
    first.kill('SIGKILL');
    await once(first, 'exit');
    if (old === null) throw new Error('the first cannot be seen');
    const foreign = await foreignProcessInPlaceOf(old);
    if (foreign !== null) return { pid, watched, foreign };
    await drop(watched);
  }
}

async function foreignProcessInPlaceOf(old: ProcStat): Promise<ChildProcess | null> {
  while (!isTaken(old)) {
    writeFileSync(LAST_PID, String(old.pid - 1));
    const child = sleeper();
    if (child.pid === old.pid && readStat(old.pid)?.start !== old.start) return child;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  return null;
}

const isTaken = ({ pid }: ProcStat): boolean => readStat(pid) !== null;

const cookie = await cookieAbility();
const kinds: readonly (readonly [string, () => ContainmentMechanism | null])[] = [
  ['plain', plainContainment],
  ['group', groupContainment],
  ['cookie', () => (cookie.usable ? cookieContainment(cookie.means, {}, { leaf: null, joins: false }) : null)],
];

describe('a foreign process that got the pid of a leader whose end is not known yet is not signalled', () => {
  for (const [level, make] of kinds) {
    testIf(canChoosePids(), 'only root on a kernel with checkpoint support may choose a pid')(
      `level ${level}`,
      async () => {
        const watch = (leader: number): ContainmentMechanism => {
          const mechanism = make();
          if (mechanism === null) throw new Error(`level ${level} cannot be had`);
          mechanism.started(leader);
          expect(mechanism.scan().living.map((member) => member.pid)).toEqual([leader]);
          return mechanism;
        };
        const { pid, watched: mechanism, foreign } = await reusePid(watch, (one) => one.close());
        try {
          mechanism.terminate();
          mechanism.kill();
          expect(mechanism.scan().living).toEqual([]);
          expect([foreign.exitCode, foreign.signalCode, isRunning(pid)]).toEqual([null, null, true]);
        } finally {
          foreign.kill('SIGKILL');
          await once(foreign, 'exit');
          await mechanism.close();
        }
      },
    );
  }
});

testIf(canChoosePids(), 'only root on a kernel with checkpoint support may choose a pid')(
  'a process that got the pid of a known foreign one is not taken for it',
  async () => {
    const watch = (first: number) => {
      const memo = foreignPidCache();
      expect(memo.isForeign(first)).toBe(false);
      memo.learn();
      expect(memo.isForeign(first)).toBe(true);
      return memo;
    };
    const { pid, watched: memo, foreign } = await reusePid(watch, async () => {});
    try {
      expect([memo.isForeign(pid), foreignPidCache().isForeign(pid)]).toEqual([false, true]);
    } finally {
      foreign.kill('SIGKILL');
      await once(foreign, 'exit');
    }
  },
);
