/**
 * Writes a landed measurement into the baseline. Compare-and-set on `seq` under a merge lease: of many writers none is
 * lost, and in whatever order they come the mark ends as the best of them.
 */
import { invariant, LeaseProof } from '@gatehouse/verdict';
import { inTurns } from './adapters/turns.ts';
import type { Baseline } from './baseline-record.ts';
import { nextBaseline } from './baseline-rule.ts';
import { checkCounts } from './compute-verdict.ts';
import { settleMissing } from './missing-lines.ts';
import type { Measured, PatchMap } from './verdict.ts';

/** Where a baseline is kept. A port that cannot answer throws; `null` means that there is none. */
export interface BaselinePort {
  /** The stored baseline; null where there is none. */
  read(): Promise<Baseline | null>;
  /** Writes `next` iff the stored `seq` is `expectedSeq` (0: nothing is stored). False when it is not. */
  compareAndSet(expectedSeq: number, next: Baseline, proof: LeaseProof): Promise<boolean>;
}

/** What may be given to `ratchetBaseline`. */
export interface RatchetRequest {
  /** Where the baseline is kept. */
  readonly store: BaselinePort;
  /** The lease the landing was made under. */
  readonly proof: LeaseProof;
  /** What landed. */
  readonly landed: {
    /** Tree object name of the commit. */
    readonly tree: string;
    /** Full object name of the commit. */
    readonly commit: string;
    /** What the tests covered. */
    readonly measured: Measured;
    /** Names what produced a measurement, as hex SHA-256; see `commandHash`. */
    readonly commandHash: string;
    /** What landed, so that a renamed file that is missing from the measurement is not forgotten. */
    readonly patch?: PatchMap | null;
  };
}

/** What became of a landed measurement. */
export type RatchetOutcome =
  /** `none`: this very landing was recorded before. */
  | {
      readonly kind: 'ratcheted';
      /** The sequence number that is stored. */
      readonly seq: number;
      /** The most that it moved. */
      readonly moved: 'mark' | 'ref' | 'last' | 'none';
    }
  /** Others wrote all the time; `seq` is the last one seen. Ask again. */
  | {
      readonly kind: 'stale';
      /** The sequence number that is stored. */
      readonly seq: number;
    }
  | {
      readonly kind: 'refused';
      /** Why, in one line for a person. */
      readonly reason: string;
    };

const MAX_TRIES = 200;

/** At or above the mark: mark and reference move there. Smaller with no more uncovered lines: the reference moves. */
export async function ratchetBaseline({ store, proof, landed }: RatchetRequest): Promise<RatchetOutcome> {
  if (!LeaseProof.isMinted(proof)) return { kind: 'refused', reason: 'no merge lease was shown' };
  if (landed.measured.total === 0) return { kind: 'refused', reason: 'nothing was measured' };
  checkCounts(landed.measured, 'landed');
  invariant(landed.tree !== '' && landed.commit !== '' && landed.commandHash !== '', 'a landing is named');
  let seq = 0;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const before = await store.read();
    seq = before?.seq ?? 0;
    const step = before === null ? firstBaseline(landed) : await stepFrom(before, landed);
    if (step.kind !== 'step') return step;
    if (await store.compareAndSet(seq, step.next, proof)) return { kind: 'ratcheted', seq: seq + 1, moved: step.moved };
  }
  return { kind: 'stale', seq };
}

type RatchetStep = { readonly kind: 'step'; readonly next: Baseline; readonly moved: 'mark' | 'ref' | 'last' };

function firstBaseline({ tree, commit, measured, commandHash }: RatchetRequest['landed']): RatchetStep {
  const { covered, total, files, metric } = measured;
  const next: Baseline = {
    seq: 1,
    metric,
    commandHash,
    mark: { covered, total, commit },
    ref: { uncovered: total - covered, total },
    last: { covered, total, tree, commit },
    files,
    ...flappingOf(measured),
  };
  return { kind: 'step', next, moved: 'mark' };
}

async function stepFrom(before: Baseline, landed: RatchetRequest['landed']): Promise<RatchetStep | RatchetOutcome> {
  const { tree, commit, measured, commandHash, patch } = landed;
  if (before.metric !== measured.metric || before.commandHash !== commandHash) {
    return { kind: 'refused', reason: 'the baseline was measured by another command; replacing it takes an override' };
  }
  if (before.last.tree === tree && before.last.commit === commit) {
    return { kind: 'ratcheted', seq: before.seq, moved: 'none' };
  }
  const { counts, files } = await inTurns(settleMissing(measured, before, { patch }));
  const { next, moved } = nextBaseline(before, { ...counts, tree, commit }, files);
  return { kind: 'step', next: { ...withoutFlapping(next), ...flappingOf(measured) }, moved };
}

/** Only what the landed measurement still knows to flap is remembered. */
const withoutFlapping = ({ flapping: _, ...record }: Baseline): Baseline => record;

const flappingOf = ({ flapping }: Measured): Pick<Baseline, 'flapping'> =>
  flapping === undefined || Object.keys(flapping).length === 0 ? {} : { flapping };
