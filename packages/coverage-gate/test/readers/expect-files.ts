/** Compares what is read of a report with what was meant by it. */
import { type ReportFormat, readReport } from '@gatehouse/coverage-gate';
import { expect } from '@jest/globals';

export type Meant = ReadonlyMap<string, { readonly seen: ReadonlySet<number>; readonly hit: ReadonlySet<number> }>;

const numbersIn = (bits: Uint32Array): number[] => {
  const found: number[] = [];
  for (const [word, value] of bits.entries())
    for (let bit = 0; value !== 0 && bit < 32; bit++) if (((value >>> bit) & 1) === 1) found.push(word * 32 + bit);
  return found;
};
const sorted = (numbers: ReadonlySet<number>): number[] => [...numbers].sort((a, b) => a - b);

/** A file without a line may be there or not. */
export async function expectFiles(text: string, format: string, meant: Meant): Promise<void> {
  const report = await readReport({ bytes: Buffer.from(text), name: 'report' }, { format: format as ReportFormat });
  if (report.kind !== 'read') throw new Error(JSON.stringify(report));
  const [read, wanted] = [
    [...report.files].map(([name, { seen, hit }]) => [name, numbersIn(seen), numbersIn(hit)] as const),
    [...meant].map(([name, { seen, hit }]) => [name, sorted(seen), sorted(hit)] as const),
  ].map((all) => Object.fromEntries(all.filter(([, seen]) => seen.length > 0).map(([name, ...sets]) => [name, sets])));
  expect(read).toEqual(wanted);
  expect(report).toMatchObject({ malformed: 0, truncated: false });
}
