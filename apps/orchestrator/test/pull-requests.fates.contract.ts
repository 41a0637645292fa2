/**
 * Whatever becomes of a pull request or of its repository at a double of a forge, row by row of the table in docs/operations.md:
 * what Gatehouse makes of it, and what people are told.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FATE_ROWS } from './fates/rows.ts';
import { type FateScene, openFateScene } from './fates/scene.ts';
import type { ForgeName } from './lives/forge-side.ts';

const OPERATIONS = new URL('../../../docs/operations.md', import.meta.url);

export function fatesOfPullRequests(name: ForgeName): void {
  describe(`a pull request at ${name}`, () => {
    let scene: FateScene;
    beforeAll(async () => {
      scene = await openFateScene(name);
    });
    afterAll(() => scene?.close());

    for (const row of FATE_ROWS) test(`${row.name}`, () => row.play(scene).finally(() => scene.life.goOnAll()));

    test('every row of the table in docs/operations.md was played, and the table has every row', () => {
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
