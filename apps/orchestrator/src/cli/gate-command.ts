/** `gatehouse gate <name>`: one gate on one branch of any repository, from a shell, with nothing left behind. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileBaseline } from '@gatehouse/coverage-gate';
import { fileLease } from '@gatehouse/merge-gate';
import type { CheckName } from '@gatehouse/stage-engine';
import type { CheckVerdict, LeaseProof, SkipCode } from '@gatehouse/verdict';
import { advisoryFeedFrom } from '../checks/advisory-feed.ts';
import type { CheckContext, CheckSubject } from '../checks/port.ts';
import { GATES, QG_CHECKS } from '../checks/registry.ts';
import { closestMatch } from '../platform/did-you-mean.ts';
import { makeDirectory } from '../platform/files.ts';
import { temporaryDirectory } from '../platform/temporary-directory.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import type { Settings } from '../settings.ts';
import { type Answer, EXIT, failure, type Terminal, usage } from './answer.ts';
import { type Located, type LocateOptions, locate } from './checkout/locate.ts';

export interface GateOptions extends LocateOptions {
  readonly config?: string;
  readonly baseline?: string;
  readonly reports?: string;
  readonly allowGateChange?: boolean;
}

export async function gateCommand(
  name: string,
  options: GateOptions,
  settings: Settings,
  terminal: Terminal,
): Promise<Answer> {
  const checks = GATES[name];
  if (checks === undefined)
    return usage(`no gate is called ${JSON.stringify(name)}; did you mean ${closestMatch(name, Object.keys(GATES))}?`);
  if (options.config !== undefined && !existsSync(resolve(terminal.cwd, options.config)))
    return usage(`--config ${options.config}: there is no such file`);
  if (options.reports !== undefined) {
    const kept = await makeDirectory(resolve(terminal.cwd, options.reports));
    if (kept.kind !== 'written') return usage(`--reports ${options.reports}: ${kept.reason}`);
  }
  const directory = await temporaryDirectory('gatehouse-gate-');
  if (directory.kind !== 'made') return failure(`no temporary directory can be made: ${directory.reason}`);
  const found = await locate(options, { directory: directory.path, settings, terminal });
  const scene = { options, settings, terminal, directory: directory.path };
  const answer = found.kind === 'located' ? await gateOn(name, checks, { ...scene, ...found }) : found.answer;
  await directory.remove();
  return answer;
}

/** By the base's own gate definition, or the operator's. */
async function gateOn(name: string, checks: readonly CheckName[], scene: Omit<GateContext, 'policy'>): Promise<Answer> {
  const { options, settings, terminal, git, subject } = scene;
  const operatorFile = options.config === undefined ? '' : resolve(terminal.cwd, options.config);
  const loaded = await loadPolicy({ git, base: subject.base, operatorFile, settings, signal: terminal.signal });
  if (loaded.kind === 'invalid') return usage(loaded.problems.join('\n           '));
  if (loaded.kind !== 'policy') return failure(loaded.reason);
  return runChecks(name, checks, { ...scene, policy: loaded.policy });
}

interface GateContext extends Located {
  readonly policy: GatePolicy;
  readonly options: GateOptions;
  readonly settings: Settings;
  readonly terminal: Terminal;
  readonly directory: string;
}

interface GateAnswer {
  readonly check: string;
  readonly status: CheckVerdict['status'];
  readonly code?: SkipCode;
  readonly [key: string]: unknown;
}

async function runChecks(name: string, checks: readonly CheckName[], scene: GateContext): Promise<Answer> {
  const answers: GateAnswer[] = [];
  let tested: string | undefined;
  for (const check of checks) {
    scene.terminal.err(`gatehouse: ${check} on ${scene.subject.head.slice(0, 12)} …\n`);
    const started = performance.now();
    const held: LeaseProof[] = [];
    const context = await contextOf(scene, tested, held);
    const verdict = await QG_CHECKS[check](context);
    for (const proof of held) await context.ports.lease.release(proof);
    tested = verdict.commits?.tested ?? tested;
    answers.push(
      checkAnswer(check, verdict, scene.subject, {
        tested,
        durationMs: Math.round(performance.now() - started),
        keepsReports: scene.options.reports !== undefined,
      }),
    );
    if (!opens(verdict)) break;
  }
  const last = answers.at(-1);
  const isPass = last?.status === 'skip' && last.code === undefined && answers.some((one) => one.status === 'pass');
  const status = isPass ? 'pass' : (last?.status ?? 'error');
  const code = last?.code === undefined ? {} : { code: last.code };
  const view = { subject: scene.view };
  const json = name === 'all' ? { status, ...code, checks: answers, ...view } : { ...last, ...view };
  return { exit: STATUS_EXIT[status], json, text: answers.map(asText).join('\n') };
}

/** A skip that has a code ends the matter: nothing is to be checked any more. */
const opens = (verdict: CheckVerdict): boolean =>
  verdict.status === 'pass' || (verdict.status === 'skip' && verdict.code === undefined);

const STATUS_EXIT: Readonly<Record<CheckVerdict['status'], number>> = {
  pass: EXIT.pass,
  skip: EXIT.pass,
  fail: EXIT.fail,
  error: EXIT.error,
  defer: EXIT.defer,
};

async function contextOf(scene: GateContext, tested: string | undefined, held: LeaseProof[]): Promise<CheckContext> {
  const { options, settings, terminal, directory, git, policy, subject } = scene;
  const reportsDir =
    options.reports === undefined ? join(directory, 'reports') : resolve(terminal.cwd, options.reports);
  await makeDirectory(reportsDir);
  const lease = fileLease(join(directory, 'leases'));
  const user = createHash('sha256').update(options.repo).digest('hex').slice(0, 8);
  return {
    subject: { ...subject, ...(tested === undefined ? {} : { tested }) },
    allowGateChange: options.allowGateChange === true,
    git,
    policy,
    settings,
    signal: terminal.signal,
    workspace: { slotDir: join(directory, `slot-${user}`), reportsDir, logDir: reportsDir },
    ports: {
      lease: {
        ...lease,
        acquire: async (request) => {
          const answer = await lease.acquire(request);
          if (answer.kind === 'acquired') held.push(answer.proof);
          return answer;
        },
      },
      results: { lookup: async () => 'none', record: async () => {} },
      baseline: () =>
        options.baseline === undefined ? noBaseline : fileBaseline(resolve(terminal.cwd, options.baseline)),
      feed: advisoryFeedFrom(settings),
      record: async (run) => {
        terminal.err(
          `gatehouse: ${run.purpose} run: ${run.outcome} after ${Math.round(run.durationMs / 100) / 10} s\n`,
        );
      },
    },
  };
}

const noBaseline = { read: async () => null, compareAndSet: async () => false };

function checkAnswer(
  check: string,
  verdict: CheckVerdict,
  subject: CheckSubject,
  more: { readonly tested: string | undefined; readonly durationMs: number; readonly keepsReports: boolean },
): GateAnswer {
  return {
    check,
    status: verdict.status,
    ...('cause' in verdict ? { cause: verdict.cause } : {}),
    ...(verdict.status === 'skip' && verdict.code !== undefined ? { code: verdict.code } : {}),
    reason: verdict.reason,
    base_sha: verdict.commits?.base ?? subject.base,
    head_sha: verdict.commits?.head ?? subject.head,
    ...(more.tested === undefined ? {} : { tested_sha: more.tested }),
    findings: verdict.findings,
    warnings: verdict.warnings,
    ...(verdict.artefact !== undefined && more.keepsReports ? { artefact: verdict.artefact } : {}),
    duration_ms: more.durationMs,
  };
}

function asText(answer: GateAnswer): string {
  const findings = (answer['findings'] as CheckVerdict['findings']).map((finding) => {
    const place =
      finding.path === undefined ? '' : ` ${finding.path}${finding.line === undefined ? '' : `:${finding.line}`}`;
    return `  - ${finding.rule}${place}: ${finding.message}`;
  });
  const warnings = (answer['warnings'] as readonly string[]).map((warning) => `  ! ${warning}`);
  return [
    `${answer.status.toUpperCase().padEnd(5)} ${answer.check}: ${String(answer['reason'])}`,
    ...findings,
    ...warnings,
  ].join('\n');
}
