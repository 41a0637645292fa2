/** Coverage measurements that outlive their check: for the ratchet after landing, and from a test run for the check. */
import type { LineSet, Measured, MeasuredOutcome } from '@gatehouse/coverage-gate';
import { z } from 'zod';
import { parseJson } from '../platform/json.ts';

const sha = z.string().regex(/^[0-9a-f]{40,64}$/);
const count = z.number().int().min(0);
const counted = z.object({
  metric: z.literal('lines'),
  format: z.string(),
  covered: count,
  total: count,
  files: z.record(z.string(), z.tuple([count, count])),
  flapping: z.record(z.string(), z.array(count)).optional(),
  reportSha256: z.string(),
});
const measurement = z.object({ commit: sha, tree: sha, commandHash: z.string().min(1), measured: counted });
/** Per file its path and its bitsets as base64. */
const testRun = z.object({
  commandHash: z.string().min(1),
  measured: counted,
  lines: z.array(z.tuple([z.string(), z.base64(), z.base64()])),
  evidence: z.looseObject({ commit: sha, tree: z.string(), runs: z.array(z.unknown()) }),
});

export interface Measurement {
  readonly commit: string;
  readonly tree: string;
  readonly commandHash: string;
  readonly measured: Measured;
}

/** Counts only: line sets matter while a patch is judged, not for a baseline. */
export const serializeMeasurement = ({ measured, ...rest }: Measurement): string => {
  return JSON.stringify({ ...rest, measured: countsOf(measured) });
};

function countsOf({ metric, format, covered, total, files, reportSha256, flapping }: Measured): Measured {
  const known = flapping === undefined ? {} : { flapping };
  return { metric, format, covered, total, files, reportSha256, ...known };
}

/** With its lines, so that a patch can be judged by it; `commandHash` names the coverage command it stands in for. */
export function serializeTestRun({ measured, evidence }: MeasuredOutcome, commandHash: string): string {
  const lines = [...(measured.lines ?? [])].map(([path, { seen, hit }]) => [path, base64(seen), base64(hit)]);
  return JSON.stringify({ commandHash, measured: countsOf(measured), lines, evidence });
}

/** Null when the text is no measurement, or one of another command. Expects text whose digest was compared already. */
export function parseTestRun(text: string, commandHash: string): MeasuredOutcome | null {
  const answer = testRun.safeParse(parseJson(text));
  if (!answer.success || answer.data.commandHash !== commandHash) return null;
  const { measured, lines, evidence } = answer.data;
  const sets = lines.map(([path, seen, hit]): [string, LineSet] => [path, { seen: words(seen), hit: words(hit) }]);
  return { kind: 'measured', measured: { ...measured, lines: new Map(sets) }, evidence } as unknown as MeasuredOutcome;
}

const base64 = (bits: Uint32Array): string =>
  Buffer.from(bits.buffer, bits.byteOffset, bits.byteLength).toString('base64');

function words(text: string): Uint32Array {
  const bytes = Buffer.from(text, 'base64');
  const bits = new Uint32Array(Math.ceil(bytes.length / 4));
  new Uint8Array(bits.buffer).set(bytes);
  return bits;
}

/** Null when the text is not a measurement. Expects text whose digest was compared already. */
export function parseMeasurement(text: string): Measurement | null {
  const answer = measurement.safeParse(parseJson(text));
  return answer.success ? (answer.data as Measurement) : null;
}
