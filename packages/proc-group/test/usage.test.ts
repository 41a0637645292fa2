import { describe, expect, test } from '@jest/globals';
import { sh, testIf } from './trees.ts';

const testLinux = testIf(process.platform === 'linux', 'only Linux has /proc');
/** A shell that burns processor time in a child, waits for it, and stays long enough for another sample. */
const burn = `${process.execPath} -e "let x = 0; for (let i = 0; i < 1e8; i += 1) x += i;"; sleep 1.2`;

describe('what a run used', () => {
  for (const containment of ['best', 'cookie', 'group'] as const) {
    testLinux(`is reported with containment ${containment}, children included`, async () => {
      const { usage, level } = await sh(burn, { containment });
      expect(usage?.userMs).toBeGreaterThan(20);
      expect(usage?.userMs).toBeLessThan(20_000);
      expect(usage?.sampled).toBe(level === 'kernel' ? undefined : true);
      if (level !== 'kernel') expect(usage?.peakMemoryBytes).toBeGreaterThan(2 ** 19);
    });
  }

  test('is not made up for a run that was never sampled', async () => {
    expect((await sh('exit 0', { containment: 'plain' })).usage).toBeUndefined();
  });
});
