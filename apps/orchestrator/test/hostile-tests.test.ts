/** docs/security.md says what a hostile test or agent can do at each isolation; here each tries all of it, and the words are compared. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DEEDS, type Deeds, hostileRun, type Scene } from './hostile-test.ts';
import { isWhole } from './tool-tests.ts';

const NOBODY = 60_777;
const COLUMNS: readonly (Omit<Scene, 'who'> & { readonly title: string })[] = [
  { title: '`none`, root', mode: 'none', uid: null },
  { title: '`none`, another user', mode: 'none', uid: NOBODY },
  { title: '`uid`, root', mode: 'uid', uid: null },
  { title: '`uid`, another user', mode: 'uid', uid: NOBODY },
  { title: '`bwrap`, root', mode: 'bwrap', uid: null },
  { title: '`bwrap`, another user', mode: 'bwrap', uid: NOBODY },
];

const document = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8');
const rows = document
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const titles = rows.find(([first]) => first === 'a hostile test or agent can') ?? [];

/** What the document says of a column, by deed. */
const columnOf = (title: string): readonly (string | undefined)[] =>
  DEEDS.map((deed) => rows.find(([first]) => first === deed)?.[titles.indexOf(title)]);

const said = (deeds: Deeds): readonly string[] =>
  deeds.kind === 'refused'
    ? DEEDS.map(() => 'refused at start')
    : DEEDS.map((deed) => (deeds.outcomes[deed] === 'open' ? 'yes' : 'no'));

test('the document has a row for each deed and a column for each service', () => {
  expect(titles.slice(1)).toEqual(COLUMNS.map(({ title }) => title));
  for (const { title } of COLUMNS)
    expect(columnOf(title)).toEqual(DEEDS.map(() => expect.stringMatching(/^(?:yes|no|refused at start)$/)));
});

const opens =
  spawnSync('bwrap', ['--dev-bind', '/', '/', '--unshare-pid', 'true'], { uid: process.geteuid?.() ?? 0 }).status === 0;
const able = ({ mode, uid }: Omit<Scene, 'who'>): boolean =>
  (mode !== 'bwrap' || opens) && (process.geteuid?.() === 0 || uid === null);
/** One cheap row of each: bwrap for both, and the refusal. */
const isDear = ({ who, mode, uid }: Scene): boolean =>
  !(mode === 'bwrap' && uid === null) && !(who === 'test' && mode === 'uid' && uid === NOBODY);

describe.each(['test', 'agent'] as const)('what a hostile %s can do', (who) => {
  for (const { title, ...column } of COLUMNS) {
    const scene = { who, ...column };
    const why = able(scene)
      ? isDear(scene) && !isWhole
        ? 'GATEHOUSE_REQUIRE_TOOLS=1 runs it'
        : null
      : 'this machine or this user cannot';
    const declare: typeof test = why === null ? test : (test.skip as typeof test);
    declare(`under ${title} is what the document says${why === null ? '' : ` [skipped: ${why}]`}`, async () => {
      expect(said(await hostileRun(scene))).toEqual(columnOf(title));
    });
  }
});
