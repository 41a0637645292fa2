/** A certificate that ran out of its budget and is taken up in another ask, from what was stored of it. */
import { startCertificate } from './certificate.ts';
import { isRedElsewhere } from './full-runs.ts';
import { type CertificateOptions, type ParsedOptions, parseOptions } from './options.ts';
import type { CertificateState } from './state.ts';

/**
 * The share of alpha that is left for a second certificate after one that saw the base red in its first two pairs. Of the first, an
 * adversary who fails with p in the first pair makes p(1−p)/256 + p²·a; its supremum (1/256)²/(4(1/256 − a)) is at most 0.001 for
 * a ≤ 0.00009.
 */
const SECOND_SHARE = 0.09;

/**
 * The certificate of the next ask. `saved` was stored as JSON for the same tested tree, base and digests (the caller's to check); it
 * gets `fullRuns` once more, up to its `horizonRuns`, and keeps its own options. What it concluded stays concluded, with one exception:
 * where it ended because main fails other tests each time, a second one judges by name. What is no state of this version starts anew.
 */
export function continueCertificate(saved: unknown, options: CertificateOptions = {}): CertificateState {
  if (!isState(saved)) return startCertificate(options);
  if (!isRedElsewhere(saved)) return { ...saved, spentBefore: saved.runs.full, ignored: 0 };
  const { alpha } = saved.options;
  return startCertificate({ ...options, alpha: alpha * SECOND_SHARE, byName: true });
}

type Check = (value: unknown) => boolean;

const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const oneOf =
  (...words: readonly unknown[]): Check =>
  (value) =>
    words.includes(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (fields: { readonly [name: string]: Check }): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => Object.hasOwn(value, name) && check(Reflect.get(value, name)));

const names = listOf(isText);
const sides = oneOf('branch', 'base');
const runs = shape({ full: isCount, single: isCount });

const isObservation: Check = shape({
  side: sides,
  scope: oneOf('full'),
  outcome: oneOf('red', 'green'),
  failed: orNull(names),
});

const phases: readonly Check[] = [
  shape({ kind: oneOf('select'), first: orNull(isObservation) }),
  shape({ kind: oneOf('base') }),
  shape({ kind: oneOf('singles'), half: orNull(shape({ side: sides, failed: names })) }),
  shape({ kind: oneOf('full'), mode: oneOf('direct', 'after-singles', 'look'), looked: isFlag }),
  shape({
    kind: oneOf('concluded'),
    conclusion: oneOf('green', 'flaky', 'guilty', 'main-broken', 'unsteady', 'unproven'),
    failing: names,
    baseFailing: names,
    bound: (value) => typeof value === 'number',
    runs,
  }),
];

const isWhole = shape({
  version: oneOf(1),
  options: (value) => isOptions(value),
  phase: (value) => phases.some((check) => check(value)),
  runs,
  spentBefore: isCount,
  ignored: isCount,
  common: orNull(names),
  suspects: listOf(
    shape({
      name: isText,
      status: oneOf('open', 'guilty', 'base-red', 'cleared'),
      failedInBase: orNull(isFlag),
      pairs: isCount,
      contrary: isCount,
      branchFailed: isFlag,
      basePassed: isFlag,
    }),
  ),
  full: shape({
    track: oneOf('suite', 'named'),
    branchRuns: isCount,
    baseRuns: isCount,
    tallies: listOf(shape({ name: orNull(isText), branchReds: isCount, baseReds: isCount })),
  }),
  base: shape({ runs: isCount, reds: isCount, always: orNull(names), ever: names }),
});

const isState = (value: unknown): value is CertificateState => isWhole(value);

/** What `parseOptions` would not change. */
function isOptions(value: unknown): value is ParsedOptions {
  if (!shape({ knownFlaky: names })(value)) return false;
  const parsed: { readonly [name: string]: unknown } = parseOptions(value as CertificateOptions);
  return Object.entries(parsed).every(([name, kept]) =>
    Array.isArray(kept) ? true : Object.is(kept, Reflect.get(value as CertificateOptions, name)),
  );
}
