/**
 * A laboratory of flaky suites: what the certificate says of branches whose truth is known. Each cell is enumerated exactly over the
 * states of the reducer, and simulated on it with a seed. A long campaign: soak/flake-lab.mjs.
 */
import { nextStep, observe, type RunStep, startCertificate } from '../../src/certificate/certificate.ts';
import { continueCertificate } from '../../src/certificate/continue.ts';
import type { CertificateOptions } from '../../src/certificate/options.ts';
import type { CertificateState, Concluded, Conclusion, Observation, Side } from '../../src/certificate/state.ts';

export const BRANCHES = ['innocent', 'guilty', 'guilty-of-the-flaky', 'mending', 'mending-and-breaking'] as const;
export const NAMINGS = ['rerunnable', 'named', 'unnamed'] as const;
export const RATES = [0.01, 0.1, 0.3, 0.5] as const;

/**
 * `innocent` changes nothing that a test sees. `guilty` breaks the test `broken` for good, `guilty-of-the-flaky` the first flaky test.
 * `mending` mends a test that main fails and breaks nothing; `mending-and-breaking` breaks `broken` as well.
 */
export type Branch = (typeof BRANCHES)[number];

/** `named` cannot be rerun alone. */
export type Naming = (typeof NAMINGS)[number];

export interface Cell {
  /** Probability that a flaky test of main fails in one run. */
  readonly rate: number;
  readonly branch: Branch;
  readonly naming: Naming;
  /** What is flaky or broken fails only in full runs, after the test that pollutes it; alone it passes. */
  readonly polluted: boolean;
  /** Flaky tests of main. */
  readonly flakes: number;
  readonly options?: CertificateOptions;
  /** Asks that may continue one certificate. Default 1. */
  readonly asks?: number;
}

/** Probabilities and means over verdicts. */
export interface CellResult {
  readonly falseBlame: number;
  readonly convicted: number;
  /** Nobody blamed, nothing opened: unproven, unsteady, main broken. */
  readonly deferred: number;
  /** Green or flaky. */
  readonly opened: number;
  readonly fullRuns: number;
  readonly singleRuns: number;
  /** The highest bound that a blame stated; 0 without blame. */
  readonly bound: number;
}

/** Failure rate of each test that can fail, on one side and in one scope. */
type Rates = ReadonlyMap<string, number>;

const BREAKS: readonly Branch[] = ['guilty', 'mending-and-breaking'];
const DEFERS: readonly Conclusion[] = ['unproven', 'unsteady', 'main-broken'];

const flaky = (cell: Cell): readonly string[] => Array.from({ length: cell.flakes }, (_, at) => `flaky ${at}`);

/** What the branch is truly guilty of. */
const truth = ({ branch }: Cell): readonly string[] =>
  BREAKS.includes(branch) ? ['broken'] : branch === 'guilty-of-the-flaky' ? ['flaky 0'] : [];

function ratesOf(cell: Cell, side: Side, alone: boolean): Rates {
  const visible = alone && cell.polluted ? 0 : 1;
  const rates = new Map(flaky(cell).map((name) => [name, cell.rate * visible]));
  if (side === 'branch') for (const name of truth(cell)) rates.set(name, visible);
  if (side === 'base' && cell.branch.startsWith('mending')) rates.set('mended', 1);
  return rates;
}

function optionsOf(cell: Cell): CertificateOptions {
  const { naming, options } = cell;
  return { rerunnable: naming === 'rerunnable', ...options };
}

const observation = ({ naming }: Cell, { side, scope }: RunStep, failed: readonly string[]): Observation => ({
  side,
  scope,
  outcome: failed.length > 0 ? 'red' : 'green',
  failed: naming === 'unnamed' && failed.length > 0 ? null : failed,
});

const failable = (cell: Cell, { side, scope }: RunStep): readonly (readonly [string, number])[] =>
  [...ratesOf(cell, side, scope !== 'full')].filter(([name]) => scope === 'full' || scope.tests.includes(name));

/** What is promised of a guilty branch beside a suite that fails in at most one run of ten. */
const PROMISED = 0.99;

/** Names that can be rerun alone convict within the first ask; others may need all runs of four asks. */
function isPromised({ rate, branch, naming, polluted, asks = 1, options = {} }: Cell): boolean {
  if (rate > 0.1 || branch === 'innocent' || branch === 'mending') return false;
  if (naming === 'rerunnable' && !polluted) return true;
  const { fullRuns = 10, horizonRuns = 40 } = options;
  const isSpent = Math.min(asks * fullRuns, horizonRuns) >= 40;
  // Without names a main that is red for another reason cannot be told from the branch.
  return isSpent && !(naming === 'unnamed' && branch === 'mending-and-breaking');
}

/** Everything in which a cell is not as it should be, in words. Four standard errors are allowed to the simulation. */
export function faultsOf(
  cell: Cell,
  {
    exact,
    simulated,
    verdicts,
  }: { readonly exact: CellResult; readonly simulated: CellResult; readonly verdicts: number },
): readonly string[] {
  const alpha = cell.options?.alpha ?? 0.001;
  const faults: string[] = [];
  const error = (share: number): number => 4 * Math.sqrt((share * (1 - share)) / verdicts) + 1e-9;
  if (exact.falseBlame > alpha) faults.push(`false blame ${exact.falseBlame}`);
  if (simulated.falseBlame > alpha + error(alpha)) faults.push(`simulated false blame ${simulated.falseBlame}`);
  // A bound is stated for one certificate; several asks may hold two, which share alpha.
  const isOne = (cell.asks ?? 1) === 1;
  if (isOne && exact.falseBlame > 0 && exact.falseBlame > exact.bound)
    faults.push(`states ${exact.bound}, is ${exact.falseBlame}`);
  // What is not blamed may be deferred or opened by who happened to go first in a pair; blame does not depend on that.
  for (const what of ['falseBlame', 'convicted'] as const)
    if (Math.abs(exact[what] - simulated[what]) > error(exact[what]) + 2 / verdicts)
      faults.push(`${what}: ${exact[what]} exactly, ${simulated[what]} simulated`);
  if (isPromised(cell) && exact.convicted < PROMISED) faults.push(`convicted ${exact.convicted}`);
  return faults;
}

/** An innocent branch blamed, or an innocent test named beside a guilty one. */
const isFalse = (cell: Cell, { conclusion, failing }: Concluded): boolean =>
  conclusion === 'guilty' && (truth(cell).length === 0 || failing.some((name) => !truth(cell).includes(name)));

function tally(cell: Cell, ends: Iterable<readonly [Concluded, number]>): CellResult {
  const sum = { falseBlame: 0, convicted: 0, deferred: 0, opened: 0, fullRuns: 0, singleRuns: 0, bound: 0 };
  for (const [end, weight] of ends) {
    const isBlame = end.conclusion === 'guilty';
    if (isFalse(cell, end)) sum.falseBlame += weight;
    if (isBlame && truth(cell).length > 0) sum.convicted += weight;
    if (DEFERS.includes(end.conclusion)) sum.deferred += weight;
    if (end.conclusion === 'green' || end.conclusion === 'flaky') sum.opened += weight;
    sum.fullRuns += weight * end.runs.full;
    sum.singleRuns += weight * end.runs.single;
    if (isBlame) sum.bound = Math.max(sum.bound, end.bound);
  }
  return sum;
}

/** A certificate on its way, the asks that are left, and the runs of certificates that it took the place of. */
interface Course {
  readonly state: CertificateState;
  readonly asks: number;
  readonly before: Concluded['runs'];
}

const startOf = (cell: Cell, seed: number): Course => ({
  state: startCertificate({ ...optionsOf(cell), seed }),
  asks: (cell.asks ?? 1) - 1,
  before: { full: 0, single: 0 },
});

/** An ask that proved nothing is followed by the next one, from stored JSON. */
function goOn(cell: Cell, course: Course): Course {
  const { state, asks, before } = course;
  const step = nextStep(state);
  if (step.kind !== 'concluded' || step.conclusion !== 'unproven' || asks === 0) return course;
  const seed = state.options.seed;
  const next = continueCertificate(JSON.parse(JSON.stringify(state)), { ...optionsOf(cell), seed });
  const isAnother = next.runs.full < state.runs.full;
  const { full, single } = isAnother ? state.runs : { full: 0, single: 0 };
  return goOn(cell, {
    state: next,
    asks: asks - 1,
    before: { full: before.full + full, single: before.single + single },
  });
}

const endOf = ({ before }: Course, end: Concluded): Concluded => ({
  ...end,
  runs: { full: before.full + end.runs.full, single: before.single + end.runs.single },
});

/** Every history with its probability, merged where the reducer cannot tell them apart; the order of the sides is that of seed 1. */
export function enumerate(cell: Cell): CellResult {
  const ends: [Concluded, number][] = [];
  let layer = new Map([['', { course: startOf(cell, 1), chance: 1 }]]);
  while (layer.size > 0) {
    const next: typeof layer = new Map();
    for (const { course, chance } of layer.values()) {
      const step = nextStep(course.state);
      if (step.kind === 'concluded') {
        ends.push([endOf(course, step), chance]);
        continue;
      }
      for (const [failed, share] of subsets(failable(cell, step))) {
        const after = goOn(cell, { ...course, state: observe(course.state, observation(cell, step, failed)) });
        const key = JSON.stringify(after);
        const known = next.get(key);
        if (known === undefined) next.set(key, { course: after, chance: chance * share });
        else known.chance += chance * share;
      }
    }
    layer = next;
  }
  return tally(cell, ends);
}

function subsets(rates: readonly (readonly [string, number])[]): readonly (readonly [readonly string[], number])[] {
  let all: (readonly [readonly string[], number])[] = [[[], 1]];
  for (const [name, rate] of rates) {
    const failed = rate === 0 ? [] : all.map(([names, share]) => [[...names, name], share * rate] as const);
    const passed = rate === 1 ? [] : all.map(([names, share]) => [names, share * (1 - rate)] as const);
    all = [...failed, ...passed];
  }
  return all;
}

/** `verdicts` verdicts of the reducer, each with a seed of its own for the order of the sides. */
export function simulate(
  cell: Cell,
  { verdicts, seed }: { readonly verdicts: number; readonly seed: number },
): CellResult {
  const random = mulberry32(seed);
  const ends: [Concluded, number][] = [];
  for (let verdict = 0; verdict < verdicts; verdict += 1) {
    let course = startOf(cell, seed + verdict);
    let step = nextStep(course.state);
    while (step.kind === 'run') {
      const failed = failable(cell, step).flatMap(([name, rate]) => (random() < rate ? [name] : []));
      course = goOn(cell, { ...course, state: observe(course.state, observation(cell, step, failed)) });
      step = nextStep(course.state);
    }
    ends.push([endOf(course, step), 1 / verdicts]);
  }
  return tally(cell, ends);
}

/** Uniform in [0, 1): Mulberry32 by Tommy Ettinger. */
function mulberry32(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
