/** Words that people read on the board, in a shell and at a start: they say no more than is so. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { writeJunit } from '../src/cli/formats/junit.ts';
import { writeMarkdown } from '../src/cli/formats/markdown.ts';
import type { CheckedView, Writer } from '../src/cli/formats/report.ts';
import { writeText } from '../src/cli/formats/text.ts';
import { eventWords } from '../src/http/dashboard/event-words.ts';
import { segmentWords, waysOf } from '../src/http/dashboard/way.ts';
import { loadTokens } from '../src/http/tokens.ts';
import { verdictWord } from '../src/platform/verdict-word.ts';
import type { GateRun, Task } from '../src/store/port/index.ts';
import { scratchFolder } from './scratch-forge.ts';

type Report = Parameters<Writer>[0];
const gateRun = (more: Partial<GateRun>): GateRun =>
  ({ status: 'pass', reason: 'fine', warnings: [], headSha: 'head', ...more }) as GateRun;
const RUNS: readonly (readonly [Partial<GateRun>, word: string, segment: string])[] = [
  [{}, 'pass', 'coverage passed'],
  [{ status: 'skip', reason: 'no coverage command' }, 'skip', 'coverage skipped'],
  [{ warnings: ['coverage_unknown:timeout'] }, 'unknown', 'coverage not known'],
  [{ status: 'skip', reason: 'overridden by mia: read' }, 'overridden', 'coverage overridden by mia'],
];

test.each(RUNS)('%p is called what it is, before and after the landing', (more, word, segment) => {
  const run = gateRun(more);
  expect(verdictWord(run)).toBe(word);
  for (const landed of [false, true]) {
    const task = { status: 'active', headSha: 'head', state: { step: 'land', landed } } as Task;
    const checkOfGate = (gate: string) => (gate === 'coverage' ? 'check_coverage_gate' : 'check_security_gate');
    const ways = waysOf(task, { runs: new Map([['check_coverage_gate', run]]), isRunning: false, checkOfGate });
    expect(ways.map(segmentWords)).toContain(segment);
  }
});

test('what a gate could not measure is passed in no format, and what was not asked is said', () => {
  const commit = { name: 'main', sha: 'a'.repeat(40) };
  const view = {
    check: 'check_coverage_gate',
    status: 'pass',
    reason: 'coverage is unknown (timeout): it took too long',
    findings: [],
    warnings: ['coverage_unknown:timeout'],
    duration_ms: 1,
    base_sha: commit.sha,
    head_sha: commit.sha,
  } as unknown as CheckedView;
  const report = {
    gate: 'all',
    status: 'pass',
    checks: [view],
    not_asked: ['check_image_freshness'],
    subject: { base: commit, branch: commit },
  } as unknown as Report;
  expect(writeText(report)).toMatch(/^UNKNOWN check_coverage_gate: coverage is unknown/);
  expect(writeMarkdown(report)).toContain('⚠️ `check_coverage_gate` **unknown**');
  expect(writeText(report)).toMatch(/\n- +check_image_freshness: not asked$/);
  expect(writeMarkdown(report)).toContain('\n- `check_image_freshness`: not asked\n');
  expect(writeJunit(report)).toMatch(/skipped="1"[\s\S]*<skipped message="coverage is unknown/);
});

test.each([
  [{ paused: true, pausedReason: 'it is another one' }, 'paused (it is another one), by ops'],
  [{ paused: false, pausedReason: null }, 'resumed, by ops'],
  [{ frozenReason: null }, 'thawed, by ops'],
  [{ frozenReason: 'main lacks it' }, 'frozen (main lacks it), by ops'],
  [{ mainSha: 'x', url: 'y' }, 'what main holds changed, address changed, by ops'],
])('a repository changed by %p is told in words', (body, words) => {
  expect(eventWords({ kind: 'repo-changed', body, actor: 'ops' }, (step) => step).text).toBe(words);
});

describe('a file of tokens', () => {
  const load = (line: string, dataDir = '/nowhere') => {
    const file = join(scratchFolder(), 'tokens');
    writeFileSync(file, `${line}\n`);
    return loadTokens({ server: { apiToken: '', apiTokensFile: file }, storage: { dataDir } });
  };
  const sha256 = createHash('sha256').update('a token').digest('hex');

  test('a whole line is read', async () => {
    expect(await load(`ops admin ${sha256}`)).toMatchObject({
      kind: 'tokens',
      rows: [{ name: 'ops', scope: 'admin' }],
    });
  });

  test('the token that the service made before is void, and that is told', async () => {
    const dataDir = scratchFolder();
    expect(await load(`ops admin ${sha256}`, dataDir)).toMatchObject({ voided: null });
    writeFileSync(join(dataDir, 'api-token'), 'made-at-the-first-start\n');
    expect(await load(`ops admin ${sha256}`, dataDir)).toMatchObject({ voided: join(dataDir, 'api-token') });
    writeFileSync(join(dataDir, 'api-token'), 'a token\n');
    expect(await load(`ops admin ${sha256}`, dataDir)).toMatchObject({ voided: null });
  });

  test.each([
    [`ops ${sha256}`, /expected `name scope sha256`.*sha256sum/],
    [`ops root ${sha256}`, /"root" is no scope: read, operate, admin/],
    ['ops admin a-token-in-plain-words', /sha256sum.*no sha256, which is 64 digits/],
  ])('%p is refused for what is wrong with it, and how it is made', async (line, problem) => {
    expect(await load(line)).toMatchObject({ kind: 'invalid', problem: expect.stringMatching(problem) });
  });
});
