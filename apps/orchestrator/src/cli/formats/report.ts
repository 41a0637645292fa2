/** What every writer is given: the verdicts of one call of `gatehouse gate`, as `--json` has them. Names are frozen. */
import type { CheckVerdict, Finding, SkipCode } from '@gatehouse/verdict';
import type { SubjectView } from '../checkout/located.ts';

/** One check's verdict. */
export interface CheckedView {
  readonly check: string;
  readonly status: CheckVerdict['status'];
  readonly cause?: string;
  readonly code?: SkipCode;
  readonly reason: string;
  readonly base_sha: string;
  readonly head_sha: string;
  readonly tested_sha?: string;
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
  readonly artefact?: string;
  readonly duration_ms: number;
  /** What the run that stands in the way said; only where no change is to blame. */
  readonly output?: OutputView;
}

export interface OutputView {
  /** What the run was for: `base`, `setup`, … */
  readonly purpose: string;
  readonly command: string;
  readonly commit: string;
  readonly lines: readonly string[];
  /** A guess at what its checkout lacks, and what to write where; null: no tool says. */
  readonly likely: string | null;
}

/** The whole answer. */
export interface GateReport {
  readonly gate: string;
  readonly status: CheckVerdict['status'];
  readonly code?: SkipCode;
  readonly checks: readonly CheckedView[];
  /** Checks behind the one that did not open. */
  readonly not_asked: readonly string[];
  readonly subject: SubjectView;
}

/** Turns an answer into one text; total, whatever the texts in it hold. */
export type Writer = (report: GateReport) => string;

/** `path:line` of a finding; empty where it has no place. */
export const placeOf = ({ path, line }: Finding): string =>
  path === undefined ? '' : `${path}${line === undefined ? '' : `:${line}`}`;

/** Findings that have something to be shown at; `red-run` is a whole log, and stands behind the tests in it that have a place. */
export function placedFindings({ findings }: CheckedView): readonly Finding[] {
  const isPlaced = findings.some(({ rule, path }) => rule === 'red-test' && path !== undefined);
  return isPlaced ? findings.filter(({ rule }) => rule !== 'red-run') : findings;
}

/** Warnings that repeat no finding: one that only warns is among both. */
export function ownWarnings({ findings, warnings }: CheckedView): readonly string[] {
  const told = new Set(findings.map(({ rule, message }) => `${rule}: ${message}`));
  return warnings.filter((warning) => !told.has(warning));
}
