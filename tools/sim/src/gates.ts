/**
 * The virtual gates: each decides by what is true of the commit it is given, unless its tool or its machine fails.
 * Checks that only read an agent's report are the production ones.
 */
import {
  type CoveragePolicy,
  commandHash,
  computeCoverageVerdict,
  coverageCheckVerdict,
  type MeasureOutcome,
} from '@gatehouse/coverage-gate';
import {
  type Check,
  type CheckContext,
  checkNamed,
  MEASUREMENT,
  serializeMeasurement,
} from '@gatehouse/orchestrator/testing';
import type { CheckVerdict } from '@gatehouse/verdict';
import { count } from './coverage-counters.ts';
import { type Commit, coverageOf, isGreen } from './history.ts';
import { defer, failed, type Machine, machineFault, mustKnow, passed, runCommand, untilAborted } from './machine.ts';
import { mergeGate } from './merge-gate.ts';

export function checksOf(machine: Machine): (name: string) => Check | null {
  const gates: Readonly<Record<string, Check>> = {
    check_ci_green: (context) => ciGate(machine, context),
    check_security_gate: (context) => securityGate(machine, context),
    check_branch_mergeable: (context) => mergeGate(machine, context),
    check_coverage_gate: (context) => coverageGate(machine, context),
    check_image_freshness: (context) => freshness(machine, context),
  };
  return (name) => gates[name] ?? checkNamed(name);
}

async function ciGate(machine: Machine, context: CheckContext): Promise<CheckVerdict> {
  const commit = mustKnow(machine.state, context.subject.head);
  const fault = await runCommand(machine, context, { purpose: 'ci', commit });
  if (fault !== null) return fault;
  if (machine.state.testing.ci === 'lint') return passed('nothing to complain of');
  if (isGreen(commit)) return passed('green');
  count(machine.state.counters, 'gate: ci red');
  return failed({ rule: 'ci', message: 'the branch is red by itself' });
}

async function securityGate(machine: Machine, context: CheckContext): Promise<CheckVerdict> {
  const { state } = machine;
  const { base, head } = context.subject;
  const commit = mustKnow(state, head);
  const fault = await runCommand(machine, context, { purpose: 'scan', commit });
  if (fault !== null) return fault;
  if (state.prng.hits(state.faults.feedDownPpm)) {
    count(state.counters, 'gate: feed down');
    return defer('feed-down', 'the advisory feed does not answer');
  }
  const known = mustKnow(state, base).changes;
  const leaks = [...commit.changes.values()].some(({ id, secret }) => secret && !known.has(id));
  if (!leaks) return passed('no new secret');
  count(state.counters, 'gate: secret');
  return failed({ rule: 'secret/token', message: 'a token was added' });
}

export const COVERAGE: CoveragePolicy = {
  command: 'coverage',
  report: 'lcov.info',
  mode: 'both',
  minPpm: 500_000,
  epsilonPpm: 1_000,
  timeoutMs: 900_000,
  failClosed: false,
  env: [],
};
export const COMMAND_HASH: string = commandHash(COVERAGE);

async function coverageGate(machine: Machine, context: CheckContext): Promise<CheckVerdict> {
  const { state } = machine;
  const { subject, ports, workspace } = context;
  const commit = mustKnow(state, subject.tested ?? subject.head);
  const fault = await runCommand(machine, context, { purpose: 'coverage', commit });
  if (fault !== null) return fault;
  const base = mustKnow(state, subject.base);
  const baseline = await ports.baseline(COMMAND_HASH).read();
  const verdict = computeCoverageVerdict({
    policy: COVERAGE,
    measurement: measurementOf(commit),
    baseline,
    ...(baseline === null || baseline.last.tree === base.tree ? {} : { baseTree: uncoveredOf(base) }),
    commandHash: COMMAND_HASH,
    commits: { base: subject.base, head: subject.head, tested: commit.sha },
  });
  const measured = { metric: 'lines', format: 'lcov', ...coverageOf(commit), files: {}, reportSha256: '' } as const;
  const text = serializeMeasurement({ commit: commit.sha, tree: commit.tree, commandHash: COMMAND_HASH, measured });
  state.disk.set(`${workspace.reportsDir}/${MEASUREMENT}`, text);
  const answer = coverageCheckVerdict(verdict);
  count(state.counters, `coverage: ${answer.status}`);
  return answer;
}

const uncoveredOf = (commit: Commit) => {
  const { covered, total } = coverageOf(commit);
  return { uncovered: total - covered, total };
};

function measurementOf(commit: Commit): MeasureOutcome {
  return {
    kind: 'measured',
    measured: { metric: 'lines', format: 'lcov', ...coverageOf(commit), files: {}, reportSha256: '' },
    evidence: {
      commit: commit.sha,
      tree: commit.tree,
      reportPath: 'lcov.info',
      runs: [],
      findings: [],
      diagnostics: [],
      dropped: { files: 0, examples: [] },
    },
  };
}

async function freshness(machine: Machine, context: CheckContext): Promise<CheckVerdict> {
  const { state, owner, atFaultPoint } = machine;
  await atFaultPoint(owner, 'gate.run', () =>
    untilAborted(state, owner, { durationMs: state.prng.below(2_000), signal: context.signal }),
  );
  return machineFault(state) ?? { status: 'skip', reason: 'nothing is deployed here', findings: [], warnings: [] };
}
