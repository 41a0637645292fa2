import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const path = fileURLToPath(new URL('../examples/first.ts', import.meta.url));

test('the example of the README runs and says what the README says it says', () => {
  const out = execFileSync(process.execPath, ['--conditions=gatehouse:src', path], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(out).toBe('stopping already\nsettled nothing is left\nfeature/T-7~stopped~task-7 over\n');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(out);
});
