import { exitStatusOf, runInGroup } from '@gatehouse/proc-group';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sh } from './trees.ts';

const plain = { containment: 'group' } as const;

describe('the exit status of a stand-in is the one timeout(1) would give', () => {
  test.each<[string, string, number]>([
    ['the own code of the command', 'exit 7', 7],
    ['128 + n after signal n', 'kill -9 $$', 137],
    ['the very code 137', 'exit 137', 137],
  ])('%s', async (_, line, status) => {
    expect(exitStatusOf(await sh(line, plain))).toBe(status);
  });

  test('124, 125, 126 and 127', async () => {
    expect(exitStatusOf(await sh('sleep 9', { ...plain, timeoutMs: 50, graceMs: 0 }))).toBe(124);
    expect(exitStatusOf(await sh('exit 0', { ...plain, require: 'cookie' }))).toBe(125);
    expect(exitStatusOf({ kind: 'crashed' })).toBe(125);
    expect(exitStatusOf(await runInGroup({ ...plain, command: '/etc/passwd', timeoutMs: 5000 }))).toBe(126);
    expect(exitStatusOf(await runInGroup({ ...plain, command: 'no-such-command', timeoutMs: 5000 }))).toBe(127);
  });

  test('is a byte, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const status = exitStatusOf(value as never);
        return Number.isInteger(status) && status >= 0 && status <= 255;
      }),
    );
  });
});
