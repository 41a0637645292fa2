/** `check_ci_green`: what the forge's own checks say of the head; where it reports none, the project's command, run by us. */
import { retestBranch, type TestPolicy } from '@gatehouse/merge-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import { maskedStart } from '../platform/masked-ends.ts';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import { runLimits } from '../policy/run-limits.ts';
import type { Settings } from '../settings.ts';
import type { CheckContext, ReportedByForge } from './port.ts';
import { crashed, defer, error, pass, skip } from './verdicts.ts';

export async function checkCiGreen(context: CheckContext): Promise<CheckVerdict> {
  const { subject, git, policy, workspace, ports, settings, signal } = context;
  const reported = (await ports.reported?.(subject.head)) ?? { kind: 'none' };
  const byForge = forgeVerdict(reported, subject.head);
  if (byForge !== null) return byForge;
  const ci = ciPolicy(policy, settings);
  if (ci === null) return skip('no forge reports a status and no ci.command is configured');
  const run = await retestBranch({
    git,
    slotDir: workspace.slotDir,
    commit: subject.head,
    policy: ci,
    logDir: workspace.logDir,
    ...runLimits(settings, policy),
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
      const reason = `\`${await shown(ci.command)}\` ended with status 0`;
      // A linter runs no tests, so a missing test count is expected here.
      const warnings = run.warnings.filter((warning) => !warning.startsWith('tests-uncounted'));
      return { status: 'pass', reason, findings: [], warnings };
    }
    case 'red': {
      const reason = `\`${await shown(run.run.command)}\` ended with status ${run.run.exitCode ?? 'unknown'}`;
      const message = `${reason}; the end of its output:\n${run.run.excerpt ?? ''}`;
      return { status: 'fail', reason, findings: [{ rule: 'ci', message }], warnings: [] };
    }
  }
}

/** Masked before it is cut: half of a secret is not known as one. */
const shown = (command: string): Promise<string> => maskedStart(command, COMMAND_CHARS);
const COMMAND_CHARS = 200;

/** Null: the forge has nothing to say about this commit, so the project's own command is asked. */
function forgeVerdict(reported: ReportedByForge, commit: string): CheckVerdict | null {
  const at = commit.slice(0, 12);
  switch (reported.kind) {
    case 'green':
      return pass(`the forge reports ${at} as green: ${reported.names.slice(0, NAMED).join(', ')}`);
    case 'red':
      return {
        status: 'fail',
        reason: reported.reason,
        findings: [{ rule: 'ci', message: reported.reason }],
        warnings: [],
      };
    case 'pending':
      return defer('ci-pending', reported.reason);
    case 'unreachable':
      return defer('infra', reported.reason);
    case 'none':
    case 'unsupported':
      return null;
  }
}

const NAMED = 20;

/** The project's own command with the setup of its tests; null where none is configured. */
export function ciPolicy(policy: GatePolicy, settings: Settings): TestPolicy | null {
  if (policy.ciCommand === null) return null;
  const { setup, env = [], timeoutMs = settings.merge.retestTimeoutMs } = policy.test ?? {};
  const before = setup === undefined ? {} : { setup };
  return { command: policy.ciCommand, ...before, timeoutMs, minTests: 0, flaky: 'pass', env };
}
