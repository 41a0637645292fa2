/**
 * What the security gate can answer. Only `scanned` without findings and `audited` without introduced advisories open;
 * everything the gate could not find out is a kind of its own and never reads as clean.
 */
import type { CheckVerdict, Crashed, TestedCommits } from '@gatehouse/verdict';
import type { FeedGap } from './feed.ts';

/** A place where a secret stands. The secret itself is in no field; see README, "Fingerprints". */
export interface SecretFinding {
  /** For example `secret/github` or `secret/generic-assignment`. */
  readonly rule: string;
  /** Why it counts, in words that continue a sentence: `it has the form that GitHub documents`. */
  readonly why: string;
  /** Path with control characters escaped and any secret in the path itself masked; empty for a commit or tag. */
  readonly path: string;
  /** The first commit of the branch that holds it; null when only a tag names it. */
  readonly commit: string | null;
  /** The object it stands in. */
  readonly blob: string;
  /** 1-based; columns count UTF-16 units of the decoded text. */
  readonly line: number;
  /** 1-based, in UTF-16 units of the decoded text. */
  readonly column: number;
  /** Length of the secret in characters. */
  readonly length: number;
  /** Stable across runs and rebases; what an allow entry names. */
  readonly fingerprint: string;
  /** What part of the object holds it. */
  readonly where: 'content' | 'symlink-target' | 'path-name' | 'branch-name' | 'commit' | 'tag';
  /** How it was hidden, when it was not plain text. */
  readonly encoding: 'text' | 'utf-16' | 'invisible-characters' | 'base64' | 'hex' | 'escape' | 'archive';
  /** In how many places of the branch the same secret stands under the same rule and path. */
  readonly count: number;
}

/** A known false alarm, given by the caller from the policy of the **base** commit. */
export interface AllowEntry {
  /** The finding it is about, as a report names it. */
  readonly fingerprint: string;
  /** The path it is about. */
  readonly path: string;
  /** Why it is a false alarm. */
  readonly reason: string;
  /** Last valid day, `YYYY-MM-DD` in UTC. Anything else counts as expired. */
  readonly expires: string;
}

/** An object whose content could not be scanned. It is counted, and it is named. */
export interface Unscannable {
  /** Full object name. */
  readonly oid: string;
  /** Where it stands, as far as known. */
  readonly path?: string;
  /** Why it was not scanned. */
  readonly reason: 'too-large' | 'compressed' | 'lfs-pointer';
}

/** A commit of another repository, as an entry of a tree. */
export interface Gitlink {
  /** Relative to the root of the commit; secrets masked. */
  readonly path: string;
  /** The commit that it names; full object name. */
  readonly commit: string;
}

/** A new object that is larger than the policy allows. */
export interface LargeObject {
  /** Full object name. */
  readonly oid: string;
  /** Where it stands, as far as known; secrets masked. */
  readonly path?: string;
  /** At least so large. */
  readonly bytes: number;
}

/** Every new object was accounted for and every canary was found. */
export interface Scanned {
  readonly kind: 'scanned';
  /** Secrets that base does not have. At most 50 are listed, 500 of a whole repository; `introduced` counts all. */
  readonly findings: readonly SecretFinding[];
  /** How many secrets base does not have, listed or not. */
  readonly introduced: number;
  /** Secrets that stand in base already: a warning, no fault of the change. */
  readonly preexisting: readonly SecretFinding[];
  /** How many secrets stand in base already, listed or not. Absent: as many as are listed. */
  readonly standing?: number;
  /** Findings that an allow entry of base covers. */
  readonly allowed: readonly SecretFinding[];
  /** Allow entries that match a finding but are past their day. */
  readonly expired: readonly AllowEntry[];
  /** What was looked at. */
  readonly objects: {
    /** New objects. */
    readonly total: number;
    /** Those whose content was scanned. */
    readonly scanned: number;
    /** Those whose content was not, each with its reason. */
    readonly unscannable: readonly Unscannable[];
  };
  /** The sets of rules that were run, with versions. */
  readonly engines: readonly string[];
  /** Gitlinks that the branch adds or moves and that no `.gitmodules` names. */
  readonly strayLinks?: readonly Gitlink[];
  /** New objects, of any commit of the branch, that are larger than `largeBytes`. */
  readonly large?: readonly LargeObject[];
  /** Files the branch changed that steer scanners, agents, package managers or CI. */
  readonly trustFiles: readonly string[];
}

/** The gate could not scan. Never clean, and no change is at fault. */
export interface ScanFailed {
  readonly kind: 'tool-failed';
  /** What could not be done, in one line. */
  readonly reason: string;
}

/** The deadline passed. Nothing is said about the change. */
export interface TimedOut {
  readonly kind: 'timeout';
}

/** Branch and base have no commit in common, so nothing says what the branch adds. Its author can act. */
export interface UnrelatedHistory {
  readonly kind: 'unrelated';
}

/** What `scanSecrets` can answer. Only `scanned` says anything about the change. */
export type SecretScan = Scanned | UnrelatedHistory | ScanFailed | TimedOut;

/** `unknown` counts as `high`: an ungraded advisory is not harmless. */
export type Severity = 'low' | 'moderate' | 'high' | 'critical' | 'unknown';

/** One known vulnerability of a package that a lockfile installs. */
export interface Advisory {
  /** The advisory's own name, for example `GHSA-…`. */
  readonly id: string;
  /** Its names elsewhere, for example `CVE-…`. */
  readonly aliases: readonly string[];
  /** Name of the package. */
  readonly package: string;
  /** Installed versions it applies to. */
  readonly versions: readonly string[];
  /** How bad it is. */
  readonly severity: Severity;
  /** What it is about, in one line. */
  readonly title: string;
  /** Where a person reads about it. */
  readonly url: string;
}

/** A change of a lockfile that is wrong without asking any feed. */
export interface LockChange {
  /** What is wrong; `lock/new-install-script` only warns. */
  readonly rule:
    | 'lock/integrity-changed'
    | 'lock/weak-integrity'
    | 'lock/no-integrity'
    | 'lock/foreign-host'
    | 'lock/not-from-registry'
    | 'lock/other-package'
    | 'lock/link-outside'
    | 'lock/install-script'
    | 'lock/new-install-script'
    | 'lock/deleted';
  /** The lockfile. */
  readonly path: string;
  /** The package it is about; empty where the whole file is. */
  readonly package: string;
  /** The change in one line. */
  readonly detail: string;
}

/** Dependencies that the audit could not look at. */
export interface UnreadDependencies {
  /** The file. */
  readonly path: string;
  /** Why, in one line. */
  readonly why: string;
  /** Whether the branch added or changed it. */
  readonly isChanged: boolean;
}

interface LockFacts {
  /** Changes of lockfiles that are wrong without asking any feed. */
  readonly changes: readonly LockChange[];
  /** Dependency files of head that nobody read, at most 50. */
  readonly unread?: readonly UnreadDependencies[];
}

/** What `auditDependencies` can answer. Only `audited` without `introduced` is clean. */
export type DependencyAudit =
  | (LockFacts & {
      readonly kind: 'audited';
      /** (package, advisory) pairs that base does not have, at or above the threshold. */
      readonly introduced: readonly Advisory[];
      /** Pairs that base has too, or that are below the threshold. */
      readonly preexisting: readonly Advisory[];
      /** Pairs that base does not have and that are below the threshold. */
      readonly belowThreshold: readonly Advisory[];
      /** Installed package versions that were asked about. */
      readonly packages: number;
      /** Who was asked. */
      readonly feed: {
        /** What the feed is called. */
        readonly name: string;
      };
      /** Ecosystems that nobody answered for, with how many package versions of it the branch adds. */
      readonly gaps?: readonly (FeedGap & {
        /** Absent counts as some. */
        readonly added?: number;
      })[];
    })
  | (LockFacts & {
      readonly kind: 'unreachable';
      /** Why, in one line for a person. */
      readonly reason: string;
    })
  | (LockFacts & {
      readonly kind: 'malformed';
      /** Why, in one line for a person. */
      readonly reason: string;
    })
  | {
      readonly kind: 'lock-unreadable';
      /** The lockfile. */
      readonly path: string;
      /** Where it cannot be read: `head` alone means that the branch broke it. */
      readonly side: 'head' | 'base' | 'both';
      /** Why, in one line for a person. */
      readonly reason: string;
    }
  | { readonly kind: 'none' }
  | ScanFailed
  | TimedOut;

/** What the gate as a whole decided, bound to what it decided about. */
export interface SecurityVerdict {
  /** The machine verdict; only `PASS` opens. */
  readonly status: 'PASS' | 'FAIL' | 'ERROR';
  /** What it means for the engine, findings included. */
  readonly check: CheckVerdict;
  /** The commits it is bound to. */
  readonly commits: TestedCommits;
  /** Fresh for every run; only a report that carries it is this run's. */
  readonly nonce: string;
  /** Digest of everything the verdict depends on besides the commits. */
  readonly configDigest: string;
  /** What `scanSecrets` answered, whatever it was. */
  readonly scan: SecretScan | Crashed;
  /** Null when the dependency audit is switched off. */
  readonly audit: DependencyAudit | Crashed | null;
}
