/** A deleted test adds no line, and yet its author is told which lines nothing runs any more. */
import {
  type CoveragePolicy,
  type CoverageVerdictRequest,
  computeCoverageVerdict,
  type FileCounts,
} from '@gatehouse/coverage-gate';
import { expect, test } from '@jest/globals';
import { added, baselineAt, lineSet, measured, range, request } from './requests.ts';

const BEFORE: Readonly<Record<string, FileCounts>> = {
  'a.ts': [8, 10],
  'b.ts': [6, 6],
  'c.ts': [4, 4],
  'old.ts': [6, 6],
};

function findingsOf(
  lines: Readonly<Record<string, readonly [seen: readonly number[], hit: readonly number[]]>>,
  more: Partial<CoverageVerdictRequest> = {},
  policy: Partial<CoveragePolicy> = {},
): readonly string[] {
  const sets = new Map(Object.entries(lines).map(([path, [seen, hit]]) => [path, lineSet(seen, hit)]));
  const files = Object.fromEntries(
    Object.entries(lines).map(([path, [seen, hit]]): [string, FileCounts] => [path, [hit.length, seen.length]]),
  );
  const sum = (at: 0 | 1): number => Object.values(files).reduce((total, counts) => total + counts[at], 0);
  const head = measured(sum(0), sum(1), { files, lines: sets });
  const asked = request(head, baselineAt(24, 26, { files: BEFORE }), { mode: 'baseline', ...policy }, more);
  const verdict = computeCoverageVerdict(asked);
  return verdict.kind === 'eroded'
    ? verdict.findings.map(({ rule, message, path = '', line = 0 }) => `${rule} ${path}:${line} ${message}`)
    : [verdict.kind];
}

const WHOLE = { 'a.ts': [range(1, 10), range(1, 8)], 'c.ts': [range(1, 4), range(1, 4)] } as const;

test('files that lost lines are named, the worst first, with their uncovered lines', () => {
  const [erosion, first, second, ...others] = findingsOf({
    'a.ts': [range(1, 10), range(1, 7)],
    'b.ts': [[2, 3, 5, 7, 8, 20], [5]],
    'c.ts': [range(1, 4), range(1, 4)],
    'old.ts': [range(1, 6), range(1, 6)],
  });
  expect(erosion).toMatch(
    /^coverage\/baseline :0 Coverage erodes: .* Cover the lines that are named, or bring their tests back\.$/,
  );
  expect(first).toBe('coverage/baseline b.ts:2 5 of its 6 lines are not covered, 0 were not before: lines 2-3, 7-20.');
  expect(second).toBe('coverage/baseline a.ts:8 3 of its 10 lines are not covered, 2 were not before: lines 8-10.');
  expect(others).toEqual([]);
});

test('a renamed file is compared with what it was', () => {
  const patch = new Map([['new.ts', { status: 'R', from: 'old.ts', added: [] } as const]]);
  const findings = findingsOf({ ...WHOLE, 'b.ts': [range(1, 6), []], 'new.ts': [range(1, 6), range(1, 6)] }, { patch });
  expect(findings).toHaveLength(2);
  expect(findings[1]).toMatch(/^coverage\/baseline b\.ts:1 6 of its 6/);
});

test('what the patch rule names is not said twice', () => {
  const lines = { ...WHOLE, 'b.ts': [range(1, 12), range(1, 6)], 'old.ts': [range(1, 6), range(1, 5)] } as const;
  const patch = added('b.ts', 7, 12);
  const rule = { minPpm: 1_000_000, policy: 'block', slackLines: 0 } as const;
  const findings = findingsOf(lines, { patch }, { patch: rule });
  expect(findings.filter((text) => text.startsWith('coverage/baseline b.ts'))).toEqual([]);
  expect(findings.filter((text) => text.startsWith('coverage/patch b.ts:7'))).toHaveLength(1);
  expect(findings.filter((text) => text.startsWith('coverage/baseline old.ts:6'))).toHaveLength(1);
  expect(findingsOf(lines, { patch }).filter((text) => text.startsWith('coverage/baseline b.ts:7'))).toHaveLength(1);
});

test('ignored files are not named, and at most ten places of one are', () => {
  const holes = range(1, 60);
  const lines = {
    ...WHOLE,
    'b.ts': [holes, holes.filter((line) => line % 2 === 0)],
    'old.ts': [range(1, 6), []],
  } as const;
  const findings = findingsOf(lines, {}, { ignore: ['old.ts'] });
  expect(findings).toHaveLength(2);
  expect(findings[1]).toContain('17, 19 and 20 more places.');
});

test('where lines are missing from the report and none was lost, that is what to mend', () => {
  const tracked = new Set(Object.keys(BEFORE));
  const sizes: Readonly<Record<string, FileCounts>> = { 'a.ts': [8, 10] };
  const asked = request(measured(8, 10, { files: sizes, tracked }), baselineAt(24, 26, { files: BEFORE }), {
    mode: 'baseline',
  });
  const verdict = computeCoverageVerdict(asked);
  if (verdict.kind !== 'eroded') throw new Error(verdict.kind);
  expect(verdict.findings[0]?.message).toMatch(
    / Let the report measure what is missing from it, or cover what was added\.$/,
  );
});
