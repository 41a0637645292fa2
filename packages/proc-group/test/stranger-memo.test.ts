import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect } from '@jest/globals';
import { strangerMemo } from '../src/foreign-pid-cache.ts';
import { testIf } from './trees.ts';

const testLinux = testIf(process.platform === 'linux', 'only Linux has /proc');

describe('who cannot belong to a run', () => {
  testLinux('is whoever was seen before it began, and not who was born after', async () => {
    const older = spawn('sleep', ['30']);
    // Somebody has to look: nobody is known from before the first look.
    expect(strangerMemo().isStranger(older.pid ?? 0)).toBe(false);
    const memo = strangerMemo();
    const younger = spawn('sleep', ['30']);
    try {
      expect([memo.isStranger(older.pid ?? 0), memo.isStranger(younger.pid ?? 0)]).toEqual([true, false]);
      expect(memo.isStranger(younger.pid ?? 0)).toBe(false);
    } finally {
      for (const child of [older, younger]) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
  });

  testLinux('is whoever was looked at and carried no mark', async () => {
    const memo = strangerMemo();
    const child = spawn('sleep', ['30']);
    const pid = child.pid ?? 0;
    expect(memo.isStranger(pid)).toBe(false);
    memo.learn();
    expect(memo.isStranger(pid)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
