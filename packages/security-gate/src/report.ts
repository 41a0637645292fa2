/**
 * `17-security-report.md`: the verdict in the front matter, bound to its commits, its run and its configuration; the
 * body is for people. Reading back trusts nothing but a front that agrees with itself and with what the caller expects.
 */
import { type Keys, readArtefact, type WriteAnswer, writeArtefact } from '@gatehouse/artefact';
import type { Cause, CheckVerdict, Crashed } from '@gatehouse/verdict';
import { REPORT_NAME } from './compute-verdict.ts';
import { sanitizeMarkdown, sanitizeText } from './sanitize-text.ts';
import type { SecurityVerdict } from './verdict.ts';

const CAUSES = ['none', 'feed-down', 'tool-failed', 'crashed'] as const;

const KEYS = {
  security_status: ['PASS', 'FAIL', 'ERROR'],
  check_status: ['pass', 'fail', 'defer', 'error'],
  cause: CAUSES,
  reason: 'string',
  base_sha: 'string',
  head_sha: 'string',
  run_nonce: 'string',
  config_digest: 'string',
  engines: 'string',
  objects_total: 'integer',
  objects_scanned: 'integer',
  objects_unscannable: 'integer',
  secrets_introduced: 'integer',
  secrets_preexisting: 'integer',
  secrets_allowed: 'integer',
  advisories_introduced: 'integer',
  dep_audit: 'string',
  findings: 'integer',
  warnings: 'integer',
} as const satisfies Keys;

/** The front matter of a report, for readers who only show it. A verdict is read by `readSecurityVerdict`. */
export const SECURITY_REPORT_KEYS: Keys = KEYS;

/** Where a verdict goes. `mode` as for `writeArtefact`: default `create`. */
export interface SecurityReportRequest {
  /** The caller's own store; never a directory that a branch can write to. */
  readonly dir: string;
  /** What is reported. */
  readonly verdict: SecurityVerdict;
  /** `create` (the default) refuses what stands there already, `replace` takes its place. */
  readonly mode?: 'create' | 'replace';
}

/** What a report must be about to be believed. */
export interface ReadBackRequest {
  /** The caller's own store; never a directory that a branch can write to. */
  readonly dir: string;
  /** What the report must say of itself. */
  readonly expect: {
    /** Full object name of the commit of main. */
    readonly base: string;
    /** Full object name of the branch's own commit. */
    readonly head: string;
    /** Fresh for every run; only a report that carries it is this run's. */
    readonly nonce: string;
    /** Digest of everything the verdict depends on besides the commits. */
    readonly configDigest: string;
  };
}

/** `check` has no findings: they are in the body, which is never parsed. */
export type ReadBack =
  | {
      readonly kind: 'verdict';
      /** The machine verdict; only `PASS` opens. */
      readonly status: 'PASS' | 'FAIL' | 'ERROR';
      /** The same for the engine. */
      readonly check: CheckVerdict;
      /** SHA-256 of the report's bytes, in hex. */
      readonly digest: string;
    }
  | {
      readonly kind: 'rejected';
      /** Why there is no verdict. */
      readonly reason: string;
    };

/** See `writeSecurityReport` in index.ts. */
export async function writeReport({
  dir,
  verdict,
  mode = 'create',
}: SecurityReportRequest): Promise<WriteAnswer | Crashed> {
  const { scan, audit, check, commits } = verdict;
  const scanned = scan.kind === 'scanned' ? scan : null;
  const front = {
    security_status: verdict.status,
    check_status: check.status,
    cause: 'cause' in check ? check.cause : 'none',
    reason: sanitizeText(check.reason),
    base_sha: commits.base,
    head_sha: commits.head,
    run_nonce: verdict.nonce,
    config_digest: verdict.configDigest,
    engines: scanned?.engines.join(', ') ?? '',
    objects_total: scanned?.objects.total ?? 0,
    objects_scanned: scanned?.objects.scanned ?? 0,
    objects_unscannable: scanned?.objects.unscannable.length ?? 0,
    secrets_introduced: scanned?.introduced ?? 0,
    secrets_preexisting: scanned?.standing ?? scanned?.preexisting.length ?? 0,
    secrets_allowed: scanned?.allowed.length ?? 0,
    advisories_introduced: audit?.kind === 'audited' ? audit.introduced.length : 0,
    dep_audit: audit === null ? 'off' : hasGaps(audit) ? 'audited with gaps' : audit.kind,
    findings: check.findings.length,
    warnings: check.warnings.length,
  };
  return writeArtefact({ dir, name: REPORT_NAME, front, body: bodyOf(verdict), mode });
}

const hasGaps = (audit: NonNullable<SecurityVerdict['audit']>): boolean =>
  audit.kind === 'audited' && (audit.gaps ?? []).length > 0;

/** See `readSecurityVerdict` in index.ts. */
export async function readReport({ dir, expect }: ReadBackRequest): Promise<ReadBack | Crashed> {
  const read = await readArtefact({ dir, name: REPORT_NAME, keys: KEYS });
  if (read.kind === 'crashed') return read;
  if (read.kind === 'missing') return rejected('there is no report');
  if (read.kind !== 'read') return rejected(read.reason);
  const { front } = read;
  if (front.base_sha !== expect.base) return rejected('the report is about another base');
  if (front.head_sha !== expect.head) return rejected('the report is about another head');
  if (front.run_nonce !== expect.nonce) return rejected('the report is of another run');
  if (front.config_digest !== expect.configDigest) return rejected('the report was made under another configuration');
  if (expect.nonce === '' || expect.head === '') return rejected('nothing was expected');
  const { security_status: status, check_status, cause, reason } = front;
  const passes = status === 'PASS' && check_status === 'pass' && cause === 'none';
  const fails = status === 'FAIL' && check_status === 'fail' && cause === 'none';
  const defers = status === 'ERROR' && check_status === 'defer' && cause === 'feed-down';
  const errs = status === 'ERROR' && check_status === 'error' && cause !== 'none';
  if (!passes && !fails && !defers && !errs) return rejected('the report contradicts itself');
  const { objects_total: total, objects_scanned: scanned, objects_unscannable: hidden } = front;
  if (passes && (front.findings !== 0 || front.secrets_introduced !== 0 || front.advisories_introduced !== 0))
    return rejected('a pass with findings');
  if (scanned + hidden !== total || scanned < 0 || hidden < 0) return rejected('the objects do not add up');
  if (fails && front.findings < 1) return rejected('a fail without a finding');
  const shared = {
    reason,
    findings: [],
    warnings: [],
    commits: { base: expect.base, head: expect.head },
    artefact: REPORT_NAME,
  };
  const check: CheckVerdict =
    cause === 'none'
      ? { status: passes ? 'pass' : 'fail', ...shared }
      : { status: defers ? 'defer' : 'error', cause: cause satisfies Cause, ...shared };
  return { kind: 'verdict', status, check, digest: read.digest };
}

const rejected = (reason: string): ReadBack => ({ kind: 'rejected', reason: sanitizeText(reason) });

function bodyOf({ status, check, commits, scan }: SecurityVerdict): string {
  const lines = [`# Security: ${status}`, '', sanitizeMarkdown(check.reason), ''];
  lines.push(`Base \`${sanitizeText(commits.base)}\`, head \`${sanitizeText(commits.head)}\`.`, '');
  if (check.findings.length > 0) lines.push('## Findings', '');
  for (const { rule, message, path, line, commit } of check.findings) {
    const place = path === undefined ? '' : ` ${sanitizeMarkdown(path)}${line === undefined ? '' : `:${line}`}`;
    const since = commit === undefined ? '' : `, since commit ${commit.slice(0, 12)}`;
    lines.push(`- **${sanitizeMarkdown(rule)}**${place}${since}: ${sanitizeMarkdown(message)}`);
  }
  if (check.warnings.length > 0)
    lines.push('', '## Warnings', '', ...check.warnings.map((text) => `- ${sanitizeMarkdown(text)}`));
  if (scan.kind === 'scanned')
    lines.push(
      '',
      `${scan.objects.scanned} of ${scan.objects.total} new objects scanned by ${scan.engines.join(', ')}.`,
    );
  return `${lines.join('\n')}\n`;
}
