/** Changes to the measurement itself, in real commits. */
import { type FilePatch, findTampering } from '@gatehouse/coverage-gate';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
beforeAll(() => {
  repo = new ScratchRepo();
});
afterAll(() => repo.remove());

const manifest = (fields: object): string => JSON.stringify({ name: 'x', ...fields });
const whole: FilePatch = { status: 'M', added: [{ start: 1, end: 100 }] };

async function inspect(
  before: Record<string, string>,
  after: Record<string, string>,
  patch: Record<string, FilePatch>,
): ReturnType<typeof findTampering> {
  const [base, head] = [repo.commit(before), repo.commit(after)];
  return findTampering({ git: { gitDir: repo.gitDir }, base, head, patch: new Map(Object.entries(patch)) });
}

test('comments that switch measuring off are found in added lines only', async () => {
  const text = [
    '/* c8 ignore next */',
    'code();',
    '/* istanbul ignore if */',
    'code(); // pragma: no cover',
    '/* node:coverage disable */',
    '// LCOV_EXCL_START',
    '#[coverage(off)]',
  ].join('\n');
  const patch = { 'src/a.ts': { status: 'M', added: [{ start: 2, end: 9_000_000 }] } } as const;
  expect(await inspect({}, { 'src/a.ts': text }, patch)).toEqual({
    kind: 'inspected',
    configs: [],
    unread: 0,
    pragmas: [
      { path: 'src/a.ts', line: 3, pragma: 'istanbul ignore' },
      { path: 'src/a.ts', line: 4, pragma: 'pragma: no cover' },
      { path: 'src/a.ts', line: 5, pragma: 'node:coverage disable' },
      { path: 'src/a.ts', line: 6, pragma: 'LCOV_EXCL' },
      { path: 'src/a.ts', line: 7, pragma: 'coverage(off)' },
    ],
  });
});

test('a changed tool configuration is named, a removed one too', async () => {
  const patch = {
    '.coveragerc': { ...whole, status: 'D' as const },
    'pkg/vitest.config.ts': whole,
    'src/config.ts': whole,
  };
  expect(
    await inspect({ '.coveragerc': '' }, { 'pkg/vitest.config.ts': '', 'src/config.ts': '' }, patch),
  ).toMatchObject({
    configs: ['.coveragerc', 'pkg/vitest.config.ts'],
  });
});

test('a manifest counts when its scripts or tool blocks change, not for a dependency', async () => {
  const before = manifest({ scripts: { test: 'a' }, dependencies: { x: '1' } });
  const patch = { 'package.json': whole };
  const bump = manifest({ scripts: { test: 'a' }, dependencies: { x: '2' } });
  expect(await inspect({ 'package.json': before }, { 'package.json': bump }, patch)).toMatchObject({ configs: [] });
  const script = manifest({ scripts: { test: 'true' }, dependencies: { x: '1' } });
  expect(await inspect({ 'package.json': before }, { 'package.json': script }, patch)).toMatchObject({
    configs: ['package.json'],
  });
  expect(await inspect({ 'package.json': before }, { 'package.json': 'no json' }, patch)).toMatchObject({
    configs: ['package.json'],
  });
});

test('what is too large to read is counted, never skipped in silence', async () => {
  expect(await inspect({}, { 'big.ts': 'x'.repeat(2 ** 21 + 1) }, { 'big.ts': whole })).toMatchObject({ unread: 1 });
});
