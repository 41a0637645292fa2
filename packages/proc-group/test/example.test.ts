import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const path = fileURLToPath(new URL('../examples/first.ts', import.meta.url));

test('the example prints what it promises', () => {
  const said = execFileSync(process.execPath, ['--conditions=gatehouse:src', path], { encoding: 'utf8' });
  expect(said).toBe('too slow; it said: tests are running\nprocesses left: 0\n');
});

test('the README shows the example as it is', () => {
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(readFileSync(path, 'utf8').trim());
});
