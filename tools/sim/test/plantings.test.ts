import { expect, test } from '@jest/globals';

/** One way to break what is built; each script demands that something notices. */
interface Fault {
  readonly name: string;
}
interface Tools {
  readonly BUGS: readonly Fault[];
  readonly BREAKAGES: readonly Fault[];
  readonly misfits: (fault: Fault) => readonly string[];
}

/** What is missing there fails here: an empty list would hold nothing to anything. */
async function from<Name extends keyof Tools>(file: string, name: Name): Promise<Tools[Name]> {
  const tool = (await import(new URL(`../../${file}`, import.meta.url).href)) as Partial<Tools>;
  const found = tool[name];
  if (found === undefined || found.length === 0) throw new Error(`${file} exports no ${name}`);
  return found;
}

const bugs = await from('bugs.mjs', 'BUGS');
const breakages = await from('breakages.mjs', 'BREAKAGES');
const misfits = await from('planting.mjs', 'misfits');

// The scripts take many minutes, so they run rarely; what they plant must not rot meanwhile.
test.each([...bugs, ...breakages])('what breaks "$name" still fits what is built', (fault) => {
  expect(misfits(fault)).toEqual([]);
});
