/** `check_ci_green`: the project's own checks on the head as it is, run by us where the forge reports none. */
import { resolveRetestTimeout, retestBranch, type TestPolicy } from '@gatehouse/merge-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import type { Settings } from '../settings.ts';
import type { CheckContext } from './port.ts';
import { crashed, defer, error, skip } from './verdicts.ts';

export async function checkCiGreen(context: CheckContext): Promise<CheckVerdict> {
  const { subject, git, policy, workspace, ports, settings, signal } = context;
  if (policy.ciCommand === null) return skip('no forge reports a status and no ci.command is configured');
  const ci = ciPolicy(policy, settings);
  if (ci.kind === 'impossible') return error('tool-failed', ci.reason);
  const run = await retestBranch({
    git,
    slotDir: workspace.slotDir,
    commit: subject.head,
    policy: ci.policy,
    logDir: workspace.logDir,
    treeKill: settings.commands.treeKill,
    onRun: (one) => ports.record({ ...one, purpose: one.purpose === 'setup' ? 'ci setup' : 'ci' }),
    signal,
  });
  switch (run.kind) {
    case 'crashed':
      return crashed(run);
    case 'infra':
      return defer('infra', run.reason, run.trouble);
    case 'tool-failed':
      return error('tool-failed', run.reason);
    case 'green': {
      const reason = `\`${policy.ciCommand.slice(0, 200)}\` ended with status 0`;
      // A linter runs no tests; that nobody counted any is no news here.
      const warnings = run.warnings.filter((warning) => !warning.startsWith('tests-uncounted'));
      return { status: 'pass', reason, findings: [], warnings };
    }
    case 'red': {
      const reason = `\`${run.run.command.slice(0, 200)}\` ended with status ${run.run.exitCode ?? 'unknown'}`;
      const message = `${reason}; the end of its output:\n${run.run.excerpt ?? ''}`;
      return { status: 'fail', reason, findings: [{ rule: 'ci', message }], warnings: [] };
    }
  }
}

/** The project's own command with the setup of its tests, within deadlines that the reaper respects. */
export function ciPolicy(
  policy: GatePolicy,
  settings: Settings,
): { readonly kind: 'policy'; readonly policy: TestPolicy } | { readonly kind: 'impossible'; readonly reason: string } {
  if (policy.ciCommand === null) return { kind: 'impossible', reason: 'no ci.command is configured' };
  const times = deadlinesOf(policy, settings);
  if (times.kind === 'impossible') return times;
  const { timeoutMs, setupTimeoutMs, graceMs } = times;
  const { setup, env = [] } = policy.test ?? {};
  const timed = { timeoutMs, graceMs, ...(setup === undefined ? {} : { setup, setupTimeoutMs }) };
  return { kind: 'policy', policy: { command: policy.ciCommand, ...timed, minTests: 0, flaky: 'pass', env } };
}

function deadlinesOf(policy: GatePolicy, settings: Settings) {
  const limitMs = policy.test?.timeoutMs ?? settings.merge.retestTimeoutMs;
  return resolveRetestTimeout({
    timeoutMs: limitMs,
    setupTimeoutMs: policy.test?.setup === undefined ? 0 : limitMs,
    reaperLimitMs: settings.limits.reaperMs,
    validate: settings.merge.validateTimeouts,
  });
}
