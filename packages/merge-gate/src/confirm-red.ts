/**
 * No branch is blamed without a certificate: runs of branch and main alternate until an innocent branch would have shown
 * them with a probability of at most 0.1 %, or the budget is spent. What to run next and what it proves is decided in
 * certificate/, purely; here the runs are made. Holds no lease, but one turn in the repository's queue for base runs.
 */
import type { CommandRun } from '@gatehouse/gate-run';
import { nextStep, observe, startCertificate } from './certificate/certificate.ts';
import type { CertificateState, Concluded, Observation } from './certificate/state.ts';
import { type CertificateRun, type CertificateRuns, certificateRuns } from './certificate-runs.ts';
import { percent } from './check-verdict.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { BaseRunQueue, TestMemoryPort } from './ports.ts';
import { inTurn } from './run-base.ts';
import { isUncounted } from './unfinished-run.ts';
import type { BrokenMainCertificate, Deferred, Digests, Refused, ToolFailed } from './verdict.ts';

/** A branch that was red twice; not yet blamed. */
export interface UnconfirmedRed extends Digests {
  readonly kind: 'suspect';
  readonly tested: string;
  readonly first: CommandRun;
  readonly second: CommandRun;
  /** The runs exit 0 and count nothing, where main counts its tests. */
  readonly lostCount: boolean;
}

/** What a certificate is made of. */
export interface Confirmation {
  readonly request: ParsedMergeRequest;
  readonly suspect: UnconfirmedRed;
  readonly queue: BaseRunQueue | undefined;
  /** Tells which tests are known to be flaky, and is told of each whole run. */
  readonly tests: TestMemoryPort | undefined;
  readonly signal: AbortSignal;
}

/** Alternates runs of branch and base, and decides whether the branch is at fault. */
export async function confirmRed(
  request: ParsedMergeRequest,
  suspect: UnconfirmedRed,
  { base: queue, tests, signal }: { readonly base?: BaseRunQueue | undefined } & Pick<Confirmation, 'tests' | 'signal'>,
): Promise<Refused | Deferred | ToolFailed> {
  const confirmation = { request, suspect, queue, tests, signal };
  const runs = await certificateRuns(confirmation);
  const begun = startOf(confirmation, runs);
  const early = nextStep(begun);
  if (early.kind === 'concluded') return conclude(confirmation, early, null);
  return inTurn({ repo: request.repo, signal }, queue, () => alternate(confirmation, { runs, begun }));
}

/** The two runs that were made under the lease, observed. */
function startOf(
  { request, suspect }: Confirmation,
  { selective: rerunnable, knownFlaky }: Pick<CertificateRuns, 'selective' | 'knownFlaky'>,
): CertificateState {
  const { certificateRuns: fullRuns } = request;
  const started = startCertificate({ fullRuns, rerunnable, knownFlaky, seed: seedOf(suspect.tested) });
  return [suspect.first, suspect.second].reduce(
    (state, run) => observe(state, observed(suspect, run, { side: 'branch', scope: 'full' })),
    started,
  );
}

/** Known beforehand and different for each commit. */
const seedOf = (commit: string): number => Number.parseInt(commit.slice(0, 8), 16);

async function alternate(
  confirmation: Confirmation,
  { runs, begun }: { readonly runs: CertificateRuns; readonly begun: CertificateState },
): Promise<Refused | Deferred | ToolFailed> {
  const { suspect } = confirmation;
  const full: Observation[] = [];
  let state = begun;
  let baseRun: CommandRun | null = null;
  for (let step = nextStep(state); ; step = nextStep(state)) {
    if (step.kind === 'concluded') return conclude(confirmation, step, baseRun);
    const made: CertificateRun = await runs.make(step);
    if (made.kind === 'undecided') return made.verdict;
    if (made.kind === 'not-selective') {
      state = full.reduce(observe, startOf(confirmation, { ...runs, selective: false }));
      continue;
    }
    if (step.side === 'base' && step.scope === 'full') baseRun = made.run;
    const seen = { ...observed(suspect, made.run, step), ...(made.remembered ? { remembered: true } : {}) };
    if (step.scope === 'full') full.push(seen);
    state = observe(state, seen);
  }
}

function observed(
  { lostCount }: UnconfirmedRed,
  run: CommandRun,
  { side, scope }: Pick<Observation, 'side' | 'scope'>,
): Observation {
  const isRed = run.outcome === 'red' || (lostCount && isUncounted(run));
  const { failed = [] } = run.tests ?? {};
  if (!isRed) return { side, scope, outcome: 'green', failed: [] };
  return { side, scope, outcome: 'red', failed: failed.length === 0 ? null : failed };
}

function conclude(
  { request, suspect }: Confirmation,
  { conclusion, failing, bound, runs }: Concluded,
  baseRun: CommandRun | null,
): Refused | Deferred | ToolFailed {
  const { kind: _, ...about } = suspect;
  const { first, second } = suspect;
  const spent = `${runs.full} whole runs and ${runs.single} of the failing tests alone`;
  const unproven = (reason: string): Deferred => ({ kind: 'infra', reason, run: second });
  switch (conclusion) {
    case 'guilty':
    case 'main-broken': {
      if (baseRun === null) return unproven('unproven-red: main was not run');
      const certificate: BrokenMainCertificate = { ...about, base: request.base, baseRun, bound, runs };
      return conclusion === 'guilty'
        ? { kind: 'red', certificate: { ...certificate, failing } }
        : { kind: 'main-broken', base: request.base, certificate };
    }
    case 'flaky':
    case 'green':
      if (request.policy.flaky === 'block') return { kind: 'flaky-blocked', first, second };
      return unproven('unproven-red: flaky: red and green on the same tree; it is asked again');
    case 'unsteady':
      return unproven('red twice, but no failing test in common: the suite is unsteady');
    case 'unproven':
      return unproven(
        `unproven-red: ${spent} leave a chance of ${percent(bound)} that an innocent branch shows this; ${advice(failing)}`,
      );
  }
}

const advice = (failing: readonly string[]): string =>
  failing.length === 0
    ? 'let the runner name its tests, or allow more runs (ORCH_MERGE_CERTIFICATE_RUNS)'
    : `failing each time: ${failing.slice(0, 5).join(', ')}`;
