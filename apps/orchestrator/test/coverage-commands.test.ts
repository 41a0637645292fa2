/** `gatehouse coverage diff | annotate | calibrate`: looking at reports, without a judgement of a branch. */
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { gitIn } from './ci-clones.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';

let folder = '';
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const lcov = (file: string, lines: string): string =>
  `SF:${file}\n${lines
    .split(' ')
    .map((line) => `DA:${line}\n`)
    .join('')}end_of_record\n`;

beforeAll(() => {
  folder = scratchFolder();
  const git = (...words: string[]): string =>
    gitIn(folder, '-c', 'user.name=A', '-c', 'user.email=a@b.invalid', ...words);
  git('init', '-q', '-b', 'main');
  write('a.js', 'a\nb\nc\n');
  write(
    'gatehouse.yaml',
    `version: 1\ncoverage: { command: "echo >> ${folder}/count; printf 'SF:a.js\\\\nDA:1,1\\\\nDA:2,%s\\\\nend_of_record\\\\n' $(($(wc -l < ${folder}/count) % 2)) > cov.info", report: cov.info }\n`,
  );
  git('add', 'a.js', 'gatehouse.yaml');
  git('commit', '-qm', 'one');
  git('checkout', '-qb', 'branch');
  write('a.js', 'a\nb\nc\nd\ne\nf\n');
  git('commit', '-qam', 'two');
  write('old.info', lcov('a.js', '1,1 2,1 3,0'));
  write('new.info', `${lcov('a.js', '1,1 2,0 3,0 4,1 5,0 6,0')}${lcov(join(folder, 'b.js'), '1,1')}`);
});

describe('coverage diff', () => {
  test('names the files and lines that two reports say differently', async () => {
    const said = await cli(['coverage', 'diff', 'old.info', 'new.info'], folder);
    expect(said.exit).toBe(0);
    expect(said.out).toContain('66.66 % (2/3) -> 42.85 % (3/7)');
    expect(said.out).toMatch(/a\.js +2\/3 +2\/6 +2 +4 +5-6/);
    const { out } = await cli(['coverage', 'diff', 'old.info', 'old.info'], folder);
    expect(out).toContain('no line differs');
  });

  test('is one object for a tool', async () => {
    const said = await cli(['coverage', 'diff', 'old.info', 'new.info', '--json'], folder);
    expect(onlyJson(said)).toMatchObject({
      before: { covered: 2, total: 3 },
      after: { covered: 3, total: 7 },
      totals_only: false,
      files: [
        { path: join(folder, 'b.js'), before: null },
        { path: 'a.js', lost: [{ start: 2, end: 2 }] },
      ],
    });
  });

  test('a report that is not there is our failure, and an address a wrong word', async () => {
    expect(await cli(['coverage', 'diff', 'old.info', 'nothing.info'], folder)).toMatchObject({ exit: 3 });
    expect(await cli(['coverage', 'diff', 'https://x.example/a', 'b'], folder)).toMatchObject({ exit: 2 });
  });
});

describe('coverage annotate', () => {
  test('names the new lines without a test, in the formats of the gates', async () => {
    const said = await cli(['coverage', 'annotate', 'new.info', '--format', 'github'], folder);
    expect(said.exit).toBe(0);
    expect(said.out).toContain('::warning file=a.js,line=5,title=coverage/patch::Lines 5 to 6 are not covered.');
    expect(said.out).toContain('33.33 % (1/3) of the new lines are covered');
    const sarif = await cli(['coverage', 'annotate', 'new.info', '--format', 'sarif'], folder);
    expect(onlyJson(sarif)).toMatchObject({ version: '2.1.0' });
  });

  test('of a report that is of other sources passes nothing, and says what to do', async () => {
    write('beyond.info', lcov('a.js', '1,1 2,1 9,0'));
    const beyond = await cli(['coverage', 'annotate', 'beyond.info'], folder);
    expect(beyond).toMatchObject({
      exit: 0,
      out: expect.stringMatching(
        /^SKIP .*lines of a\.js behind its end: it is of other sources; run the tests with coverage again/,
      ),
    });
    write('early.info', lcov('a.js', '1,1 2,1 3,0'));
    utimesSync(join(folder, 'early.info'), 1, 1);
    const early = await cli(['coverage', 'annotate', 'early.info'], folder);
    expect(early).toMatchObject({ exit: 0, out: expect.stringMatching(/^SKIP .*the report is older than a\.js/) });
  });

  test('of a report of totals says that it cannot know', async () => {
    write('totals.json', '{"total":{"lines":{"total":3,"covered":1}},"a.js":{"lines":{"total":3,"covered":1}}}');
    const said = await cli(['coverage', 'annotate', 'totals.json'], folder);
    expect(said).toMatchObject({ exit: 0, out: expect.stringContaining('does not say which lines ran') });
  });

  test.each([
    ['a report that is not there', ['nothing.info'], 3],
    ['a report about nothing of the commit', ['foreign.info'], 3],
    ['a branch that is not there', ['new.info', '--branch', 'nowhere'], 2],
    ['a repository elsewhere', ['new.info', '--repo', 'https://git.example/x/y'], 2],
    ['a format that is none', ['new.info', '--format', 'srif'], 2],
  ])('%s ends with its own status', async (_, words, exit) => {
    write('foreign.info', lcov('elsewhere.js', '1,1'));
    expect(await cli(['coverage', 'annotate', ...words], folder)).toMatchObject({ exit });
  });
});

describe('coverage calibrate', () => {
  test('runs the command several times and proposes twice what it flaps', async () => {
    const said = await cli(['coverage', 'calibrate', '--runs', '2', '--json'], folder);
    expect(onlyJson(said)).toEqual({
      runs: [
        { covered: 2, total: 2 },
        { covered: 1, total: 2 },
      ],
      low: { covered: 1, total: 2 },
      high: { covered: 2, total: 2 },
      amplitude_ppm: 500_000,
      epsilon_ppm: 1_000_000,
      present_epsilon_ppm: 1000,
      flapping: [{ path: 'a.js', start: 2, end: 2 }],
    });
    expect(said.exit).toBe(0);
  });

  test('proposes no tolerance that would hide every loss', async () => {
    const { out } = await cli(['coverage', 'calibrate', '--runs', '2'], folder);
    expect(out).toMatch(
      /a\.js: 2[\s\S]*no coverage\.epsilon is proposed: one of 100 .*make the tests of these lines steady/,
    );
  });

  test.each(['1', '0', '101', 'x', '-2'])('%s runs are refused', async (runs) => {
    expect(await cli(['coverage', 'calibrate', `--runs=${runs}`], folder)).toMatchObject({ exit: 2 });
  });
});
