import { expect, test } from '@jest/globals';
import { checkTitle, format } from '../examples/first.ts';

test('the example passes a short title, fails a long one, and survives no title at all', async () => {
  expect(format(await checkTitle('ledger: count entries'))).toBe('pass: the title fits');
  expect(await checkTitle('x'.repeat(73))).toMatchObject({ status: 'fail', findings: [{ rule: 'title/length' }] });
  expect(format(await checkTitle(undefined as unknown as string))).toContain('title-gate.check crashed');
});
