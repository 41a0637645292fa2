/**
 * No branch is blamed without a certificate: runs of branch and main alternate until an innocent branch would have shown
 * them with a probability of at most 0.1 %, or the budget is spent. What to run next and what it proves is decided in
 * certificate/, purely; here the runs are made. Holds no lease, but one turn in the repository's queue for base runs.
 */
import type { CommandRun } from '@gatehouse/gate-run';
import { callPort, isCrashed } from './call-port.ts';
import { nextStep, observe, type Step } from './certificate/certificate.ts';
import { continueCertificate } from './certificate/continue.ts';
import type { CertificateState, Concluded, Observation } from './certificate/state.ts';
import { allPassed, type CertificateRun, type CertificateRuns, certificateRuns } from './certificate-runs.ts';
import { percent } from './check-verdict.ts';
import { placeFailures } from './failure-place.ts';
import type { ParsedMergeRequest } from './parse-request.ts';
import type { BaseRunQueue, CertificateKey, CertificatePort, TestMemoryPort } from './ports.ts';
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
  /** Keeps what ran out of its budget for the next ask. */
  readonly certificates: CertificatePort | undefined;
  readonly signal: AbortSignal;
}

/** Alternates runs of branch and base, and decides whether the branch is at fault. */
export async function confirmRed(
  request: ParsedMergeRequest,
  suspect: UnconfirmedRed,
  {
    base: queue,
    tests,
    certificates,
    signal,
  }: { readonly base?: BaseRunQueue | undefined } & Pick<Confirmation, 'tests' | 'certificates' | 'signal'>,
): Promise<Refused | Deferred | ToolFailed> {
  const confirmation = { request, suspect, queue, tests, certificates, signal };
  const runs = await certificateRuns(confirmation);
  const begun = startOf(confirmation, runs, await savedCertificate(confirmation));
  const early = nextStep(begun);
  if (early.kind === 'concluded') return conclude(confirmation, early, null);
  return inTurn({ repo: request.repo, signal }, queue, () => alternate(confirmation, { runs, begun }));
}

/** The two runs that were made under the lease, observed where `saved` has their turn next. */
function startOf(
  { request, suspect }: Confirmation,
  { selective: rerunnable, knownFlaky }: Pick<CertificateRuns, 'selective' | 'knownFlaky'>,
  saved: unknown,
): CertificateState {
  const { certificateRuns: fullRuns } = request;
  const options = { fullRuns, rerunnable, knownFlaky, seed: seedOf(suspect.tested) };
  return [suspect.first, suspect.second].reduce(
    (state, run) =>
      isBranchsTurn(nextStep(state))
        ? observe(state, observed(suspect, run, { side: 'branch', scope: 'full' }))
        : state,
    continueCertificate(saved, options),
  );
}

const isBranchsTurn = (step: Step): boolean => step.kind === 'run' && step.side === 'branch' && step.scope === 'full';

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
    if (step.kind === 'concluded') {
      await saveCertificate(confirmation, step.conclusion === 'unproven' ? state : null);
      return placed(confirmation, conclude(confirmation, step, baseRun));
    }
    const made: CertificateRun = await runs.make(step);
    if (made.kind === 'undecided') {
      await saveCertificate(confirmation, state);
      return made.verdict;
    }
    if (made.kind === 'not-selective') {
      state = full.reduce(observe, startOf(confirmation, { ...runs, selective: false }, null));
      continue;
    }
    if (step.side === 'base' && step.scope === 'full') baseRun = made.run;
    const seen = { ...observed(suspect, made.run, step), ...(made.remembered ? { remembered: true } : {}) };
    if (step.scope === 'full') full.push(seen);
    state = observe(state, seen);
  }
}

const keyOf = ({ request, suspect }: Confirmation): CertificateKey => {
  const tree = suspect.first.tree ?? '';
  const { gateDigest, envDigest } = suspect;
  return { repo: request.repo, base: request.base, tree, gateDigest, envDigest };
};

/** A memory that fails only costs the runs of earlier asks. */
async function savedCertificate(confirmation: Confirmation): Promise<unknown> {
  const { certificates } = confirmation;
  if (certificates === undefined) return null;
  const saved = await callPort('certificates.load', () => certificates.load(keyOf(confirmation)));
  return isCrashed(saved) ? null : saved;
}

async function saveCertificate(confirmation: Confirmation, state: CertificateState | null): Promise<void> {
  const { certificates } = confirmation;
  if (certificates !== undefined)
    await callPort('certificates.save', () => certificates.save(keyOf(confirmation), state));
}

function observed(
  { lostCount }: UnconfirmedRed,
  run: CommandRun,
  { side, scope }: Pick<Observation, 'side' | 'scope'>,
): Observation {
  const passedAlone = scope !== 'full' && allPassed(run);
  const isRed = (run.outcome === 'red' && !passedAlone) || (lostCount && isUncounted(run));
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

/** What the author is to mend is shown at its line. */
async function placed(
  { request: { git }, signal }: Confirmation,
  verdict: Refused | Deferred | ToolFailed,
): Promise<Refused | Deferred | ToolFailed> {
  if (verdict.kind !== 'red') return verdict;
  const { certificate } = verdict;
  const { failing, tested: commit, second } = certificate;
  const failed = second.tests?.details?.filter(({ name }) => failing.includes(name)) ?? [];
  const places = await placeFailures({ git, commit, signal }, failed);
  return Object.keys(places).length === 0 ? verdict : { ...verdict, certificate: { ...certificate, places } };
}

const advice = (failing: readonly string[]): string =>
  failing.length === 0
    ? 'let the runner name its tests, or allow more runs (ORCH_MERGE_CERTIFICATE_RUNS)'
    : `failing each time: ${failing.slice(0, 5).join(', ')}`;
