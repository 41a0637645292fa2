/** Reports as the tools of the field really write them, read in every format they offer. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReport } from '@gatehouse/coverage-gate';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const hasPytest = spawnSync('python3', ['-c', 'import pytest, pytest_cov']).status === 0;
const testWithPytest = hasPytest || process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' ? test : test.skip;

const SOURCE = `def grade(points):
    if points >= 90:
        return 'A'
    if points >= 50:
        return 'B'
    return 'C'


def never():
    left = 1
    return left
`;
const TEST = `from grades import grade


def test_grades():
    assert grade(95) == 'A'
    assert grade(60) == 'B'
`;

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gatehouse-pytest-'));
  writeFileSync(join(dir, 'grades.py'), SOURCE);
  writeFileSync(join(dir, 'test_grades.py'), TEST);
  if (!hasPytest) return;
  const reports = ['lcov:lcov.info', 'xml:coverage.xml', 'json:coverage.json'].map(
    (report) => `--cov-report=${report}`,
  );
  const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--cov=grades', '--cov-branch', ...reports];
  spawnSync('python3', args, { cwd: dir });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('pytest-cov', () => {
  testWithPytest.each([
    ['lcov.info', 'lcov'],
    ['coverage.xml', 'cobertura'],
    ['coverage.json', 'coverage-py'],
  ])('writes %s, which reads as the lines that ran', async (name, format) => {
    const report = await readReport(join(dir, name));
    if (report.kind !== 'read') throw new Error(`${name} is ${report.kind}`);
    // Six statements of grade and its def, three of never and its def; the return of 'C' and the body of never did not
    // run.
    expect({ format: report.format, covered: report.covered, total: report.total }).toEqual({
      format,
      covered: 6,
      total: 9,
    });
    expect([...report.files.keys()]).toEqual(['grades.py']);
  });
});
