/** Makes the runs a certificate asks for: the whole suite, or the failing tests alone, with the branch or without it. */
import type { CommandRun } from '@gatehouse/gate-run';
import { callPort, isCrashed } from './call-port.ts';
import type { RunStep } from './certificate/certificate.ts';
import type { Confirmation } from './confirm-red.ts';
import { SETUP_FAILED } from './judge-run.ts';
import { rememberTests } from './remember-tests.ts';
import type { TestPolicy } from './request.ts';
import { planRerun, type Rerun } from './rerun/plan-rerun.ts';
import { scriptTextAt } from './rerun/script-text.ts';
import { type Retest, retestBranch } from './retest.ts';
import { baseRunRequest, runBaseInTurn } from './run-base.ts';
import type { Deferred, ToolFailed } from './verdict.ts';

/** `not-selective`: the tests did not run alone, so whole runs have to tell. `undecided`: this run ended the question. */
export type CertificateRun =
  | { readonly kind: 'ran'; readonly run: CommandRun; readonly remembered: boolean }
  | { readonly kind: 'not-selective' }
  | { readonly kind: 'undecided'; readonly verdict: Deferred | ToolFailed };

export interface CertificateRuns {
  /** The failing tests that both first runs have in common can be run alone. */
  readonly selective: boolean;
  /** Of those tests, the ones that were red and green on one tree before. */
  readonly knownFlaky: readonly string[];
  make(step: RunStep): Promise<CertificateRun>;
}

/** The way to make runs for one suspect. */
export async function certificateRuns(confirmation: Confirmation): Promise<CertificateRuns> {
  const { request, suspect, signal } = confirmation;
  const { first, second } = suspect;
  const again = new Set(second.tests?.failed);
  const common = (first.tests?.failed ?? []).filter((name) => again.has(name));
  const scriptText = scriptTextAt(request, request.base, signal);
  const { runner } = second.tests ?? {};
  const planFor = (names: readonly string[]) => planRerun({ policy: request.policy, names, runner, scriptText });
  const selective = (await planFor(common.slice(0, 1))) !== null;
  const knownFlaky = await flakyAmong(confirmation, common);
  let attempt = 2;
  return {
    selective,
    knownFlaky,
    make: async (step) => {
      attempt += 1;
      if (step.scope === 'full')
        return step.side === 'base' ? runMain(confirmation, { ...step, attempt }) : runBranch(confirmation, attempt);
      const rerun = await planFor(step.scope.tests);
      if (rerun === null) return { kind: 'not-selective' };
      const commit = step.side === 'base' ? request.base : suspect.tested;
      const policy = { ...request.policy, command: lineOf(rerun, request.policy), minTests: 1 };
      return alone(
        step,
        await retestBranch({ ...retestRequest(confirmation), commit, policy, attempt, purpose: PURPOSE[step.side] }),
      );
    },
  };
}

/** Variables of the selection are set in the line itself: the setup is to run as it always does. */
function lineOf({ command, setEnv }: Rerun, { setEnv: before = {} }: TestPolicy): string {
  const added = Object.entries(setEnv).filter(([name, value]) => before[name] !== value);
  const exports = added.map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'; `);
  return `${exports.join('')}${command}`;
}

/** A memory that fails only costs the order in which suspects are judged. */
async function flakyAmong({ request, tests }: Confirmation, names: readonly string[]): Promise<readonly string[]> {
  if (tests === undefined || names.length === 0) return [];
  const known = await callPort('tests.knownFlaky', () => tests.knownFlaky(request.repo, names));
  return isCrashed(known) || !Array.isArray(known) ? [] : known;
}

const PURPOSE = { branch: 'branch-tests', base: 'base-tests' } as const;

function retestRequest({ request, signal }: Confirmation) {
  return { ...request, treeKill: request.switches.treeKill, signal };
}

async function runMain(
  confirmation: Confirmation,
  { fresh, attempt }: { readonly fresh: boolean; readonly attempt: number },
): Promise<CertificateRun> {
  const { request, suspect, queue, tests, signal } = confirmation;
  const asked = baseRunRequest(request, suspect.hostDigest, signal);
  const base = await runBaseInTurn({ ...asked, fresh, attempt, ...(tests === undefined ? {} : { tests }) }, queue);
  if (base.kind === 'infra' || base.kind === 'tool-failed') {
    const reason = `the branch was red twice and the base cannot be judged: ${base.reason}`;
    return { kind: 'undecided', verdict: { ...base, reason } };
  }
  const { run, remembered, hostDigest } = base;
  if (hostDigest === suspect.hostDigest) return { kind: 'ran', run, remembered };
  const reason = 'the environment changed between the runs: they cannot be compared';
  return { kind: 'undecided', verdict: { kind: 'infra', reason, run } };
}

async function runBranch(confirmation: Confirmation, attempt: number): Promise<CertificateRun> {
  const { request, suspect, tests: memory } = confirmation;
  const { tested: commit, gateDigest, envDigest } = suspect;
  const told = await retestBranch({ ...retestRequest(confirmation), commit, attempt, purpose: 'branch-again' });
  const tree = told.run?.tree ?? '';
  await rememberTests({ memory, repo: request.repo, key: { tree, gateDigest, envDigest } }, told);
  return told.kind === 'infra' || told.kind === 'tool-failed'
    ? { kind: 'undecided', verdict: told }
    : { kind: 'ran', run: told.run, remembered: false };
}

/**
 * The runner counted tests and no failure, whatever the exit status is: where only some tests run, a threshold of coverage
 * (c8, nyc, pytest-cov) fails, and the tests themselves are what is asked.
 */
export function allPassed({ tests }: CommandRun): boolean {
  const { total = 0, failures = 0, failed = [] } = tests ?? {};
  return total > 0 && failures === 0 && failed.length === 0;
}

/** The setup that whole runs came through failed here, or Node refused the variable that selects (before 22): no test was tried. */
function isUnstarted({ purpose, outcome, excerpt = '' }: CommandRun, asked: readonly string[]): boolean {
  if (purpose === 'setup') return !asked.includes(SETUP_FAILED);
  return outcome !== 'green' && /--test-name-pattern= is not allowed in NODE_OPTIONS/.test(excerpt);
}

/** A test that main does not have has not failed there; with the branch it must have run to prove anything. */
function alone({ side, scope }: RunStep, told: Retest): CertificateRun {
  const names = scope === 'full' ? [] : scope.tests;
  if (told.kind !== 'infra' && told.run !== undefined && isUnstarted(told.run, names)) return { kind: 'not-selective' };
  const asked = names.length;
  switch (told.kind) {
    case 'green':
    case 'red': {
      const { total = 0, failed = [] } = told.run.tests ?? {};
      const says = told.kind === 'green' || failed.length > 0 || allPassed(told.run);
      const ran = side === 'base' || Math.max(total, failed.length) >= asked;
      return says && ran ? { kind: 'ran', run: told.run, remembered: false } : { kind: 'not-selective' };
    }
    case 'tool-failed':
      return side === 'base' && told.run?.ending === 'no-tests'
        ? { kind: 'ran', run: told.run, remembered: false }
        : { kind: 'not-selective' };
    case 'infra':
      return { kind: 'undecided', verdict: told };
  }
}
