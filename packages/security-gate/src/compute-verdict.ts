/** Scan and audit → one verdict. Pure and total: what is not clearly clean does not pass. */
import { type Crashed, describeCrash, type Finding, type TestedCommits } from '@gatehouse/verdict';
import { total } from './adapters/total.ts';
import { dependencyPart } from './dependency-verdict.ts';
import { sanitizeText } from './sanitize-text.ts';
import type { DependencyAudit, Scanned, SecretFinding, SecretScan, SecurityVerdict } from './verdict.ts';
import { cannotDecide, type Part, part } from './verdict-part.ts';

/** File name of the report in the artefact store. */
export const REPORT_NAME = '17-security-report.md';

/** What blocks, what warns, and what is off. */
export interface SecurityPolicy {
  /** Off: the audit is not read and the report says so. */
  readonly depAuditEnabled: boolean;
  /** True: a feed that cannot answer defers the change instead of warning loudly. */
  readonly depFailClosed: boolean;
  /** What a bad lockfile change is; default `fail`. */
  readonly lockChanges?: 'fail' | 'warn';
  /** What a compressed file or an LFS pointer is, whose content was not scanned; default `warn`. */
  readonly unscannable?: 'warn' | 'error';
  /** What a gitlink is that no `.gitmodules` names; default `warn`. */
  readonly gitlinks?: 'warn' | 'block';
  /** What a new object is that is larger than `ScanRequest.largeBytes`; default `warn`. */
  readonly largeFiles?: 'warn' | 'block';
}

/** What may be given to `computeSecurityVerdict`. */
export interface SecurityVerdictRequest {
  /** What `scanSecrets` answered, whatever it was. */
  readonly scan: SecretScan | Crashed;
  /** Null when the audit is switched off. */
  readonly audit: DependencyAudit | Crashed | null;
  /** What blocks and what only warns; from the operator or from base. */
  readonly policy: SecurityPolicy;
  /** The commits that the answer is about. */
  readonly commits: TestedCommits;
  /** Fresh for every run; only a report that carries it is this run's. */
  readonly nonce: string;
  /** Digest of everything the verdict depends on besides the commits. */
  readonly configDigest: string;
}

/** A finding outweighs a fault: a leaked secret is certain, whatever a feed could not say. */
export function computeVerdict(request: SecurityVerdictRequest): SecurityVerdict {
  const { scan, audit, policy, commits, nonce, configDigest } = request;
  const parts = [secretPart(scan, policy), dependencyPart(audit, policy)];
  const findings = parts.flatMap((one) => one.findings);
  const warnings = parts.flatMap((one) => one.warnings);
  const faults = parts.flatMap(({ fault }) => (fault === null ? [] : [fault]));
  const shared = { findings, warnings, commits, artefact: REPORT_NAME };
  const bound = { commits, nonce, configDigest, scan, audit };
  const first = faults.find(({ cause }) => cause !== 'feed-down') ?? faults[0];
  if (findings.length > 0) {
    const reason = scan.kind === 'unrelated' ? UNRELATED.reason : whatIsAdded(scan, findings);
    const more = faults.map((fault) => `could not tell everything: ${fault.reason}`);
    return { ...bound, status: 'FAIL', check: { status: 'fail', reason, ...shared, warnings: [...warnings, ...more] } };
  }
  if (first === undefined)
    return {
      ...bound,
      status: 'PASS',
      check: { status: 'pass', reason: 'no new secret, no new known vulnerability', ...shared },
    };
  const status = first.cause === 'feed-down' ? 'defer' : 'error';
  return { ...bound, status: 'ERROR', check: { status, cause: first.cause, reason: first.reason, ...shared } };
}

/** The answer to arguments that cannot be read: an error, so that nothing opens. */
export function computeSecurityVerdict(request: SecurityVerdictRequest): SecurityVerdict {
  const reason = 'the verdict was asked for with arguments that cannot be read';
  const commits = { base: '', head: '' };
  return total(() => computeVerdict(request), {
    status: 'ERROR',
    check: { status: 'error', cause: 'crashed', reason, findings: [], warnings: [], commits, artefact: REPORT_NAME },
    commits,
    nonce: '',
    configDigest: '',
    scan: { kind: 'tool-failed', reason },
    audit: null,
  });
}

function whatIsAdded(scan: SecretScan | Crashed, findings: readonly Finding[]): string {
  const secrets = scan.kind === 'scanned' ? scan.introduced : 0;
  const entries = findings.filter(({ rule }) => rule.startsWith('entry/')).length;
  const others = findings.filter(({ rule }) => !/^(?:secret|entry)\//.test(rule)).length;
  const odd = entries === 0 ? '' : `, and ${plural(entries, 'file')} that the policy keeps out`;
  return `the change adds ${plural(secrets, 'secret')} and ${plural(others, 'dependency problem')}${odd}`;
}

const UNRELATED = {
  reason: 'the branch has no commit in common with main (unrelated history), so what it adds cannot be told',
  finding: {
    rule: 'unrelated-history',
    message:
      'the branch was not started from main: start a new branch from main, bring the changes over (git cherry-pick, or copy the files), and ask for that branch',
  },
} as const;

const plural = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

function secretPart(scan: SecretScan | Crashed, policy: SecurityPolicy): Part {
  switch (scan.kind) {
    case 'crashed':
      return part({ fault: { cause: 'crashed', reason: describeCrash(scan) } });
    case 'timeout':
      return cannotDecide('the secret scan ran out of time');
    case 'tool-failed':
      return cannotDecide(`the secret scan failed: ${scan.reason}`);
    case 'unrelated':
      return part({ findings: [UNRELATED.finding] });
    case 'scanned': {
      const { total: all, scanned, unscannable } = scan.objects;
      if (!(scanned + unscannable.length === all)) return cannotDecide('the scanned objects do not add up');
      const large = unscannable.find(({ reason }) => reason === 'too-large');
      const hidden = unscannable.length;
      const blind = large ?? (policy.unscannable === 'error' ? unscannable[0] : undefined);
      const findings = scan.findings.map(secretFinding);
      const rest = scan.introduced - findings.length;
      if (rest > 0)
        findings.push({ rule: 'secret/more', message: `${rest} more secrets were found and are not listed` });
      const warnings = [
        ...scan.preexisting.map((one) => `${one.rule} in ${placeOf(one)} stands on base already: rotate it there`),
        ...scan.allowed.map((one) => `${one.rule} in ${placeOf(one)} is allowed by base's policy (${one.fingerprint})`),
        ...scan.expired.map(
          (one) => `the allow entry ${sanitizeText(one.fingerprint)} expired on ${sanitizeText(one.expires)}`,
        ),
        ...unscannable.slice(0, 20).map((one) => `content not scanned (${one.reason}): ${one.path ?? one.oid}`),
        ...(hidden > 20 ? [`${hidden - 20} more objects whose content was not scanned`] : []),
        ...scan.trustFiles
          .slice(0, 50)
          .map((path) => `steers tools or agents, changed by the branch, had no effect: ${path}`),
      ];
      const odd = oddEntries(scan, policy);
      findings.push(...odd.findings);
      warnings.push(...odd.warnings);
      const fault =
        blind === undefined
          ? null
          : ({
              cause: 'tool-failed',
              reason: `${blind.path ?? blind.oid} cannot be scanned (${blind.reason})`,
            } as const);
      return part({ findings, warnings, fault });
    }
  }
}

const LISTED = 50;
const MIB = 1024 * 1024;

/** Gitlinks and large objects, each as a finding where the policy blocks it, else as a warning. */
function oddEntries(
  { strayLinks = [], large = [] }: Scanned,
  { gitlinks = 'warn', largeFiles = 'warn' }: SecurityPolicy,
): Pick<Part, 'findings' | 'warnings'> {
  const links = strayLinks.map(({ path, commit }) => ({
    rule: 'entry/gitlink',
    path,
    message: `${path} is a commit of another repository (${commit.slice(0, 12)}) that no .gitmodules names: whoever clones finds an empty folder. Take it out (git rm --cached) and commit its files, or add it with git submodule add.`,
  }));
  const files = large.map(({ path, oid, bytes }) => ({
    rule: 'entry/large-file',
    ...(path === undefined ? {} : { path }),
    message: `${path ?? oid} has ${(bytes / MIB).toFixed(1)} MiB, more than the policy allows. Keep it outside of the repository, and rewrite the branch without it: deleting it in a new commit leaves it in the history.`,
  }));
  const all = [
    { found: links, policy: gitlinks },
    { found: files, policy: largeFiles },
  ];
  const shown = (found: readonly Finding[]): readonly Finding[] => found.slice(0, LISTED);
  const more = (found: readonly Finding[]): readonly string[] =>
    found.length > LISTED ? [`${found.length - LISTED} more of ${found[0]?.rule ?? ''} are not listed`] : [];
  return {
    findings: all.flatMap(({ found, policy }) => (policy === 'block' ? shown(found) : [])),
    warnings: all.flatMap(({ found, policy }) => [
      ...(policy === 'block' ? [] : shown(found).map(({ rule, message }) => `${rule}: ${message}`)),
      ...more(found),
    ]),
  };
}

const placeOf = ({ path, where, blob, line }: SecretFinding): string =>
  where === 'branch-name'
    ? "the branch's name"
    : path === ''
      ? `${where} ${blob.slice(0, 12)}`
      : where === 'path-name'
        ? `the name ${path}`
        : `${path}:${line}`;

const WITHOUT_IT = 'rewrite the branch without it: deleting it in a new commit leaves it in the history.';
const UNDER_ANOTHER_NAME = 'push the branch under another name and delete this one.';

function secretFinding(one: SecretFinding): Finding {
  const encoded = one.encoding === 'text' ? '' : ` hidden as ${one.encoding}`;
  const message =
    `A secret (${one.length} characters${encoded}) stands in ${placeOf(one)}, column ${one.column}: ${one.why}. ` +
    `Rotate it, then ${one.where === 'branch-name' ? UNDER_ANOTHER_NAME : WITHOUT_IT} ` +
    `Fingerprint ${one.fingerprint}.`;
  return {
    rule: one.rule,
    message,
    line: one.line,
    ...(one.path === '' ? {} : { path: one.path }),
    ...(one.commit === null ? {} : { commit: one.commit }),
  };
}
