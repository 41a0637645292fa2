/** docs/security.md says what a hostile test can do at each isolation; here one tries all of it, and the words are compared. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DEEDS, type Deeds, hostileRun, type Scene } from './hostile-test.ts';
import { isWhole } from './tool-tests.ts';

const NOBODY = 60_777;
const COLUMNS: readonly (Scene & { readonly title: string })[] = [
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
const titles = rows.find(([first]) => first === 'a hostile test can') ?? [];

/** What the document says of a column, by deed. */
const column = (title: string): readonly (string | undefined)[] =>
  DEEDS.map((deed) => rows.find(([first]) => first === deed)?.[titles.indexOf(title)]);

const said = (deeds: Deeds): readonly string[] =>
  deeds.kind === 'refused'
    ? DEEDS.map(() => 'refused at start')
    : DEEDS.map((deed) => (deeds.outcomes[deed] === 'open' ? 'yes' : 'no'));

test('the document has a row for each deed and a column for each service', () => {
  expect(titles.slice(1)).toEqual(COLUMNS.map(({ title }) => title));
  for (const { title } of COLUMNS)
    expect(column(title)).toEqual(DEEDS.map(() => expect.stringMatching(/^(?:yes|no|refused at start)$/)));
});

const opens =
  spawnSync('bwrap', ['--dev-bind', '/', '/', '--unshare-pid', 'true'], { uid: process.geteuid?.() ?? 0 }).status === 0;
const able = ({ mode, uid }: Scene): boolean =>
  (mode !== 'bwrap' || opens) && (process.geteuid?.() === 0 || uid === null);
const isDear = ({ mode, uid }: Scene): boolean =>
  !(mode === 'bwrap' && uid === null) && !(mode === 'uid' && uid === NOBODY);

describe('what a hostile test can do', () => {
  for (const scene of COLUMNS) {
    const { title } = scene;
    const why = able(scene)
      ? isDear(scene) && !isWhole
        ? 'GATEHOUSE_REQUIRE_TOOLS=1 runs it'
        : null
      : 'this machine or this user cannot';
    const declare: typeof test = why === null ? test : (test.skip as typeof test);
    declare(`under ${title} is what the document says${why === null ? '' : ` [skipped: ${why}]`}`, async () => {
      expect(said(await hostileRun(scene))).toEqual(column(title));
    });
  }
});
