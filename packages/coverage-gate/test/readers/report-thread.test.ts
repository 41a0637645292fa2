/** A long JSON report is read off the event loop, and means the same there. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureCoverage } from '@gatehouse/coverage-gate';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openReport, type ReportSource } from '../../src/adapters/report-source.ts';
import { IN_PLACE_BYTES } from '../../src/adapters/report-thread.ts';
import { readSource, readSourceAside } from '../../src/read-report.ts';
import { POLICY } from '../requests.ts';
import { ScratchRepo } from '../scratch-repo.ts';

const root = mkdtempSync(join(tmpdir(), 'report-thread-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Longer than what is read in place; the odd lines ran. */
function coveragePy(files: number): string {
  const lines = Array.from({ length: 2000 }, (_, at) => at + 1);
  const odd = lines.filter((line) => line % 2 === 1).join(', ');
  const even = lines.filter((line) => line % 2 === 0).join(', ');
  const file = (at: number): string => `"src/é_${at}.py": {"executed_lines": [${odd}], "missing_lines": [${even}]}`;
  return `\uFEFF {"meta": {}, "files": {${Array.from({ length: files }, (_, at) => file(at)).join(', ')}}}`;
}

const summary = `{"total": {"lines": {"total": 1, "covered": 1}}, ${Array.from(
  { length: 8000 },
  (_, at) =>
    `"/w/src/${'a_rather_long_name_of_a_file'.repeat(4)}_${at}.js": {"lines": {"total": ${at + 1}, "covered": ${at}}}`,
).join(', ')}}`;

async function source(name: string, text: string): Promise<ReportSource> {
  const path = join(root, name);
  writeFileSync(path, text);
  const opened = await openReport(path);
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  return opened.source;
}

/** How many threads are started meanwhile. */
async function beside<T>(work: Promise<T>): Promise<{ answer: T; threads: number }> {
  let threads = 0;
  const count = (): void => {
    threads += 1;
  };
  subscribe('worker_threads', count);
  const answer = await work;
  unsubscribe('worker_threads', count);
  return { answer, threads };
}

/** How often bytes are asked for before the event loop turns again, at most. */
async function mostInOneTurn(
  report: ReportSource,
  read: (report: ReportSource) => Promise<{ readonly kind: string }>,
): Promise<number> {
  let [most, now, isOver] = [0, 0, false];
  const turn = (): void => {
    now = 0;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const readNow = (into: Buffer, at: number): number => {
    now += 1;
    most = Math.max(most, now);
    return report.readNow(into, at);
  };
  expect(await read({ ...report, readNow })).toMatchObject({ kind: 'read', covered: 1_000_000 });
  isOver = true;
  return most;
}

describe('a JSON report that is longer than a mebibyte', () => {
  test.each([
    ['coverage.py', coveragePy(150)],
    ['json-summary', summary],
    ['broken', coveragePy(150).slice(0, -40)],
    ['broken in the middle', coveragePy(150).replace('"src/é_100.py":', '"src/é_100.py"')],
  ])('says the same as in place: %s', async (name, text) => {
    expect(Buffer.byteLength(text)).toBeGreaterThan(IN_PLACE_BYTES);
    const aside = await beside(source(name, text).then((report) => readSourceAside(report, { gitHash: 'sha1' })));
    const inPlace = await readSource(await source(name, text), { gitHash: 'sha1' });
    expect(aside.threads).toBe(1);
    expect(aside.answer).toEqual(inPlace);
  });

  test('does not hold the event loop, which in place it does', async () => {
    const text = coveragePy(1000);
    expect(await mostInOneTurn(await source('py', text), (report) => readSource(report, {}))).toBeGreaterThan(9);
    expect(await mostInOneTurn(await source('py', text), (report) => readSourceAside(report, {}))).toBe(0);
  });

  test('has a deadline', async () => {
    const read = await readSourceAside(await source('py', coveragePy(150)), { limits: { timeoutMs: 0 } });
    expect(read).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining('longer') });
  });

  test('is read so by the gate', async () => {
    const repo = new ScratchRepo();
    try {
      const commit = repo.commit({ 'src/a.py': 'x = 1\n'.repeat(2000), 'report.json': coveragePy(150) });
      const command = "sed 's/é_7[.]/a./' report.json > coverage.json";
      const policy = { ...POLICY, command, report: 'coverage.json', maxUnplacedPpm: 1_000_000 };
      const git = { gitDir: repo.gitDir };
      const { answer, threads } = await beside(measureCoverage({ git, slotDir: repo.slotDir, commit, policy }));
      expect(answer).toMatchObject({ kind: 'measured', measured: { files: { 'src/a.py': [1000, 2000] } } });
      expect(threads).toBe(1);
    } finally {
      repo.remove();
    }
  });
});

test('a short report, and one of another format, costs no thread', async () => {
  const short = await beside(readSourceAside(await source('short', coveragePy(1)), {}));
  const line = 'SF:a\nDA:1,1\nend_of_record\n';
  const lcov = await beside(readSourceAside(await source('lcov', line.repeat(2 * (IN_PLACE_BYTES / line.length))), {}));
  expect([short.answer, lcov.answer]).toMatchObject([{ covered: 1000 }, { covered: 1 }]);
  expect(short.threads + lcov.threads).toBe(0);
});
