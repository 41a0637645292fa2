import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const path = fileURLToPath(new URL('../examples/first.ts', import.meta.url));
const said = 'FAIL: the change adds 1 secret and 0 dependency problems\nsecret/github settings.ini:2\n';

test('the example of the README runs and says what the README says it says', () => {
  const out = execFileSync(process.execPath, ['--conditions=gatehouse:src', path], { encoding: 'utf8' });
  expect(out).toBe(said);
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(said);
});
