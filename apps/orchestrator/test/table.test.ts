import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { columnsOf, cut, PLAIN, type Table, tableLines } from '../src/cli/table.ts';
import { Room } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';
import { describeWith } from './tool-tests.ts';

const TASKS: Table = {
  head: ['task', 'branch', 'state', 'why'],
  rows: [
    ['t-1', 'feature/機能', { text: 'landed', tone: 'good' }, ''],
    [
      't-2',
      'feature/a-name-that-is-longer',
      { text: 'blocked', tone: 'bad' },
      'the tests are red: 3 of 412 fail\nsee the log',
    ],
  ],
};

test('in a pipe nothing is cut, wide characters take two columns, and what steers a terminal is shown', () => {
  expect(tableLines(TASKS, PLAIN).join('\n')).toMatchInlineSnapshot(`
"task  branch                         state    why
----  -----------------------------  -------  ------------------------------------------------
t-1   feature/機能                   landed
t-2   feature/a-name-that-is-longer  blocked  the tests are red: 3 of 412 fail\\u{a}see the log"
`);
});

test('on a terminal the widest column gives way, and no line wraps', () => {
  expect(tableLines(TASKS, { columns: 50, colour: false }).join('\n')).toMatchInlineSnapshot(`
"task  branch           state    why
----  ---------------  -------  ------------------
t-1   feature/機能     landed
t-2   feature/a-name…  blocked  the tests are red…"
`);
});

test('colours are around words and change no width', () => {
  const lines = tableLines(TASKS, { columns: 50, colour: true });
  expect(lines[2]).toContain('\u001b[32mlanded\u001b[39m');
  expect(lines.map(stripVTControlCharacters)).toEqual(tableLines(TASKS, { columns: 50, colour: false }));
});

test.each([
  ['abc', 3],
  ['機能', 4],
  ['e\u0301', 1],
  ['🚦', 2],
  ['ｆｕｌｌ', 8],
  ['…', 1],
])('%s takes %i columns', (text, columns) => expect(columnsOf(text)).toBe(columns));

const CELL = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constant('機能'.repeat(9)),
);

test('law: no line is wider than the terminal, whatever the cells hold', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(CELL, { minLength: 4, maxLength: 4 }), { maxLength: 5 }),
      fc.integer({ min: 20, max: 120 }),
      (rows, columns) => {
        for (const line of tableLines({ head: ['a', 'b', 'c', 'd'], rows }, { columns, colour: false }))
          expect(columnsOf(line)).toBeLessThanOrEqual(columns);
      },
    ),
  );
});

test('law: what is cut fits, and says that something is missing', () => {
  fc.assert(
    fc.property(CELL, fc.integer({ min: 1, max: 70 }), (text, columns) => {
      const kept = cut(text, columns);
      expect(columnsOf(kept)).toBeLessThanOrEqual(columns);
      if (kept !== text) expect(kept.endsWith('…')).toBe(true);
    }),
  );
});

describe('colour and width of the built command', () => {
  const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const words = ['doctor'];

  test('in a pipe there is none, unless it is asked for; the command line wins over the environment', async () => {
    const room = new Room(scratchFolder());
    const said = async (more: string[], env: Record<string, string> = {}) =>
      (await room.run([...words, ...more], { ORCH_DATA_DIR: room.temp, ...env })).out.includes('\u001b[');
    expect(await Promise.all([said([]), said([], { COLUMNS: '30' }), said([], { FORCE_COLOR: '1' })])).toEqual([
      false,
      false,
      true,
    ]);
    expect(
      await Promise.all([
        said(['--color', 'always'], { NO_COLOR: '1' }),
        said(['--color=never'], { FORCE_COLOR: '1' }),
        said(['--no-color'], { FORCE_COLOR: '1' }),
      ]),
    ).toEqual([true, false, false]);
  });

  describeWith('script')('on a terminal', () => {
    /** What a terminal of 44 columns gets. */
    const shown = (env: Record<string, string>): string => {
      const temp = scratchFolder();
      const ran = spawnSync('script', ['-qec', `"${process.execPath}" "${MAIN}" doctor`, '/dev/null'], {
        env: {
          PATH: process.env['PATH'] ?? '',
          TERM: 'xterm-256color',
          COLUMNS: '44',
          ORCH_DATA_DIR: temp,
          HOME: temp,
          ...env,
        },
        encoding: 'utf8',
      });
      return ran.stdout;
    };

    test('the table fits and is coloured; NO_COLOR and a dumb terminal are obeyed', () => {
      const lines = shown({}).split(/\r?\n/);
      expect(lines.filter((line) => columnsOf(stripVTControlCharacters(line)) > 44)).toEqual([]);
      expect(lines.join('')).toMatch(/…/);
      expect(lines.join('')).toContain('\u001b[32mok');
      for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) expect(shown(env)).not.toContain('\u001b[3');
    });
  });
});
