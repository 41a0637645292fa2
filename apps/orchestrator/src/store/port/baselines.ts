/** Coverage baselines and their history. */

import type { LeaseProof } from '@gatehouse/verdict';
import type { FileCoverage, FlappingLines } from '../../schema/stored-values.ts';

/** The record a branch's coverage is compared with; arithmetic in @gatehouse/coverage-gate. */
export interface BaselineRecord {
  readonly seq: number;
  readonly metric: 'lines';
  readonly commandHash: string;
  readonly mark: { readonly covered: number; readonly total: number; readonly commit: string };
  readonly ref: { readonly uncovered: number; readonly total: number };
  readonly last: { readonly covered: number; readonly total: number; readonly tree: string; readonly commit: string };
  readonly files: FileCoverage;
  /** Lines that flap on one tree, by file. */
  readonly flapping?: FlappingLines;
}

export interface BaselineKey {
  readonly repoId: string;
  readonly branch: string;
  readonly metric: 'lines';
  readonly commandHash: string;
}

/** One landed or overridden baseline, newest last: what a coverage chart draws. */
export interface BaselineChange extends BaselineKey {
  readonly id: number;
  readonly seq: number;
  readonly covered: number;
  readonly total: number;
  readonly commit: string;
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
}

export interface BaselineStore {
  readBaseline(key: BaselineKey): Promise<BaselineRecord | null>;
  /** True once `next` is the record: the stored seq was `expectedSeq` (0 = none) and the lease is held by the proof. */
  compareAndSetBaseline(
    key: BaselineKey,
    request: { expectedSeq: number; next: BaselineRecord; proof: LeaseProof; atMs: number },
  ): Promise<boolean>;
  /** An admin's audited override; needs no lease, still compares the seq. */
  overrideBaseline(
    key: BaselineKey,
    request: { expectedSeq: number; next: BaselineRecord; actor: string; reason: string; atMs: number },
  ): Promise<boolean>;
  baselineHistory(filter: { repoId: string; branch?: string; limit?: number }): Promise<BaselineChange[]>;
  listBaselines(repoId: string): Promise<(BaselineKey & { record: BaselineRecord })[]>;
}
