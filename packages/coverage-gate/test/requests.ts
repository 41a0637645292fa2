/** Builders for the requests the verdict tests judge: a change described by a few numbers. */
import type {
  Baseline,
  CoveragePolicy,
  CoverageVerdictRequest,
  FileCounts,
  LineSet,
  Measured,
  MeasuredOutcome,
  PatchMap,
} from '@gatehouse/coverage-gate';

export const COMMITS = { base: 'b'.repeat(40), head: 'a'.repeat(40) };

export const POLICY: CoveragePolicy = {
  command: 'make coverage',
  report: 'coverage/lcov.info',
  mode: 'both',
  minPpm: 800_000,
  epsilonPpm: 1000,
  timeoutMs: 60_000,
  failClosed: false,
  env: [],
};

export function measured(covered: number, total: number, more: Partial<Measured> = {}): MeasuredOutcome {
  const files: Record<string, FileCounts> = { 'src/a.ts': [covered, total] };
  return {
    kind: 'measured',
    measured: { metric: 'lines', format: 'lcov', covered, total, files, reportSha256: '0'.repeat(64), ...more },
    evidence: {
      commit: COMMITS.head,
      tree: 'c'.repeat(40),
      reportPath: 'coverage/lcov.info',
      runs: [],
      findings: [],
      diagnostics: [],
      dropped: { files: 0, examples: [] },
    },
  };
}

/** A baseline whose mark, reference and last are the same landing, as right after reaching the mark. */
export function baselineAt(covered: number, total: number, more: Partial<Baseline> = {}): Baseline {
  const commit = 'b'.repeat(40);
  return {
    seq: 1,
    metric: 'lines',
    commandHash: 'h',
    mark: { covered, total, commit },
    ref: { uncovered: total - covered, total },
    last: { covered, total, tree: 'd'.repeat(40), commit },
    files: { 'src/a.ts': [covered, total] },
    ...more,
  };
}

/** The baseline after `shrunk` landed below the mark of `mark`, moving the reference only. */
export function afterDeletion(mark: readonly [number, number], shrunk: readonly [number, number]): Baseline {
  const [covered, total] = shrunk;
  const before = baselineAt(...mark);
  return {
    ...before,
    ref: { uncovered: total - covered, total },
    last: { ...before.last, covered, total },
    files: { 'src/a.ts': [covered, total] },
  };
}

export function request(
  measurement: CoverageVerdictRequest['measurement'],
  baseline: Baseline | null,
  policy: Partial<CoveragePolicy> = {},
  more: Partial<CoverageVerdictRequest> = {},
): CoverageVerdictRequest {
  return { policy: { ...POLICY, ...policy }, measurement, baseline, commits: COMMITS, ...more };
}

/** Bitsets from lists of line numbers. */
export function lineSet(seen: readonly number[], hit: readonly number[]): LineSet {
  const set = { seen: new Uint32Array(64), hit: new Uint32Array(64) };
  for (const line of seen) set.seen[line >>> 5] = (set.seen[line >>> 5] ?? 0) | (1 << (line & 31));
  for (const line of hit) set.hit[line >>> 5] = (set.hit[line >>> 5] ?? 0) | (1 << (line & 31));
  return set;
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

export const added = (path: string, start: number, end: number): PatchMap =>
  new Map([[path, { status: 'M', added: [{ start, end }] }]]);
