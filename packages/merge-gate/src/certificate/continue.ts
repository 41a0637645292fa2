/** A certificate that was put down and is taken up again: after a restart, after trouble of the machine, or in another ask. */
import { type CertificateOptions, type ParsedOptions, parseOptions } from './options.ts';
import type { CertificateState } from './state.ts';

export type Continued =
  | { readonly kind: 'continued'; readonly state: CertificateState }
  /** Not a state of this version: start another one. */
  | { readonly kind: 'unreadable' };

/**
 * Takes up a state that was stored as JSON, for the same tested commit, the same base and the same digests (the caller's to check).
 * `newAsk` gives it `fullRuns` once more, up to `horizonRuns`. What was concluded stays concluded; options never change.
 */
export function continueCertificate(saved: unknown, { newAsk = false }: { readonly newAsk?: boolean } = {}): Continued {
  if (!isState(saved)) return { kind: 'unreadable' };
  const state = newAsk ? { ...saved, spentBefore: saved.runs.full, ignored: 0 } : saved;
  return { kind: 'continued', state };
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
  if (!shape({ knownFlaky: names, setAside: names })(value)) return false;
  const parsed: { readonly [name: string]: unknown } = parseOptions(value as CertificateOptions);
  return Object.entries(parsed).every(([name, kept]) =>
    Array.isArray(kept) ? true : Object.is(kept, Reflect.get(value as CertificateOptions, name)),
  );
}
