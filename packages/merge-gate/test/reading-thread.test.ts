import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { IN_PLACE_LIMIT, readInThread, readRunAside } from '../src/adapters/reading-thread.ts';
import { readRun } from '../src/read-run.ts';

const RED = 'not ok 1 - bad\nAssertionError: expected 1 to equal 2\n1..1\n';
const LARGE = `${'some words of a test\n'.repeat(IN_PLACE_LIMIT / 20)}${RED}`;

let slotDir: string;
beforeAll(() => {
  slotDir = mkdtempSync(join(tmpdir(), 'reading-'));
});
afterAll(() => rmSync(slotDir, { recursive: true }));

const report = (path: string) => ({ format: 'junit', path }) as const;

test('a thread reads what the caller would have read', async () => {
  const job = { output: LARGE, slotDir, report: null };
  expect(await readRunAside(job)).toEqual(await readRun(job));
  expect(await readRunAside(job)).toMatchObject({
    tests: { kind: 'counted', failed: ['bad'] },
    details: [{ name: 'bad', detail: expect.stringContaining('expected 1 to equal 2') }],
  });
});

test('a large report is read in a thread, a small one in place, and both are counted', async () => {
  const cases = (many: number): string => `<testsuite>${'<testcase name="a"/>'.repeat(many)}</testsuite>`;
  writeFileSync(join(slotDir, 'small.xml'), cases(2));
  writeFileSync(join(slotDir, 'large.xml'), cases(20_000));
  expect(await readRun({ output: '', slotDir, report: report('large.xml') }, IN_PLACE_LIMIT)).toBeNull();
  expect(await readRun({ output: '', slotDir, report: report('small.xml') }, IN_PLACE_LIMIT)).not.toBeNull();
  for (const [path, total] of [
    ['small.xml', 2],
    ['large.xml', 20_000],
  ] as const)
    expect(await readRunAside({ output: '', slotDir, report: report(path) })).toMatchObject({
      tests: { kind: 'counted', total },
    });
});

test('a path into the slot is told as relative, so that every slot names a test alike', async () => {
  const output = `not ok 1 - ${slotDir}/a.test.js fails\n1..1\n`;
  expect(await readRunAside({ output, slotDir, report: null })).toMatchObject({
    tests: { failed: ['a.test.js fails'] },
  });
  writeFileSync(
    join(slotDir, 'path.xml'),
    `<testsuite><testcase name="${slotDir}/b.js"><failure/></testcase></testsuite>`,
  );
  expect(await readRunAside({ output: '', slotDir, report: report('path.xml') })).toMatchObject({
    tests: { failed: ['b.js'] },
  });
});

test('while a thread reads, the event loop goes on', async () => {
  let turns = 0;
  const ticking = setInterval(() => {
    turns += 1;
  }, 1);
  await readInThread({ output: RED.repeat(100_000), slotDir, report: null });
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(0);
});

test('a thread that overruns its deadline leaves the count unknown, with the reason', async () => {
  expect(await readInThread({ output: RED, slotDir, report: null }, 0)).toEqual({
    tests: {
      kind: 'unknown',
      reason: 'what the command printed could not be read: it took longer than 0 ms',
      failed: [],
    },
    details: [],
  });
  expect(await readInThread({ output: '', slotDir, report: report('small.xml') }, 0)).toMatchObject({
    tests: { kind: 'unreported' },
  });
});

test('a thread that dies leaves the count unknown, with the reason', async () => {
  const reading = await readInThread({ output: '', slotDir: null as unknown as string, report: report('small.xml') });
  expect(reading.tests).toMatchObject({ kind: 'unreported', reason: expect.stringContaining('the reader died') });
});
