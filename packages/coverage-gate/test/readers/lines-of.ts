/** What a report in memory says of each file, as text one can compare: the lines that ran, and all of them. */
import { readReport } from '@gatehouse/coverage-gate';

export const read = (text: string): ReturnType<typeof readReport> =>
  readReport({ bytes: Buffer.from(text), name: 'report' });

export async function filesOf(text: string): Promise<Record<string, string>> {
  const report = await read(text);
  if (report.kind !== 'read') throw new Error(JSON.stringify(report));
  const pick = (bits: Uint32Array): number[] =>
    Array.from({ length: bits.length * 32 }, (_, n) => n).filter((n) => ((bits[n >>> 5] ?? 0) >>> (n & 31)) & 1);
  return Object.fromEntries([...report.files].map(([path, { seen, hit }]) => [path, `${pick(hit)} of ${pick(seen)}`]));
}
