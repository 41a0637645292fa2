/**
 * Is an innocent branch improbable enough? A pure reducer: it says which run to make next and takes what was seen, until it can
 * conclude. It blames an innocent branch with at most `alpha` for any failure rates (boundary.ts has the proof). No clock, no I/O.
 */
import { concluded } from './conclude.ts';
import { isRedAlways, onFullRun } from './full-runs.ts';
import { type CertificateOptions, parseOptions } from './options.ts';
import { goesFirst } from './plans.ts';
import { onSelection } from './select.ts';
import { onBaseRun, onSingleRun, openTests } from './single-runs.ts';
import type { CertificateState, Concluded, Observation, Scope, Side } from './state.ts';

/** The run to make. `fresh`: an answer from memory will not do. */
export interface RunStep {
  readonly kind: 'run';
  readonly side: Side;
  readonly scope: Scope;
  readonly fresh: boolean;
}

export type Step = RunStep | Concluded;

/** More answers to no question than this are a fault of the caller's. */
const MAX_IGNORED = 20;

/** Nothing was run yet: the first step is a full run of the branch. */
export const startCertificate = (options: CertificateOptions = {}): CertificateState => ({
  version: 1,
  options: parseOptions(options),
  phase: { kind: 'select', first: null },
  runs: { full: 0, single: 0 },
  spentBefore: 0,
  ignored: 0,
  common: null,
  suspects: [],
  full: { track: 'suite', branchRuns: 0, baseRuns: 0, tallies: [] },
  base: { runs: 0, reds: 0, always: null, ever: [] },
});

/** The next run, or the conclusion. `unproven` may be the end of this ask only: then `continueCertificate` goes on. */
export function nextStep(state: CertificateState): Step {
  const { phase, ignored } = state;
  if (phase.kind === 'concluded') return phase;
  if (ignored > MAX_IGNORED) return concluded(state, 'unproven');
  switch (phase.kind) {
    case 'select':
      return run('branch', 'full');
    case 'base':
      return { ...run('base', 'full'), fresh: false };
    case 'singles':
      return run(nextAlone(state, phase.half?.side), { tests: openTests(state) });
    case 'full':
      return isSpent(state) ? concluded(state, 'unproven') : nextFull(state, phase);
  }
}

const isSpent = ({ runs, spentBefore, options }: CertificateState): boolean =>
  runs.full - spentBefore >= options.fullRuns || runs.full >= options.horizonRuns;

/** A base that failed once goes first: if it fails again nothing else need be run. */
function nextAlone({ suspects, options }: CertificateState, half: Side | undefined): Side {
  if (half !== undefined) return half === 'base' ? 'branch' : 'base';
  const open = suspects.filter(({ status }) => status === 'open');
  if (open.some(({ failedInBase, basePassed }) => failedInBase === true && !basePassed)) return 'base';
  return goesFirst(options.seed, open[0]?.pairs ?? 0);
}

function nextFull(
  state: CertificateState,
  { mode, looked }: { readonly mode: string; readonly looked: boolean },
): RunStep {
  const { full, base, options } = state;
  if (mode === 'look' || (mode === 'after-singles' && !looked)) return run('branch', 'full');
  if (base.runs === 0) return { ...run('base', 'full'), fresh: false };
  // A base that explains it all so far is asked again before the branch: if it is broken, the branch need not run.
  if (isRedAlways(state)) return run('base', 'full');
  const { branchRuns, baseRuns } = full;
  if (branchRuns === baseRuns) return run(goesFirst(options.seed, branchRuns), 'full');
  return run(branchRuns > baseRuns ? 'base' : 'branch', 'full');
}

const run = (side: Side, scope: Scope): RunStep => ({ kind: 'run', side, scope, fresh: true });

/** The state after a run. What answers another question than the step asked is counted and changes nothing else. */
export function observe(state: CertificateState, seen: Observation): CertificateState {
  const step = nextStep(state);
  if (step.kind === 'concluded') return state;
  if (!answers(seen, step)) return { ...state, ignored: state.ignored + 1 };
  const after = { ...state, runs: spent(state, seen) };
  switch (state.phase.kind) {
    case 'select':
      return onSelection(after, seen, state.phase.first);
    case 'base':
      return onBaseRun(after, seen);
    case 'singles':
      return onSingleRun(after, seen, state.phase.half);
    case 'full':
      return onFullRun(after, seen);
    case 'concluded':
      return state;
  }
}

function answers(seen: Observation, { side, scope, fresh }: RunStep): boolean {
  if (seen.side !== side || (seen.remembered === true && fresh)) return false;
  if (scope === 'full' || seen.scope === 'full') return scope === seen.scope;
  const { tests } = seen.scope;
  return tests.length === scope.tests.length && scope.tests.every((name, at) => tests[at] === name);
}

function spent({ runs }: CertificateState, { scope, remembered }: Observation): CertificateState['runs'] {
  if (remembered === true) return runs;
  return scope === 'full' ? { ...runs, full: runs.full + 1 } : { ...runs, single: runs.single + 1 };
}
