/**
 * What the coverage gate can answer; read this file first. Only `passed` opens, and `unknown` under an open policy,
 * loudly. Numbers are integers: lines, and thresholds in parts per million. Rule and sources: README.md.
 */

import type { CommandRun } from '@gatehouse/gate-run';
import type { LineRange } from '@gatehouse/git';
import type { Crashed, Finding, TestedCommits } from '@gatehouse/verdict';
import type { ReportFormat } from './readers/detect-format.ts';
import type { LineSet } from './readers/report-lines.ts';

/** A report, read. `covered` and `total` are counted from the bitsets, never taken from a summary. */
export interface ReadReport {
  readonly kind: 'read';
  readonly format: ReportFormat;
  readonly files: ReadonlyMap<string, LineSet>;
  readonly covered: number;
  readonly total: number;
  /** Records without a believable file or line number; they count nowhere. */
  readonly rejected: number;
  /** Counts that are no number; their lines count as uncovered. */
  readonly malformed: number;
  /** The report ends before its own end mark: the tool died while writing. */
  readonly truncated: boolean;
  readonly sha256: string;
  /** The name git gives to these bytes; equal to a blob of the commit when the report was committed. */
  readonly gitBlob: string;
  readonly diagnostics: readonly string[];
}

export interface UnreadableReport {
  readonly kind: 'unreadable';
  readonly reason: string;
}

/** What a finding does to the verdict: nothing, a warning, or a failure. */
export type FindingPolicy = 'off' | 'warn' | 'block';

export interface PatchPolicy {
  readonly minPpm: number;
  readonly policy: FindingPolicy;
  /** This many uncovered new lines are free, so that one line cannot fail a one-line patch. Default 1. */
  readonly slackLines?: number;
}

/** What the gate runs and demands. It comes from the operator or the base commit, never from the branch. */
export interface CoveragePolicy {
  /** Run by `sh -c` in the slot's root before the command, for example an installation. */
  readonly setup?: string;
  /** Run by `sh -c` in the slot's root; must write `report` and exit 0. */
  readonly command: string;
  /** Path relative to the slot's root. */
  readonly report: string;
  readonly mode: 'absolute' | 'baseline' | 'both';
  /** Least share of covered lines; null demands none. */
  readonly minPpm: number | null;
  /** How much of the total may be lost to flapping before the baseline rule fails. */
  readonly epsilonPpm: number;
  readonly timeoutMs: number;
  readonly setupTimeoutMs?: number;
  readonly graceMs?: number;
  readonly patch?: PatchPolicy;
  /** True: a measurement that could not be made is an `error`; false: it passes with a loud warning. */
  readonly failClosed: boolean;
  /** Names of environment variables the commands may see. */
  readonly env: readonly string[];
  readonly setEnv?: Readonly<Record<string, string>>;
  /** Measured before, still in the tree, not in the report. Judged as uncovered unless `off`. Default `warn`. */
  readonly vanished?: FindingPolicy;
  /** Changed source files the report does not know. Default `warn`. */
  readonly unmeasured?: FindingPolicy;
  /** Added comments that switch measuring off; each is an uncovered patch line unless `off`. Default `warn`. */
  readonly pragmas?: FindingPolicy;
  /** Changed configuration of coverage tools. Default `warn`. */
  readonly config?: FindingPolicy;
  /** Path prefixes whose files need not be measured, for example `scripts/`. */
  readonly ignore?: readonly string[];
}

export interface LineCounts {
  readonly covered: number;
  readonly total: number;
}

/** Covered and total lines of one file. */
export type FileCounts = readonly [covered: number, total: number];

/** What one commit's tests covered, in files of that commit only. */
export interface Measured extends LineCounts {
  readonly metric: 'lines';
  readonly format: ReportFormat;
  readonly files: Readonly<Record<string, FileCounts>>;
  readonly reportSha256: string;
  /** Per file, for patch coverage; not needed for a baseline. */
  readonly lines?: ReadonlyMap<string, LineSet>;
  /** All regular files of the commit, measured or not; without it nothing is known to have vanished. */
  readonly tracked?: ReadonlySet<string>;
}

/** Why nothing was measured although the gate did its part. */
export type UnknownWhy =
  | 'command-failed'
  | 'setup-failed'
  | 'timeout'
  | 'killed'
  | 'output-limit'
  | 'survivors'
  | 'report-missing'
  | 'report-stale'
  | 'report-tracked'
  | 'report-not-a-file'
  | 'report-unreadable'
  | 'report-truncated'
  | 'nothing-measured';

export interface MeasureEvidence {
  readonly commit: string;
  readonly tree: string;
  readonly reportPath: string;
  readonly runs: readonly CommandRun[];
  readonly findings: readonly Finding[];
  readonly diagnostics: readonly string[];
  /** Files of the report that are not in the commit, or not certainly; they count nowhere. */
  readonly dropped: { readonly files: number; readonly examples: readonly string[] };
}

export interface MeasuredOutcome {
  readonly kind: 'measured';
  readonly measured: Measured;
  readonly evidence: MeasureEvidence;
}

export interface UnknownOutcome {
  readonly kind: 'unknown';
  readonly why: UnknownWhy;
  readonly reason: string;
  /** The run that decided it. */
  readonly run?: CommandRun;
  readonly evidence?: MeasureEvidence;
}

/** The gate could not do its own part: no checkout, no process. Says nothing about the change or its tools. */
export interface InfraOutcome {
  readonly kind: 'infra';
  readonly trouble: string;
  readonly reason: string;
}

export type MeasureOutcome = MeasuredOutcome | UnknownOutcome | InfraOutcome | Crashed;

/** The coverage record a branch is compared with: one per repository, branch, metric and command. */
export interface Baseline {
  /** Grows by one with every write; 1 is the first. */
  readonly seq: number;
  readonly metric: 'lines';
  readonly commandHash: string;
  /** The best landed share. Never down without an audited override. */
  readonly mark: LineCounts & { readonly commit: string };
  /** From where growth is counted: U₀ uncovered of T₀ lines. */
  readonly ref: { readonly uncovered: number; readonly total: number };
  readonly last: LineCounts & { readonly tree: string; readonly commit: string };
  readonly files: Readonly<Record<string, FileCounts>>;
}

/** What a patch did to one file of head. */
export interface FilePatch {
  readonly from?: string;
  readonly status: 'A' | 'M' | 'D' | 'R' | 'T';
  readonly added: readonly LineRange[];
}

/** Changed files by their path at head, as `diffLines` of @gatehouse/git answers. */
export type PatchMap = ReadonlyMap<string, FilePatch>;

/** An added line that switches measuring off. */
export interface Pragma {
  readonly path: string;
  readonly line: number;
  readonly pragma: string;
}

/** The rules a change can break. */
export type CoverageRule = 'absolute' | 'baseline' | 'patch' | 'vanished' | 'unmeasured' | 'pragmas' | 'config';

export interface PatchJudgement extends LineCounts {
  readonly minPpm: number;
  readonly policy: FindingPolicy;
  readonly holds: boolean;
  readonly uncovered: readonly (LineRange & { readonly path: string })[];
}

/** The numbers behind a verdict, and everything the report prints. */
export interface CoverageJudgement {
  readonly mode: CoveragePolicy['mode'];
  /** True when there was nothing to compare with: only the absolute rule and the patch rule were applied. */
  readonly bootstrap: boolean;
  /** What the tool reported. */
  readonly reported: LineCounts;
  /** What is judged: the report plus the lines of vanished files, uncovered. */
  readonly head: LineCounts;
  readonly minPpm: number | null;
  readonly epsilonPpm: number;
  readonly baseline: Pick<Baseline, 'seq' | 'mark' | 'ref' | 'last'> | null;
  /** Uncovered lines of the base tree, U_b. */
  readonly baseUncovered: number | null;
  /** The baseline inequality in numbers; empty while bootstrapping. */
  readonly inequality: string;
  readonly patch: PatchJudgement | null;
  readonly vanished: readonly { readonly path: string; readonly total: number }[];
  readonly unmeasured: readonly string[];
  readonly pragmas: readonly Pragma[];
  readonly configs: readonly string[];
  readonly broken: readonly CoverageRule[];
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
  readonly reportSha256: string;
  readonly format: ReportFormat;
  readonly commits: TestedCommits;
}

export type CoverageVerdict =
  /** The change may go on. */
  | (CoverageJudgement & { readonly kind: 'passed' })
  /** The change is at fault; `broken` says by which rule. */
  | (CoverageJudgement & { readonly kind: 'eroded' })
  /** Nothing was measured; the policy says whether that opens. */
  | (Omit<UnknownOutcome, 'evidence'> & {
      readonly failClosed: boolean;
      readonly findings: readonly Finding[];
      readonly commits: TestedCommits;
    })
  | (InfraOutcome & { readonly commits: TestedCommits })
  /** The gate is off or out of scope; made by the caller, reported like any other answer. */
  | { readonly kind: 'skipped'; readonly reason: string; readonly commits?: TestedCommits }
  | Crashed;
