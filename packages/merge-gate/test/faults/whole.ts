/**
 * How much of a long table is run. `npm test` meets each row and each column with every tenth cell; where CI demands every tool
 * (`GATEHOUSE_REQUIRE_TOOLS=1`) all cells are run.
 */
import { test } from '@jest/globals';

export const isWhole = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';

/** A test that is dear, or a visible skip. */
export const testWhole: (title: string, body: () => Promise<void>) => void = isWhole
  ? test
  : (title, body) => test.skip(`${title} [skipped: GATEHOUSE_REQUIRE_TOOLS=1 runs it]`, body);

/** Whether this cell is run. */
export const isDue = (row: number, column = 0): boolean => isWhole || (row + column) % 10 === 0;

/** Said in a title, so that nobody takes a part for the whole. */
export const EXTENT = isWhole ? 'all of it' : 'a tenth of it; GATEHOUSE_REQUIRE_TOOLS=1 runs all';
