/** `gatehouse gate <name>`: one gate on one branch of any repository, from a shell, with nothing left behind. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileBaseline } from '@gatehouse/coverage-gate';
import { type GitRepo, validateRefName } from '@gatehouse/git';
import { fileLease } from '@gatehouse/merge-gate';
import type { CheckName } from '@gatehouse/stage-engine';
import type { CheckVerdict, LeaseProof, SkipCode } from '@gatehouse/verdict';
import { advisoryFeedFrom } from '../checks/advisory-feed.ts';
import type { CheckContext, CheckSubject } from '../checks/port.ts';
import { GATES, QG_CHECKS } from '../checks/registry.ts';
import { isMeantAsAddress } from '../forges/address.ts';
import { fetchHeads } from '../forges/git-remote.ts';
import { judgeRegistration } from '../forges/registration.ts';
import { remoteOf } from '../forges/remote-of.ts';
import { closestMatch } from '../platform/did-you-mean.ts';
import { makeDirectory } from '../platform/files.ts';
import { temporaryDirectory } from '../platform/temporary-directory.ts';
import { visibleLine } from '../platform/visible-text.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { GatePolicy } from '../policy/resolve-policy.ts';
import type { Settings } from '../settings.ts';
import { mirrorsIn } from '../workspace/mirrors.ts';
import { type Answer, EXIT, failure, type Terminal, usage } from './answer.ts';

export interface GateOptions {
  readonly repo: string;
  readonly branch: string;
  readonly base: string;
  readonly config?: string;
  readonly baseline?: string;
  readonly reports?: string;
  readonly allowGateChange?: boolean;
  readonly credential?: string;
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
  for (const branch of [options.branch, options.base]) {
    const valid = validateRefName(branch);
    if (valid.kind !== 'valid')
      return usage(`the branch name ${JSON.stringify(branch)} cannot be used: ${valid.reason}`);
  }
  if (options.config !== undefined && !existsSync(resolve(terminal.cwd, options.config)))
    return usage(`--config ${options.config}: there is no such file`);
  if (options.reports !== undefined) {
    const kept = await makeDirectory(resolve(terminal.cwd, options.reports));
    if (kept.kind !== 'written') return usage(`--reports ${options.reports}: ${kept.reason}`);
  }
  const directory = await temporaryDirectory('gatehouse-gate-');
  if (directory.kind !== 'made') return failure(`no temporary directory can be made: ${directory.reason}`);
  const found = await locate(options, directory.path, settings, terminal);
  const answer =
    found.kind === 'located'
      ? await runChecks(name, checks, { ...found, options, settings, terminal, directory: directory.path })
      : found.answer;
  await directory.remove();
  return answer;
}

interface Located {
  readonly git: GitRepo;
  readonly subject: CheckSubject;
  readonly policy: GatePolicy;
}
interface GateContext extends Located {
  readonly options: GateOptions;
  readonly settings: Settings;
  readonly terminal: Terminal;
  readonly directory: string;
}

type LocatedAnswer = ({ readonly kind: 'located' } & Located) | { readonly kind: 'nowhere'; readonly answer: Answer };

/** Fetches the repository into the directory and resolves both branches and the base's own gate definition. */
async function locate(
  options: GateOptions,
  directory: string,
  settings: Settings,
  terminal: Terminal,
): Promise<LocatedAnswer> {
  const nowhere = (answer: Answer): LocatedAnswer => ({ kind: 'nowhere', answer });
  const local = options.repo.startsWith('file:///') ? fileURLToPath(options.repo) : resolve(terminal.cwd, options.repo);
  const isLocal = existsSync(local);
  if (!isLocal && !isMeantAsAddress(options.repo))
    return nowhere(usage(`--repo ${options.repo}: there is no such directory`));
  const judged = judgeRegistration(
    isLocal ? { path: local } : { url: options.repo, credential: options.credential },
    settings,
  );
  if (judged.kind === 'refused') return nowhere(usage(`--repo: ${judged.reason}; ${judged.next}`));
  terminal.err(`gatehouse: fetching ${visibleLine(options.repo)} …\n`);
  const repo = { id: 'shell', ...judged, main: options.base };
  const remote = remoteOf({ ...judged, credentials: settings.credentials });
  const mirrors = mirrorsIn(directory, () => ({ fetch: (request) => fetchHeads(remote, request) }));
  const mirror = await mirrors.refresh(repo, terminal.signal);
  // Ctrl-C leaves a fetch behind, which would go on in a directory that is being removed.
  await mirrors.close();
  if (mirror.kind !== 'fresh') return nowhere(failure(`${options.repo} cannot be read: ${mirror.reason}`));
  const base = mirror.heads[options.base];
  const head = mirror.heads[options.branch];
  const known = Object.keys(mirror.heads);
  if (base === undefined)
    return nowhere(usage(unknownBranch(options.repo, options.base, known, 'pass another with --base')));
  if (head === undefined) return nowhere(usage(unknownBranch(options.repo, options.branch, known, 'push it first')));
  const operatorFile = options.config === undefined ? '' : resolve(terminal.cwd, options.config);
  const loaded = await loadPolicy({ git: mirror.git, base, operatorFile, settings, signal: terminal.signal });
  if (loaded.kind === 'invalid') return nowhere(usage(loaded.problems.join('\n           ')));
  if (loaded.kind !== 'policy') return nowhere(failure(loaded.reason));
  const subject = {
    repo: 'shell',
    holder: `shell-${process.pid}`,
    branch: options.branch,
    main: options.base,
    base,
    head,
  };
  return { kind: 'located', git: mirror.git, subject, policy: loaded.policy };
}

function unknownBranch(repo: string, branch: string, known: readonly string[], otherwise: string): string {
  const hint =
    known.length === 0 ? 'it has no branch at all' : `did you mean ${closestMatch(branch, known)}? (${otherwise})`;
  return `${repo} has no branch ${JSON.stringify(branch)}; ${hint}`;
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
  const json = name === 'all' ? { status, ...code, checks: answers } : last;
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
