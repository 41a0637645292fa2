/** What a certificate may spend and what it knows beforehand. Everything here is fixed before the first run. */

export interface CertificateOptions {
  /** Highest probability of blaming an innocent branch, per verdict. Default 0.001. */
  readonly alpha?: number;
  /** Full runs in one ask, both sides together, the first one included. 3 to 100, default 10. */
  readonly fullRuns?: number;
  /**
   * Full runs over all asks that continue one certificate. Default `fullRuns`. The boundary is planned for it: more than one ask
   * forgives more failures of the base and convicts a clean suspect later.
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
  /**
   * Tests remembered as red or flaky on main before this verdict: where runs are judged as wholes, a run that fails in nothing else
   * counts as passed. Never taken from the runs of this verdict. Ignored where `horizonRuns` holds enough runs to judge by name.
   */
  readonly setAside?: readonly string[];
  /** Decides which side goes first in each pair, so that no period of the surroundings lines up with the sides. Default 1. */
  readonly seed?: number;
}

export type ParsedOptions = { readonly [Key in keyof CertificateOptions]-?: NonNullable<CertificateOptions[Key]> };

/** What is no number, or lies outside, becomes the default or the nearest limit. */
export function parseOptions(options: CertificateOptions): ParsedOptions {
  const fullRuns = whole(options.fullRuns, { least: 3, most: 100, otherwise: 10 });
  const alpha = options.alpha ?? 0.001;
  return {
    alpha: alpha > 0 && alpha <= 0.5 ? alpha : 0.001,
    fullRuns,
    horizonRuns: whole(options.horizonRuns, { least: fullRuns, most: 100, otherwise: fullRuns }),
    singleRuns: whole(options.singleRuns, { least: 0, most: 100, otherwise: 30 }),
    maxSuspects: whole(options.maxSuspects, { least: 1, most: 32, otherwise: 8 }),
    rerunnable: options.rerunnable === true,
    knownFlaky: [...(options.knownFlaky ?? [])],
    setAside: [...(options.setAside ?? [])],
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
