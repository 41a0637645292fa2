/** Shares as integers in parts per million: read from configuration, printed for people, never rounded up. */

export type ParsedPercent =
  | {
      readonly kind: 'parsed';
      /** Parts per million. */
      readonly ppm: number;
    }
  | {
      readonly kind: 'invalid';
      /** What about the text is no share. */
      readonly reason: string;
    };

export const MILLION = 1_000_000;

/** `80`, `'79.95'` or `0.1` per cent as parts per million. At most four fraction digits and at most 100, or it is invalid. */
export function percentToPpm(percent: unknown): ParsedPercent {
  if (typeof percent !== 'string' && typeof percent !== 'number') return invalid('a percentage is a number or a text');
  const found = /^(\d{1,3})(?:\.(\d{1,4}))?$/.exec(String(percent));
  if (found === null) return invalid('a percentage has up to three digits, then up to four behind a point');
  const ppm = Number(found[1]) * 10_000 + Number((found[2] ?? '').padEnd(4, '0'));
  return ppm <= MILLION ? { kind: 'parsed', ppm } : invalid('a percentage is at most 100');
}

const invalid = (reason: string): ParsedPercent => ({ kind: 'invalid', reason });

/** `covered` of `total` in parts per million, rounded down: a million only when every line is covered. 0 of 0 is 0. */
export function ppmOf({ covered, total }: { readonly covered: number; readonly total: number }): number {
  return total === 0 ? 0 : Number((BigInt(covered) * BigInt(MILLION)) / BigInt(total));
}

/** `78.24 % (391/500)`, rounded down to two digits. */
export function formatShare(counts: { readonly covered: number; readonly total: number }): string {
  return counts.total === 0 ? 'n/a (0/0)' : `${formatPpm(ppmOf(counts))} (${counts.covered}/${counts.total})`;
}

/** `78.24 %`, rounded down to two digits. */
export function formatPpm(ppm: number): string {
  const hundredths = Math.floor(ppm / 100);
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')} %`;
}
