/** What a certificate may spend and what it knows beforehand. Everything here is fixed before the first run. */

export interface CertificateOptions {
  /** Highest probability of blaming an innocent branch, per verdict. Default 0.001. */
  readonly alpha?: number;
  /** Full runs in one ask, both sides together, the first one included. 3 to 100, default 10. */
  readonly fullRuns?: number;
  /**
   * Full runs over all asks that continue one certificate, at least `fullRuns`. Default 40. The boundary is planned for it: a suspect
   * with nothing contrary is convicted as soon as without it, and what comes later forgives failures of the base.
   */
  readonly horizonRuns?: number;
  /** Runs of the failing tests alone, on each side. 0 to 100, default 30. */
  readonly singleRuns?: number;
  /** Suspects judged at most; the others are named and not judged. 1 to 32, default 8. */
  readonly maxSuspects?: number;
  /** The runner can run named tests alone. Default false. */
  readonly rerunnable?: boolean;
  /** Tests remembered as flaky before this verdict: they are judged last where there are more suspects than `maxSuspects`. */
  readonly knownFlaky?: readonly string[];
  /** Full runs are judged by name even where one ask cannot convict by name. Default false. */
  readonly byName?: boolean;
  /** Decides which side goes first in each pair, so that no period of the surroundings lines up with the sides. Default 1. */
  readonly seed?: number;
}

export type ParsedOptions = { readonly [Key in keyof CertificateOptions]-?: NonNullable<CertificateOptions[Key]> };

/** Four asks of ten runs: what a task is asked when the machine fails it each time. */
const HORIZON_RUNS = 40;

/** What is no number, or lies outside, becomes the default or the nearest limit. */
export function parseOptions(options: CertificateOptions): ParsedOptions {
  const fullRuns = whole(options.fullRuns, { least: 3, most: 100, otherwise: 10 });
  const alpha = options.alpha ?? 0.001;
  return {
    alpha: alpha > 0 && alpha <= 0.5 ? alpha : 0.001,
    fullRuns,
    horizonRuns: whole(options.horizonRuns, {
      least: fullRuns,
      most: 100,
      otherwise: Math.max(fullRuns, HORIZON_RUNS),
    }),
    singleRuns: whole(options.singleRuns, { least: 0, most: 100, otherwise: 30 }),
    maxSuspects: whole(options.maxSuspects, { least: 1, most: 32, otherwise: 8 }),
    rerunnable: options.rerunnable === true,
    knownFlaky: [...(options.knownFlaky ?? [])],
    byName: options.byName === true,
    seed: whole(options.seed, { least: 0, most: 2 ** 32 - 1, otherwise: 1 }),
  };
}

function whole(
  value: number | undefined,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  if (value === undefined || !Number.isFinite(value)) return otherwise;
  return Math.min(most, Math.max(least, Math.trunc(value)));
}
