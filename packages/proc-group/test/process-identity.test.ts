import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identityIs, ownIdentity } from '@gatehouse/proc-group';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

describe('who a process is', () => {
  test('this process is alive, and not taken for a later one with its number', () => {
    const own = ownIdentity();
    expect(identityIs(own)).toBe('alive');
    if (own.startTime !== '') expect(identityIs({ ...own, startTime: `${own.startTime}1` })).toBe('gone');
  });

  test('a process that ended is gone', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    expect(identityIs({ ...ownIdentity(), pid: child.pid ?? 0 })).toBe('gone');
  });

  test('nothing is claimed about another host, another boot, or what is no identity', () => {
    expect(identityIs({ ...ownIdentity(), scope: 'elsewhere' })).toBe('unknown');
    fc.assert(fc.property(fc.anything(), (value) => identityIs(value as never) === 'unknown'));
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('no read allowed');
        },
      },
    );
    expect(identityIs(hostile as never)).toBe('unknown');
  });
});
