import { expect, test } from '@jest/globals';
import { checkTitle, tell } from '../examples/first.ts';

test('the example passes a short title, fails a long one, and survives no title at all', async () => {
  expect(tell(await checkTitle('ledger: count entries'))).toBe('pass: the title fits');
  expect(await checkTitle('x'.repeat(73))).toMatchObject({ status: 'fail', findings: [{ rule: 'title/length' }] });
  expect(tell(await checkTitle(undefined as unknown as string))).toContain('title-gate.check crashed');
});
