import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

interface Mutant {
  readonly operator: string;
  readonly line: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}
interface Area {
  readonly files: readonly string[];
  readonly steps: readonly { readonly workspace: string; readonly files: readonly string[] }[];
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const tools = `${root}tools/mutants/`;
const { mutantsOf } = (await import(`${tools}operators.mjs`)) as { mutantsOf: (source: string) => Mutant[] };
const { AREAS } = (await import(`${tools}areas.mjs`)) as { AREAS: Record<string, Area> };
const { KEPT } = (await import(`${tools}kept.mjs`)) as {
  KEPT: readonly { file: string; code: string; operator: string; from: string; reason: string }[];
};

const made = new Map<string, Mutant[]>();
/** Of a file of ours; each is made once. */
function mutantsIn(file: string): Mutant[] {
  const known = made.get(file) ?? mutantsOf(readFileSync(`${root}${file}`, 'utf8'));
  made.set(file, known);
  return known;
}

const SOURCE = `import { a } from 'kind';
// a === b
type Kind = 'red' | 'green';
const SQL = \`UPDATE jobs SET state = :state WHERE id = :id AND token = :token AND done IS NULL\`;
export async function decide(n: number, kind: Kind): Promise<boolean> {
  await tell(kind);
  if (n >= 10 && kind !== 'red') return false;
  return n + 1 === 3;
}
`;

test('a mutant stands in code, is a program of its own, and is named by its place', () => {
  const mutants = mutantsOf(SOURCE);
  const words = mutants.map(({ line, operator, from, to }) => `${line} ${operator}: ${from} -> ${to}`);
  expect(words).toEqual(
    expect.arrayContaining([
      '4 SQL: and for or: AND -> OR',
      '4 SQL: equality negated: = -> <>',
      '4 SQL: null negated: IS NULL -> IS NOT NULL',
      '6 await left out: await -> ',
      '6 call left out: await tell(kind); -> ',
      '7 comparison shifted: >= -> >',
      '7 and for or: && -> ||',
      "7 kind replaced: 'red' -> 'another'",
      '7 number moved: 10 -> (10 + 1)',
      '7 boolean turned: false -> true',
      '8 sum turned: + -> -',
      '8 return without a value: n + 1 === 3 -> undefined',
    ]),
  );
  expect(mutants.map(({ line }) => line)).not.toEqual(expect.arrayContaining([1]));
  expect(mutants.every(({ line }) => line >= 4)).toBe(true);
  expect(new Set(mutants.map(({ text }) => text)).size).toBe(mutants.length);
});

test.each(Object.entries(AREAS))(
  'every file and test of the area %s is there, and there is what to plant',
  (_, area) => {
    for (const file of area.files) expect(mutantsIn(file)).not.toEqual([]);
    for (const { workspace, files } of area.steps)
      for (const name of files)
        expect([name, existsSync(`${root}${workspace}/test/${name}.test.ts`)]).toEqual([name, true]);
  },
);

test('a survivor that is kept still stands in its source, and says why it is no fault', () => {
  const files = Object.values(AREAS).flatMap((area) => area.files);
  for (const { file, code, operator, from, reason } of KEPT) {
    const path = files.find((one) => one.endsWith(file)) ?? '';
    const lines = readFileSync(`${root}${path}`, 'utf8')
      .split('\n')
      .map((line) => line.trim());
    const found = mutantsIn(path).filter(
      (one) => one.operator === operator && one.from === from && lines[one.line - 1] === code,
    );
    expect([file, code, operator, found.length > 0]).toEqual([file, code, operator, true]);
    expect(reason.length).toBeGreaterThan(20);
  }
});
