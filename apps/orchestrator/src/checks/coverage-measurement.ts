/** The coverage measurement of a tested commit, kept between its check and the ratchet after landing. */
import type { Measured } from '@gatehouse/coverage-gate';
import { z } from 'zod';
import { parseJson } from '../platform/json.ts';

const sha = z.string().regex(/^[0-9a-f]{40,64}$/);
const count = z.number().int().min(0);
const measurement = z.object({
  commit: sha,
  tree: sha,
  commandHash: z.string().min(1),
  measured: z.object({
    metric: z.literal('lines'),
    format: z.string(),
    covered: count,
    total: count,
    files: z.record(z.string(), z.tuple([count, count])),
    reportSha256: z.string(),
  }),
});

export interface Measurement {
  readonly commit: string;
  readonly tree: string;
  readonly commandHash: string;
  readonly measured: Measured;
}

/** Counts only: line sets matter while a patch is judged, not for a baseline. */
export const serializeMeasurement = ({ measured, ...rest }: Measurement): string => {
  const { metric, format, covered, total, files, reportSha256 } = measured;
  return JSON.stringify({ ...rest, measured: { metric, format, covered, total, files, reportSha256 } });
};

/** Null when the text is not a measurement. Expects text whose digest was compared already. */
export function parseMeasurement(text: string): Measurement | null {
  const answer = measurement.safeParse(parseJson(text));
  return answer.success ? (answer.data as Measurement) : null;
}
