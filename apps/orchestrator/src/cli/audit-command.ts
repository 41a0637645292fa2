/** `gatehouse audit`: the health of a main, with nothing left behind. What it runs is loaded by then. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { processEnvironment } from '../platform/process-environment.ts';
import { temporaryDirectory } from '../platform/temporary-directory.ts';
import type { Settings } from '../settings.ts';
import { type Answer, failure, type Terminal, usage } from './answer.ts';
import type { Api } from './api-client.ts';
import { locate } from './checkout/locate.ts';
import type { Located, LocateOptions } from './checkout/located.ts';
import { chooseOutputs, type OutputOptions } from './formats/choose-outputs.ts';
import type { CheckedView, GateReport } from './formats/report.ts';
import { writeOutputs } from './formats/write-outputs.ts';
import { registeredPlace } from './registered-place.ts';

export interface AuditOptions extends Omit<LocateOptions, 'branch' | 'mainAlone'>, OutputOptions {
  readonly history?: boolean;
  readonly config?: string;
  /** True: where the CI system wants it; a file; false: nowhere. [true] */
  readonly summary?: boolean | string;
}

export interface AuditScene {
  readonly settings: Settings;
  readonly terminal: Terminal;
  /** Asked only where `--repo` names neither a directory nor an address. */
  readonly api: () => Promise<Api>;
}

export async function auditCommand(options: AuditOptions, scene: AuditScene): Promise<Answer> {
  const { terminal } = scene;
  const chosen = chooseOutputs(options);
  if (chosen.kind === 'unclear') return usage(chosen.problem);
  if (options.config !== undefined && !existsSync(resolve(terminal.cwd, options.config)))
    return usage(`--config ${options.config}: there is no such file`);
  const registered = await registeredPlace(options.repo, scene);
  if (registered.kind === 'refused') return registered.answer;
  const asked: AuditOptions =
    registered.kind === 'place' ? options : { ...withoutGaps(registered), ...options, repo: registered.repo };
  const directory = await temporaryDirectory('gatehouse-audit-');
  if (directory.kind !== 'made') return failure(`no temporary directory can be made: ${directory.reason}`);
  const found = await locate({ ...asked, mainAlone: true }, { directory: directory.path, terminal });
  const answer = found.kind === 'located' ? await auditOn(asked, found, scene) : found.answer;
  await directory.remove();
  if (!('checks' in answer)) return answer;
  const summary = options.summary ?? true;
  return writeOutputs(answer, { outputs: chosen.outputs, cwd: terminal.cwd, summary, env: processEnvironment() });
}

/** What the service knows of a repository; what the caller says goes before it. */
const withoutGaps = (known: {
  readonly main: string | undefined;
  readonly policy: string | undefined;
  readonly credential: string | undefined;
}) => ({
  ...(known.main === undefined ? {} : { base: known.main }),
  ...(known.policy === undefined || !existsSync(known.policy) ? {} : { config: known.policy }),
  ...(known.credential === undefined ? {} : { credential: known.credential }),
});

async function auditOn(
  options: AuditOptions,
  { git, subject, view }: Located,
  { settings, terminal }: AuditScene,
): Promise<GateReport | Answer> {
  const { signal, progress } = terminal;
  const commit = subject.base;
  const operatorFile = options.config === undefined ? '' : resolve(terminal.cwd, options.config);
  const { loadPolicy } = await import('../policy/load-policy.ts');
  const loaded = await loadPolicy({ git, base: commit, operatorFile, settings, signal });
  if (loaded.kind === 'invalid') return usage(loaded.problems.join('\n           '));
  if (loaded.kind !== 'policy') return failure(loaded.reason);
  const history = options.history === true;
  progress?.step({ what: `auditing ${history ? 'the history of ' : ''}${commit.slice(0, 12)}` });
  const { auditMain } = await import('../checks/audit-main.ts');
  const { advisoryFeedFrom } = await import('../checks/advisory-feed.ts');
  const started = performance.now();
  const feed = advisoryFeedFrom(settings);
  const { check } = await auditMain({ git, commit, policy: loaded.policy, settings, feed, history, signal });
  const checked: CheckedView = {
    check: 'audit_repository',
    status: check.status,
    ...('cause' in check ? { cause: check.cause } : {}),
    reason: check.reason,
    base_sha: commit,
    head_sha: commit,
    findings: check.findings,
    warnings: check.warnings,
    duration_ms: Math.round(performance.now() - started),
  };
  return { gate: 'audit', status: check.status, checks: [checked], not_asked: [], subject: view };
}
