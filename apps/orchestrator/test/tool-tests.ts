/** Tests that need a program of this machine, or more of it than every run should cost. */
import { spawnSync } from 'node:child_process';
import { describe, test } from '@jest/globals';

type Declare = (title: string, body: () => void) => void;
type DeclareTest = (title: string, body: Parameters<typeof test>[1]) => void;

/** CI demands every tool and plays every table in full. */
export const isWhole = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';

const skipped =
  (why: string): Declare =>
  (title, body) =>
    describe.skip(`${title} [skipped: ${why}]`, body);

/** `describe`, or a visible skip that names what is missing; failed where every tool is demanded. */
export function describeWith(tool: string): Declare {
  const found = spawnSync('/bin/sh', ['-c', 'PATH=$PATH:/usr/sbin command -v "$1"', 'sh', tool]).status === 0;
  return found || isWhole ? describe : skipped(`no ${tool} here`);
}

/** What is dear and of which another test plays a part: a visible skip that says how it is run. */
export const describeWhole: Declare = isWhole ? describe : skipped('GATEHOUSE_REQUIRE_TOOLS=1 runs it');
export const testWhole: DeclareTest = isWhole
  ? test
  : (title, body) => test.skip(`${title} [skipped: GATEHOUSE_REQUIRE_TOOLS=1 runs it]`, body);

/** As `test.each`, of a long table: `npm test` plays the first row and every so-manieth, and says so of the others. */
export const eachOfSome =
  <Row extends [string, ...unknown[]]>(rows: readonly Row[], every: number) =>
  (title: string, body: (...row: Row) => Promise<void>): void => {
    for (const [at, row] of rows.entries())
      (isWhole || at % every === 0 ? test : testWhole)(title.replace('%s', row[0]), () => body(...row));
  };
