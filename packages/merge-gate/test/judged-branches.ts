/** Tables of branches and of what the gate says to each of them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PlantedBranches, type PlantedFiles } from './planted-branches.ts';

/** Title, files of the branch, what stops, what is told. */
export type Row = readonly [string, PlantedFiles, readonly string[], readonly string[]];

/** One test for each row: the branch against `commands`, on `base`. */
export function judged(
  about: string,
  base: PlantedFiles,
  asked: { readonly commands: readonly string[]; readonly rows: readonly Row[] },
): void {
  describe(about, () => {
    let planted: PlantedBranches;
    beforeAll(() => {
      planted = new PlantedBranches(base, new Map(asked.rows.map(([title, files]) => [title, files])));
    });
    afterAll(() => planted.close());
    test.each(asked.rows)('%s', async (title, _files, stops, tells) => {
      expect(await planted.judge(title, ...asked.commands)).toEqual({ stops, tells });
    });
  });
}
