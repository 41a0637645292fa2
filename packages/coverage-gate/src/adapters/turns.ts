/**
 * Long work in short turns: a generator that yields where something else may go on. A service that works on a hundred thousand names has
 * other things to do meanwhile; a caller that has none takes all of it at once.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Yields after at most so many steps; answers at its end. */
export type InTurns<Result> = Generator<undefined, Result>;

/** Steps of one turn: a few milliseconds of what costs most. */
export const STEPS_A_TURN = 500;

export function atOnce<Result>(work: InTurns<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** The event loop turns wherever the work yields. */
export async function inTurns<Result>(work: InTurns<Result>): Promise<Result> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    await nextTurn();
  }
}

/** Walks through `all`, and yields on the way. */
export function* eachInTurns<Item>(all: Iterable<Item>, step: (item: Item) => void): InTurns<void> {
  let steps = 0;
  for (const item of all) {
    step(item);
    if (++steps % STEPS_A_TURN === 0) yield;
  }
}
