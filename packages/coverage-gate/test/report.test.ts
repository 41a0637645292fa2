/** The report: what machines read back and what people read. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArtefact } from '@gatehouse/artefact';
import { type CoverageVerdict, computeCoverageVerdict, writeCoverageReport } from '@gatehouse/coverage-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { added, baselineAt, COMMITS, lineSet, measured, range, request } from './requests.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'coverage-report-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (
  verdict: CoverageVerdict,
  mode: 'create' | 'replace' = 'create',
): ReturnType<typeof writeCoverageReport> =>
  writeCoverageReport({ dir, verdict, commits: COMMITS, command: 'npm run coverage', mode });

const text = (): string => readFileSync(join(dir, '18-coverage-report.md'), 'utf8');

function eroded(path = 'src/a.ts'): CoverageVerdict {
  const lines = new Map([[path, lineSet(range(1, 20), range(1, 9))]]);
  const head = measured(850, 1000, { lines });
  const policy = { patch: { minPpm: 800_000, policy: 'block' as const } };
  return computeCoverageVerdict(request(head, baselineAt(900, 1000), policy, { patch: added(path, 5, 14) }));
}

describe('the report of a failure', () => {
  test('says what to do: the inequality, the table, the uncovered ranges, the way to reproduce', async () => {
    expect(await write(eroded())).toMatchObject({ kind: 'written' });
    const body = text().split('\n---\n')[1];
    expect(body).toContain(
      '150 uncovered \\> 101 allowed (100 + 100/1000 × 0 + 1000 ppm × 1000) and 150 \\> 100 on base',
    );
    expect(body).toContain('| head | 85.00 % (850/1000) | 150 |');
    expect(body).toContain('| mark | 90.00 % (900/1000) | 100 |');
    expect(body).toContain('- `src/a.ts:10-14`');
    expect(body).toContain('npm run coverage');
  });

  test('reads back strictly', async () => {
    await write(eroded());
    const front = text().split('---\n')[1] ?? '';
    const kinds = Object.fromEntries(
      front
        .trimEnd()
        .split('\n')
        .map((line) => {
          const [key = '', value = ''] = line.split(': ');
          return [
            key,
            /^-?\d+$/.test(value) ? 'integer' : /^(true|false)$/.test(value) ? 'boolean' : 'string',
          ] as const;
        }),
    );
    const back = await readArtefact({
      dir,
      name: '18-coverage-report.md',
      keys: { ...kinds, coverage_status: ['PASS', 'FAIL', 'UNKNOWN', 'SKIP'] },
    });
    expect(back).toMatchObject({
      kind: 'read',
      front: {
        coverage_status: 'FAIL',
        covered: 850,
        total: 1000,
        mark_covered: 900,
        patch_covered: 5,
        patch_total: 10,
        broken_rules: 'baseline patch',
      },
    });
  });
});

test.each<[string, CoverageVerdict]>([
  ['PASS', computeCoverageVerdict(request(measured(9, 10), null))],
  ['FAIL', eroded()],
  ['UNKNOWN', computeCoverageVerdict(request({ kind: 'unknown', why: 'timeout', reason: 'late' }, null))],
  ['UNKNOWN', computeCoverageVerdict(request({ kind: 'infra', trouble: 'disk-full', reason: 'full' }, null))],
  ['UNKNOWN', { kind: 'crashed', op: 'x', error: new Error('bug') }],
  ['SKIP', { kind: 'skipped', reason: 'out of scope' }],
])('is %s for its kind of verdict', async (status, verdict) => {
  expect(await write(verdict)).toMatchObject({ kind: 'written' });
  expect(text()).toMatch(new RegExp(`^---\ncoverage_status: ${status}\n`));
});

test('names chosen by the branch cannot break out of their line or their code span', async () => {
  const path = 'src/`x`\n---\ncoverage_status: PASS\n# hi <b>\u202e.ts';
  await write(eroded(path));
  expect(text().match(/^---$/gm)).toHaveLength(2);
  expect(text().match(/^coverage_status/gm)).toHaveLength(1);
  expect(text()).not.toContain('\u202e');
  expect(text()).toContain("`src/'x' ---");
});

test('a hundred uncovered places name fifty and count the rest', async () => {
  const lines = new Map([
    [
      'a.ts',
      lineSet(
        range(1, 200),
        range(1, 100).map((n) => 2 * n),
      ),
    ],
  ]);
  const policy = { patch: { minPpm: 800_000, policy: 'block' as const } };
  const verdict = computeCoverageVerdict(
    request(measured(900, 1000, { lines }), null, policy, { patch: added('a.ts', 1, 200) }),
  );
  await write(verdict);
  expect(text().match(/^- `a\.ts:\d+-\d+`$/gm)).toHaveLength(50);
  expect(text()).toContain('and 50 more');
});

test('a report that stands already is not overwritten unless asked', async () => {
  await write(eroded());
  expect(await write({ kind: 'skipped', reason: 'x' })).toMatchObject({ kind: 'refused' });
  expect(await write({ kind: 'skipped', reason: 'x' }, 'replace')).toMatchObject({ kind: 'written' });
});
