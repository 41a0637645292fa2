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

/**
 * A foreign process, leader of its own group, with the pid of `old`. Another process may be faster, and start times
 * count in hundredths of a second, so it is tried again.
 */
async function foreignProcessInPlaceOf(old: ProcStat): Promise<ChildProcess> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    writeFileSync(LAST_PID, String(old.pid - 1));
    const child = sleeper();
    if (child.pid === old.pid && readStat(old.pid)?.start !== old.start) return child;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  throw new Error(`pid ${old.pid} could not be had again`);
}

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
        const mechanism = make();
        if (mechanism === null) throw new Error(`level ${level} cannot be had`);
        const leader = sleeper();
        const pid = leader.pid ?? 0;
        mechanism.started(pid);
        expect(mechanism.scan().living.map((member) => member.pid)).toEqual([pid]);
        const old = readStat(pid);
        leader.kill('SIGKILL');
        await once(leader, 'exit');
        if (old === null) throw new Error('the leader cannot be seen');
        const foreign = await foreignProcessInPlaceOf(old);
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
    const first = sleeper();
    const pid = first.pid ?? 0;
    const memo = foreignPidCache();
    expect(memo.isForeign(pid)).toBe(false);
    memo.learn();
    expect(memo.isForeign(pid)).toBe(true);
    const old = readStat(pid);
    first.kill('SIGKILL');
    await once(first, 'exit');
    if (old === null) throw new Error('the first cannot be seen');
    const second = await foreignProcessInPlaceOf(old);
    try {
      expect([memo.isForeign(pid), foreignPidCache().isForeign(pid)]).toEqual([false, true]);
    } finally {
      second.kill('SIGKILL');
      await once(second, 'exit');
    }
  },
);
