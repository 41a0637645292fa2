/**
 * What the coverage gate can answer; read this file first. Only `passed` opens, and `unknown` under an open policy,
 * loudly. Numbers are integers: lines, and thresholds in parts per million. Rule and sources: README.md.
 */

import type { CommandRun } from '@gatehouse/gate-run';
import type { LineRange } from '@gatehouse/git';
import type { Crashed, Finding, TestedCommits } from '@gatehouse/verdict';
import type { Baseline, FlappingLines } from './baseline-record.ts';
import type { Placing } from './placing/placing-words.ts';
import type { ReportFormat } from './readers/detect-format.ts';
import type { LineSet, ModuleFile } from './readers/report-lines.ts';
import type { FileRule, FindingPolicy, FindingRule, LabelRule } from './rule-policy.ts';
import type { CoveragePart } from './unite-measurements.ts';
import type { WorseFile } from './worse-files.ts';

/** A report, read. `covered` and `total` are counted from the bitsets, never taken from a summary. */
export interface ReadReport {
  readonly kind: 'read';
  /** Format of the report. */
  readonly format: ReportFormat;
  /** Lines per file, by the path that the report says. */
  readonly files: ReadonlyMap<string, LineSet>;
  /** Folders that its relative names may be below (Cobertura). */
  readonly sources: readonly string[];
  /** By name: the modules (JaCoCo's groups) that a file is in, and its name without them. */
  readonly modules: ReadonlyMap<string, ModuleFile>;
  /** What the report calls itself (JaCoCo): its module, where it has no groups. Empty for nothing. */
  readonly title: string;
  /** Lines with a count above zero. */
  readonly covered: number;
  /** Lines that can be covered. */
  readonly total: number;
  /** Records without a believable file or line number; they count nowhere. */
  readonly rejected: number;
  /** Counts that are no number; their lines count as uncovered. */
  readonly malformed: number;
  /** The report ends before its own end mark: the tool died while writing. */
  readonly truncated: boolean;
  /** It says how many lines of each file ran, and not which. */
  readonly totalsOnly: boolean;
  /** SHA-256 of its bytes, in hex. */
  readonly sha256: string;
  /** The name git gives to these bytes, where a gate looks whether the report was committed. */
  readonly gitBlob?: string;
  /** What the reader met, one line each; bounded. */
  readonly diagnostics: readonly string[];
}

/** The report cannot be read, or not as a whole. */
export interface UnreadableReport {
  readonly kind: 'unreadable';
  /** Why, in one line for a person. */
  readonly reason: string;
}

/** What is demanded of new lines. */
export interface PatchPolicy {
  /** Least share of covered lines, in parts per million. */
  readonly minPpm: number;
  /** What happens where it does not hold. */
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
  /** Path relative to the slot's root, or a pattern (`*`, `?`, `**`), or several of them; what they name is united. */
  readonly report: string | readonly string[];
  /** What the measurement by `command` is called where there are `parts`. */
  readonly label?: string;
  /** Further measurements of the commit, each in a fresh checkout and after the setup: shards, or suites of other languages. All are united. */
  readonly parts?: readonly CoveragePart[];
  /** Which rules are applied: against a fixed share, against the baseline, or both. */
  readonly mode: 'absolute' | 'baseline' | 'both';
  /** Least share of covered lines; null demands none. */
  readonly minPpm: number | null;
  /** How much of the total may be lost to flapping before the baseline rule fails. */
  readonly epsilonPpm: number;
  /** Deadline of the command, in milliseconds. */
  readonly timeoutMs: number;
  /** Deadline of the setup, in milliseconds; without it that of the command. */
  readonly setupTimeoutMs?: number;
  /** Between TERM and KILL, in milliseconds. */
  readonly graceMs?: number;
  /** What is demanded of new lines; without it nothing is. */
  readonly patch?: PatchPolicy;
  /** True: a measurement that could not be made is an `error`; false: it passes with a loud warning. */
  readonly failClosed: boolean;
  /** Names of environment variables the commands may see. */
  readonly env: readonly string[];
  /** Variables the commands are given, by name. */
  readonly setEnv?: Readonly<Record<string, string>>;
  /**
   * When it opens nevertheless: `open` always, `closed-if-base-ok` (the default) unless the base measures well with the
   * same command. Where `failClosed` is true it never does.
   */
  readonly onUnknown?: 'open' | 'closed-if-base-ok';
  /** Lines of files measured before, still in the tree, not in the report; uncovered unless `off`. Default `warn`. */
  readonly vanished?: FindingRule;
  /** Lines missing from the report of a file nobody changed; uncovered unless `off`. Default `warn`. */
  readonly shrunk?: FindingRule;
  /** Changed source files the report does not know. Default `warn`. */
  readonly unmeasured?: FindingRule;
  /** Lines hidden by added comments that switch measuring off; uncovered patch lines unless `off`. Default `warn`. */
  readonly pragmas?: FindingRule;
  /** Changed configuration files of coverage tools. Default `warn`. */
  readonly config?: FindingRule;
  /** What is demanded of each changed file; without it nothing is. */
  readonly perFile?: FileRule;
  /** Parts of the repository with demands of their own. */
  readonly labels?: readonly LabelRule[];
  /** Beginnings of names in the report, and what stands there in the commit. The longest that fits wins. */
  readonly pathMap?: Readonly<Record<string, string>>;
  /** Of the lines of the report this share may be of no certain file; beyond, it is `unknown`. In parts per million. [10000] */
  readonly maxUnplacedPpm?: number;
  /** Path prefixes that no rule about files or added lines looks at, for example `generated/`. */
  readonly ignore?: readonly string[];
}

/** Lines that can be covered, and how many of them a test ran. */
export interface LineCounts {
  /** Lines that a test ran. */
  readonly covered: number;
  /** Lines that can be covered. */
  readonly total: number;
}

/** Covered and total lines of one file. */
export type FileCounts = readonly [covered: number, total: number];

/** What one commit's tests covered, in files of that commit only. */
export interface Measured extends LineCounts {
  /** What is counted; only lines so far. */
  readonly metric: 'lines';
  /** Format of the report. */
  readonly format: ReportFormat;
  /** Counts per file, by path. */
  readonly files: Readonly<Record<string, FileCounts>>;
  /** SHA-256 of the report's bytes, in hex. */
  readonly reportSha256: string;
  /** Lines that were covered in one run of this tree and not in another, per file; they count as covered. */
  readonly flapping?: FlappingLines;
  /** What each of several measurements covered, by its label. */
  readonly byLabel?: Readonly<Record<string, LineCounts>>;
  /** Per file, for patch coverage; not needed for a baseline. */
  readonly lines?: ReadonlyMap<string, LineSet>;
  /** The report does not say which lines ran, so that nothing is known of new ones. */
  readonly totalsOnly?: true;
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
  | 'nothing-measured'
  | 'lines-unplaced'
  | 'totals-only';

/** What ran, and what of its report counts. */
export interface MeasureEvidence {
  /** Full object name of the commit. */
  readonly commit: string;
  /** Tree object name of the commit. */
  readonly tree: string;
  /** Where the report stood, relative to the slot. */
  readonly reportPath: string;
  /** Every command that was run, in order. */
  readonly runs: readonly CommandRun[];
  /** What the owner of the coverage command can act on. */
  readonly findings: readonly Finding[];
  /** What the reader met in the report, one line each. */
  readonly diagnostics: readonly string[];
  /** What became of the names of the report; absent where none was read. */
  readonly placing?: Placing;
  /** Files of the report that are not in the commit, or not certainly; they count nowhere. */
  readonly dropped: {
    /** How many there are. */
    readonly files: number;
    /** The first few of them. */
    readonly examples: readonly string[];
  };
}

/** The command ran, and its report can be believed. */
export interface MeasuredOutcome {
  readonly kind: 'measured';
  /** What the tests covered. */
  readonly measured: Measured;
  /** What ran and what was read. */
  readonly evidence: MeasureEvidence;
}

/** Nothing was measured, and nothing is said about the change. */
export interface UnknownOutcome {
  readonly kind: 'unknown';
  /** Which of the known ways it failed. */
  readonly why: UnknownWhy;
  /** Why, in one line for a person. */
  readonly reason: string;
  /** The run that decided it. */
  readonly run?: CommandRun;
  /** What ran until then, where something did. */
  readonly evidence?: MeasureEvidence;
}

/** The gate could not do its own part: no checkout, no process. Says nothing about the change or its tools. */
export interface InfraOutcome {
  readonly kind: 'infra';
  /** What kind of failure it was. */
  readonly trouble: string;
  /** Why, in one line for a person. */
  readonly reason: string;
}

/** What `measureCoverage` can answer. Only `measured` says anything about the change. */
export type MeasureOutcome = MeasuredOutcome | UnknownOutcome | InfraOutcome | Crashed;

/** What a patch did to one file of head. */
export interface FilePatch {
  /** The path in base, where the file was renamed. */
  readonly from?: string;
  /** Added, modified, deleted, renamed, or turned into another type. */
  readonly status: 'A' | 'M' | 'D' | 'R' | 'T';
  /** Lines of head that base does not have, in order. */
  readonly added: readonly LineRange[];
}

/** Changed files by their path at head, as `diffLines` of @gatehouse/git answers. */
export type PatchMap = ReadonlyMap<string, FilePatch>;

/** An added line that switches measuring off. */
export interface Pragma {
  /** Relative to the root of the commit. */
  readonly path: string;
  /** Line of head, 1-based. */
  readonly line: number;
  /** The comment's own words that switch measuring off. */
  readonly pragma: string;
  /** Lines it hides, itself among them; without it itself alone. */
  readonly hides?: readonly LineRange[];
}

/** The rules a change can break. */
export type CoverageRule =
  | 'absolute'
  | 'baseline'
  | 'patch'
  | 'perFile'
  | 'labels'
  | 'vanished'
  | 'shrunk'
  | 'unmeasured'
  | 'pragmas'
  | 'config';

/** A file or a label that does not hold what is demanded of it. */
export interface PartJudgement extends LineCounts {
  /** The file's path, or the label's name. */
  readonly name: string;
  /** The demand that does not hold, in words. */
  readonly reason: string;
  /** Whether it breaks the verdict. */
  readonly blocks: boolean;
}

/** The patch rule in numbers, counted over new lines only. */
export interface PatchJudgement extends LineCounts {
  /** Least share of covered lines, in parts per million. */
  readonly minPpm: number;
  /** What happens where it does not hold. */
  readonly policy: FindingPolicy;
  /** Whether it holds. */
  readonly holds: boolean;
  /** New lines without a test, to be covered. */
  readonly uncovered: readonly (LineRange & {
    /** Relative to the root of the commit. */
    readonly path: string;
  })[];
}

/** The numbers behind a verdict, and everything the report prints. */
export interface CoverageJudgement {
  /** Which rules were asked for. */
  readonly mode: CoveragePolicy['mode'];
  /** True when there was nothing to compare with: only the absolute rule and the patch rule were applied. */
  readonly bootstrap: boolean;
  /** What the tool reported. */
  readonly reported: LineCounts;
  /** What is judged: the report plus the lines of vanished files, uncovered. */
  readonly head: LineCounts;
  /** The absolute rule's demand in parts per million; null where there is none. */
  readonly minPpm: number | null;
  /** The tolerance of the baseline rule, in parts per million. */
  readonly epsilonPpm: number;
  /** What head was compared with; null while bootstrapping. */
  readonly baseline: Pick<Baseline, 'seq' | 'mark' | 'ref' | 'last'> | null;
  /** Uncovered lines of the base tree, U_b. */
  readonly baseUncovered: number | null;
  /** The baseline inequality in numbers; empty while bootstrapping. */
  readonly inequality: string;
  /** Where it does not hold: files with more uncovered lines than before. */
  readonly worse: readonly WorseFile[];
  /** The patch rule in numbers; null where it is off or there is no patch. */
  readonly patch: PatchJudgement | null;
  /** Files measured before, still in the tree, and missing from the report. */
  readonly vanished: readonly {
    /** Relative to the root of the commit. */
    readonly path: string;
    /** Lines it had when it was last measured. */
    readonly total: number;
  }[];
  /** Files nobody changed of which the report has fewer lines than before. */
  readonly shrunk: readonly {
    /** Relative to the root of the commit. */
    readonly path: string;
    /** Lines that are missing. */
    readonly missing: number;
  }[];
  /** Labels the report measures nothing of, whose last landed counts stand in. */
  readonly carried: readonly (LineCounts & {
    /** The label's name. */
    readonly label: string;
  })[];
  /** Changed files that do not hold what is demanded of each. */
  readonly files: readonly PartJudgement[];
  /** Labels that do not hold what is demanded of them. */
  readonly labels: readonly PartJudgement[];
  /** Lines that were once covered and once not on one tree; they count as covered. */
  readonly flapping: number;
  /** Changed source files that the report does not know. */
  readonly unmeasured: readonly string[];
  /** Added comments that switch measuring off. */
  readonly pragmas: readonly Pragma[];
  /** Paths of changed configuration files of coverage tools. */
  readonly configs: readonly string[];
  /** Rules that do not hold; empty when the change may go on. */
  readonly broken: readonly CoverageRule[];
  /** What its author can act on, each with a place where there is one. */
  readonly findings: readonly Finding[];
  /** What a person should hear although it does not decide, one line each. */
  readonly warnings: readonly string[];
  /** SHA-256 of the report's bytes, in hex. */
  readonly reportSha256: string;
  /** Format of the report. */
  readonly format: ReportFormat;
  /** What became of the names of the report. */
  readonly placing?: Placing;
  /** The commits that the answer is about. */
  readonly commits: TestedCommits;
}

/** What the coverage gate can answer. Only `passed` and `skipped` open, and `unknown` where the policy lets it. */
export type CoverageVerdict =
  /** The change may go on. */
  | (CoverageJudgement & { readonly kind: 'passed' })
  /** The change is at fault; `broken` says by which rule. */
  | (CoverageJudgement & { readonly kind: 'eroded' })
  /** Nothing was measured; the policy says whether that opens. */
  | (Omit<UnknownOutcome, 'evidence'> & {
      /** The policy's word: true makes it an error, false a pass with a loud warning. */
      readonly failClosed: boolean;
      /** The base measures well with the same command, so that the change itself is in the way. */
      readonly baseMeasures?: boolean;
      /** What the owner of the coverage command can act on. */
      readonly findings: readonly Finding[];
      /** The commits that the answer is about. */
      readonly commits: TestedCommits;
    })
  | (InfraOutcome & {
      /** The commits that the answer is about. */
      readonly commits: TestedCommits;
    })
  /** The gate is off or out of scope; made by the caller, reported like any other answer. */
  | {
      readonly kind: 'skipped';
      /** Why, in one line for a person. */
      readonly reason: string;
      /** The commits that the answer is about. */
      readonly commits?: TestedCommits;
    }
  | Crashed;
