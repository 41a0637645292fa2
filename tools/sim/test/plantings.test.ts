import { expect, test } from '@jest/globals';

/** One way to break what is built; each script demands that something notices. */
interface Fault {
  readonly name: string;
}
type Tools = { BUGS: Fault[]; BREAKAGES: Fault[]; misfits: (fault: Fault) => string[] };

const tool = async (name: string): Promise<Partial<Tools>> =>
  (await import(new URL(`../../${name}`, import.meta.url).href)) as Partial<Tools>;
const { BUGS = [] } = await tool('bugs.mjs');
const { BREAKAGES = [] } = await tool('breakages.mjs');
const { misfits = () => ['no check of a fault'] } = await tool('planting.mjs');

// The scripts take many minutes, so they run rarely; what they plant must not rot meanwhile.
test.each([...BUGS, ...BREAKAGES])('what breaks "$name" still fits what is built', (fault) => {
  expect(misfits(fault)).toEqual([]);
});
