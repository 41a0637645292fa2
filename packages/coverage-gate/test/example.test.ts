import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const path = fileURLToPath(new URL('../examples/first.ts', import.meta.url));

test('the example runs and says what the README says it says', () => {
  const out = execFileSync(process.execPath, ['--conditions=gatehouse:src', path], { encoding: 'utf8' });
  expect(out).toMatch(/^ratcheted\nfail: coverage fails \(baseline, patch\)/);
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(out);
});
