import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect } from '@jest/globals';
import { foreignPidCache } from '../src/foreign-pid-cache.ts';
import { testIf } from './trees.ts';

const testLinux = testIf(process.platform === 'linux', 'only Linux has /proc');

describe('a process that cannot belong to a run', () => {
  testLinux('is one that was seen before the run began, and not one born after', async () => {
    const older = spawn('sleep', ['30']);
    // A first read is needed: before it no process is known.
    expect(foreignPidCache().isForeign(older.pid ?? 0)).toBe(false);
    const memo = foreignPidCache();
    const younger = spawn('sleep', ['30']);
    try {
      expect([memo.isForeign(older.pid ?? 0), memo.isForeign(younger.pid ?? 0)]).toEqual([true, false]);
      expect(memo.isForeign(younger.pid ?? 0)).toBe(false);
    } finally {
      for (const child of [older, younger]) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
  });

  testLinux('is one that was read and carried no mark', async () => {
    const memo = foreignPidCache();
    const child = spawn('sleep', ['30']);
    const pid = child.pid ?? 0;
    expect(memo.isForeign(pid)).toBe(false);
    memo.learn();
    expect(memo.isForeign(pid)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
