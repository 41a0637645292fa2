/**
 * Whatever becomes of a pull request or of its repository at a double of a forge, row by row of the table in docs/operations.md:
 * what Gatehouse makes of it, and what people are told. A part of the table is played everywhere, another one at each forge, and all
 * of it with GATEHOUSE_REQUIRE_TOOLS=1.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FATE_ROWS } from './fates/rows.ts';
import { type FateScene, openFateScene } from './fates/scene.ts';
import type { ForgeName } from './lives/forge-side.ts';
import { isWhole } from './tool-tests.ts';

const OPERATIONS = new URL('../../../docs/operations.md', import.meta.url);

const EXTENT = isWhole ? 'all rows' : 'a third of the rows; GATEHOUSE_REQUIRE_TOOLS=1 plays all';

export function fatesOfPullRequests(name: ForgeName): void {
  const due = FATE_ROWS.filter((_, at) => isWhole || at % 3 === (name === 'gitea' ? 0 : 1));
  describe(`a pull request at ${name} (${EXTENT})`, () => {
    let scene: FateScene;
    beforeAll(async () => {
      scene = await openFateScene(name);
    });
    afterAll(() => scene?.close());

    for (const row of due) test(`${row.name}`, () => row.play(scene).finally(() => scene.life.goOnAll()));

    test('the table in docs/operations.md has the rows that are played, and no other one', () => {
      const [, table = ''] = readFileSync(OPERATIONS, 'utf8').split('| while it is tested |');
      const [rows = ''] = table.split('\n\n');
      const names = rows
        .split('\n')
        .slice(2)
        .map((line) => line.split('|')[1]?.trim());
      expect(names).toEqual(FATE_ROWS.map((row) => row.name));
      expect(scene.life.side.violations()).toEqual([]);
    });
  });
}
