/**
 * What the security gate can answer. Only `scanned` without findings and `audited` without introduced advisories open;
 * everything the gate could not find out is a kind of its own and never reads as clean.
 */
import type { CheckVerdict, Crashed, TestedCommits } from '@gatehouse/verdict';

/** A place where a secret stands. The secret itself is in no field; see README, "Fingerprints". */
export interface SecretFinding {
  /** For example `secret/github` or `secret/generic-assignment`. */
  readonly rule: string;
  /** Path with control characters escaped and any secret in the path itself masked; empty for a commit or tag. */
  readonly path: string;
  /** The first commit of the branch that holds it; null when only a tag names it. */
  readonly commit: string | null;
  /** The object it stands in. */
  readonly blob: string;
  /** 1-based; columns count UTF-16 units of the decoded text. */
  readonly line: number;
  readonly column: number;
  /** Length of the secret in characters. */
  readonly length: number;
  /** Stable across runs and rebases; what an allow entry names. */
  readonly fingerprint: string;
  readonly where: 'content' | 'symlink-target' | 'path-name' | 'commit' | 'tag';
  /** How it was hidden, when it was not plain text. */
  readonly encoding: 'text' | 'utf-16' | 'invisible-characters' | 'base64' | 'hex';
  /** In how many places of the branch the same secret stands under the same rule and path. */
  readonly count: number;
}

/** A known false alarm, given by the caller from the policy of the **base** commit. */
export interface AllowEntry {
  readonly fingerprint: string;
  readonly path: string;
  readonly reason: string;
  /** Last valid day, `YYYY-MM-DD` in UTC. Anything else counts as expired. */
  readonly expires: string;
}

/** An object whose content could not be scanned. It is counted, and it is named. */
export interface Unscannable {
  readonly oid: string;
  readonly path?: string;
  readonly reason: 'too-large' | 'compressed' | 'lfs-pointer';
}

/** Every new object was accounted for and every canary was found. */
export interface Scanned {
  readonly kind: 'scanned';
  /** Secrets that base does not have. At most 50 are listed; `introduced` counts all. */
  readonly findings: readonly SecretFinding[];
  readonly introduced: number;
  /** Secrets that stand in base already: a warning, no fault of the change. */
  readonly preexisting: readonly SecretFinding[];
  /** Findings that an allow entry of base covers. */
  readonly allowed: readonly SecretFinding[];
  /** Allow entries that match a finding but are past their day. */
  readonly expired: readonly AllowEntry[];
  readonly objects: { readonly total: number; readonly scanned: number; readonly unscannable: readonly Unscannable[] };
  readonly engines: readonly string[];
  /** Files the branch changed that steer scanners, agents, package managers or CI. */
  readonly trustFiles: readonly string[];
}

/** The gate could not scan. Never clean, and no change is at fault. */
export interface ScanFailed {
  readonly kind: 'tool-failed';
  readonly reason: string;
}

export interface TimedOut {
  readonly kind: 'timeout';
}

/** Branch and base have no commit in common, so nothing says what the branch adds. Its author can act. */
export interface UnrelatedHistory {
  readonly kind: 'unrelated';
}

export type SecretScan = Scanned | UnrelatedHistory | ScanFailed | TimedOut;

/** `unknown` counts as `high`: an ungraded advisory is not harmless. */
export type Severity = 'low' | 'moderate' | 'high' | 'critical' | 'unknown';

/** One known vulnerability of a package that a lockfile installs. */
export interface Advisory {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly package: string;
  /** Installed versions it applies to. */
  readonly versions: readonly string[];
  readonly severity: Severity;
  readonly title: string;
  readonly url: string;
}

/** A change of a lockfile that is wrong without asking any feed. */
export interface LockChange {
  readonly rule:
    | 'lock/integrity-changed'
    | 'lock/foreign-host'
    | 'lock/not-from-registry'
    | 'lock/no-integrity'
    | 'lock/deleted';
  readonly path: string;
  readonly package: string;
  readonly detail: string;
}

interface LockFacts {
  readonly changes: readonly LockChange[];
}

export type DependencyAudit =
  | (LockFacts & {
      readonly kind: 'audited';
      /** (package, advisory) pairs that base does not have, at or above the threshold. */
      readonly introduced: readonly Advisory[];
      /** Pairs that base has too, or that are below the threshold. */
      readonly preexisting: readonly Advisory[];
      readonly belowThreshold: readonly Advisory[];
      /** Installed package versions that were asked about. */
      readonly packages: number;
      readonly feed: { readonly name: string };
    })
  | (LockFacts & { readonly kind: 'unreachable'; readonly reason: string })
  | (LockFacts & { readonly kind: 'malformed'; readonly reason: string })
  | {
      readonly kind: 'lock-unreadable';
      readonly path: string;
      readonly side: 'head' | 'base' | 'both';
      readonly reason: string;
    }
  | { readonly kind: 'none' }
  | ScanFailed
  | TimedOut;

/** What the gate as a whole decided, bound to what it decided about. */
export interface SecurityVerdict {
  readonly status: 'PASS' | 'FAIL' | 'ERROR';
  readonly check: CheckVerdict;
  readonly commits: TestedCommits;
  readonly nonce: string;
  readonly configDigest: string;
  readonly scan: SecretScan | Crashed;
  /** Null when the dependency audit is switched off. */
  readonly audit: DependencyAudit | Crashed | null;
}
