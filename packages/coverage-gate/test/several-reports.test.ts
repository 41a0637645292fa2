/** One measurement of several reports: a list, a pattern, shards with commands of their own. */
import { type CoveragePolicy, commandHash, type MeasureOutcome, measureCoverage } from '@gatehouse/coverage-gate';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { POLICY } from './requests.ts';
import { type Content, ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
beforeAll(() => {
  repo = new ScratchRepo();
});
afterAll(() => repo.remove());

const SOURCES = { 'src/a.mjs': 'a\n'.repeat(9), 'lib/b.py': 'b\n'.repeat(9) };

function measure(files: Readonly<Record<string, Content>>, policy: Partial<CoveragePolicy>): Promise<MeasureOutcome> {
  const commit = repo.commit(files);
  const asked = { ...POLICY, timeoutMs: 30_000, graceMs: 200, ...policy };
  return measureCoverage({ git: { gitDir: repo.gitDir }, slotDir: repo.slotDir, commit, policy: asked });
}

/** Writes an LCOV report of one file; `lines` as `1,1 2,0`. */
const write = (report: string, file: string, lines: string): string => {
  const records = lines.split(' ').map((line) => `DA:${line}\\n`);
  return `mkdir -p "$(dirname ${report})" && printf 'SF:${file}\\n${records.join('')}end_of_record\\n' > ${report}`;
};

test('shards that a pattern fits are a union, in every format, and files of the commit are none of them', async () => {
  const committed =
    '<coverage line-rate="1"><class filename="src/a.mjs"><line number="9" hits="1"/></class></coverage>';
  const xml = committed.replace('number="9"', 'number="2"');
  const outcome = await measure(
    { ...SOURCES, 'out/old.info': committed, 'node_modules/x/out/c.info': 'SF:src/a.mjs\nDA:8,1\nend_of_record\n' },
    {
      command: `${write('out/1/a.info', 'src/a.mjs', '1,1 2,0')} && ${write('out/b.info', 'lib/b.py', '1,0')} && printf '${xml}' > out/c.info`,
      report: '**/out/**/*.info',
    },
  );
  expect(outcome).toMatchObject({
    kind: 'measured',
    measured: { covered: 2, total: 3, files: { 'src/a.mjs': [2, 2], 'lib/b.py': [0, 1] } },
    evidence: {
      reportPath: 'out/1/a.info, out/b.info, out/c.info',
      diagnostics: expect.arrayContaining(['out/c.info: cobertura, 1 of 1 lines in 1 files']),
    },
  });
  expect(outcome.kind === 'measured' && outcome.evidence.runs).toHaveLength(1);
});

test('parts run one after the other in checkouts of their own, each after the setup, and are united', async () => {
  const outcome = await measure(SOURCES, {
    setup: 'test ! -e made && touch made',
    label: 'unit',
    command: write('unit.info', 'src/a.mjs', '1,1 2,0'),
    report: 'unit.info',
    parts: [
      { label: 'end to end', command: `test -e made && ${write('e.info', 'src/a.mjs', '2,3 4,0')}`, report: 'e.info' },
    ],
  });
  expect(outcome).toMatchObject({ kind: 'measured', measured: { covered: 2, total: 3 } });
  expect(outcome.kind === 'measured' && outcome.evidence.runs).toHaveLength(4);
});

test('what each label covers is known apart, and reports of one label are a union', async () => {
  const outcome = await measure(SOURCES, {
    label: 'unit',
    command: write('unit.info', 'src/a.mjs', '1,1 2,0'),
    report: 'unit.info',
    parts: [
      { label: 'api', command: write('api.info', 'src/a.mjs', '2,3 4,0'), report: 'api.info' },
      { label: 'unit', command: write('more.info', 'src/a.mjs', '2,1 5,0'), report: 'more.info' },
    ],
  });
  expect(outcome).toMatchObject({
    kind: 'measured',
    measured: {
      covered: 2,
      total: 4,
      byLabel: { unit: { covered: 2, total: 3 }, api: { covered: 1, total: 2 } },
    },
  });
  const single = await measure(SOURCES, { command: write('a.info', 'src/a.mjs', '1,1'), report: 'a.info' });
  expect(single.kind === 'measured' && 'byLabel' in single.measured).toBe(false);
});

test.each<[string, Partial<CoveragePolicy>, string, RegExp]>([
  [
    'a pattern that fits nothing',
    { command: write('a.info', 'src/a.mjs', '1,1'), report: 'out/*.info' },
    'report-missing',
    /no file like out\/\*\.info/,
  ],
  [
    'one of a list that is missing',
    { command: write('a.info', 'src/a.mjs', '1,1'), report: ['a.info', 'b.info'] },
    'report-missing',
    /wrote no b\.info/,
  ],
  [
    'a shard that measures nothing of the commit',
    {
      command: `${write('a.info', 'src/a.mjs', '1,1')} && ${write('b.info', 'elsewhere.mjs', '1,1')}`,
      report: '*.info',
    },
    'nothing-measured',
    /b\.info/,
  ],
  [
    'a part that fails',
    {
      command: write('a.info', 'src/a.mjs', '1,1'),
      report: 'a.info',
      parts: [{ label: 'slow', command: 'exit 3', report: 'b.info' }],
    },
    'command-failed',
    /^slow: .*exited 3/,
  ],
])('%s makes the whole unknown', async (_, policy, why, reason) => {
  expect(await measure(SOURCES, policy)).toMatchObject({ kind: 'unknown', why, reason: expect.stringMatching(reason) });
});

test('a pattern leads through no link', async () => {
  const outcome = await measure({ ...SOURCES, out: { link: '/tmp' } }, { command: 'true', report: 'out/*.info' });
  expect(outcome).toMatchObject({ kind: 'unknown', why: 'report-missing' });
});

test('a report of totals makes the whole one of totals', async () => {
  const summary = '{"total":{"lines":{"total":4,"covered":1}},"src/a.mjs":{"lines":{"total":4,"covered":1}}}';
  const outcome = await measure(SOURCES, {
    command: `printf '${summary}' > a.json && ${write('a.info', 'src/a.mjs', '1,1 2,1 3,0')}`,
    report: ['a.json', 'a.info'],
  });
  expect(outcome).toMatchObject({ kind: 'measured', measured: { covered: 2, total: 4, totalsOnly: true } });
});

test('the hash of a command knows its parts', () => {
  const one = { command: 'a', report: 'r' };
  const part = { label: 'x', command: 'b', report: 's' };
  expect(commandHash({ ...one, parts: [] })).toBe(commandHash(one));
  expect(commandHash({ ...one, parts: [part] })).not.toBe(commandHash(one));
  expect(commandHash({ ...one, parts: [{ ...part, label: 'renamed' }] })).toBe(commandHash({ ...one, parts: [part] }));
});
