/** Counting against the runner itself, not a recording of it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countTests } from '@gatehouse/merge-gate';
import { expect, test } from '@jest/globals';
import { readJunit } from '../src/reports/junit.ts';

const hasPytest = spawnSync('python3', ['-c', 'import pytest']).status === 0;
const testWithPytest = hasPytest || process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' ? test : test.skip;

testWithPytest('pytest as installed is counted, and its failing tests are named', () => {
  const room = mkdtempSync(join(tmpdir(), 'gatehouse-pytest-'));
  const body = 'def test_a():\n    assert True\n\ndef test_b():\n    assert False\n\ndef test_c():\n    assert True\n';
  writeFileSync(join(room, 'test_three.py'), body);
  const run = spawnSync('python3', ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], { cwd: room, encoding: 'utf8' });
  const xml = join(room, 'report.xml');
  const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${xml}`];
  spawnSync('python3', args, { cwd: room });
  const reported = readJunit(readFileSync(xml, 'utf8'));
  rmSync(room, { recursive: true, force: true });
  expect(run.status).toBe(1);
  const counted = countTests(run.stdout);
  expect(counted).toMatchObject({ total: 3, failed: ['test_three.py::test_b'] });
  expect(reported).toMatchObject({ total: 3, ran: 3, failures: [{ name: 'pytest > test_three > test_b' }] });
});
