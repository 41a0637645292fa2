/** The authors' side: branches with what is good or bad about them, and new heads that mend it. */

import type { CommitMaker } from './agent-runner.ts';
import { count } from './coverage-counters.ts';
import { MAIN } from './forge.ts';
import { type Change, type Commit, isGreen } from './history.ts';
import type { WorldState } from './world-state.ts';

export interface Branches extends CommitMaker {
  /** Makes a branch off main and pushes it. */
  readonly start: (branch: string) => string;
  /** Pushes a new head without what was wrong, on top of main as it is. */
  readonly mend: (branch: string) => void;
  /** Pushes a new head with the same faults. */
  readonly push: (branch: string) => void;
  /** A push from outside moves main. */
  readonly pushMain: (broken: boolean) => void;
  readonly isMainBroken: () => boolean;
}

const GOOD = { red: false, clash: 0, file: 0, secret: false, breaks: false, mends: false } as const;

export function createBranches(state: WorldState): Branches {
  const { prng, history, heads, counters } = state;
  let drawn = 0;
  let openClash = 0;
  let clashes = 0;
  const next = (): number => {
    drawn += 1;
    return drawn;
  };
  const lines = (): Change['lines'] => {
    const total = prng.between(1, 200);
    return [total - prng.below(Math.ceil(total / 20)), total];
  };
  const kinds: readonly (() => Partial<Change>)[] = [
    () => ({ red: true }),
    () => ({ file: prng.between(1, 2) }),
    () => ({ secret: true }),
    () => ({ lines: [0, prng.between(200, 900)] }),
    () => {
      const clash = openClash === 0 ? ++clashes : openClash;
      openClash = openClash === 0 ? clash : 0;
      return { clash };
    },
  ];
  const mainHead = (): Commit => history.at(heads.get(MAIN) ?? '') ?? history.root;
  const draw = (): Change => {
    const flaw = prng.hits(170_000) ? prng.pick(kinds)() : {};
    for (const name of Object.keys(flaw)) count(counters, `branch: ${name}`);
    return { id: next(), lines: lines(), ...GOOD, ...flaw };
  };
  const setMain = (change: Change): void => {
    state.setHead(MAIN, history.grow([mainHead().sha], [change]).sha);
  };
  return {
    start: (branch) => {
      const { sha } = history.grow([mainHead().sha], [draw()]);
      state.setHead(branch, sha);
      return sha;
    },
    develop: (start, brief) => {
      if (brief === null || prng.below(3) === 0) return history.grow([start], [draw()]).sha;
      count(counters, 'agent: mended its change');
      return history.grow([mainHead().sha], [{ id: next(), lines: [50, 50], ...GOOD }]).sha;
    },
    note: (start) => history.grow([start], [{ id: next(), lines: [0, 0], ...GOOD }]).sha,
    mend: (branch) => {
      count(counters, 'people: a mended head');
      state.setHead(branch, history.grow([mainHead().sha], [{ id: next(), lines: [50, 50], ...GOOD }]).sha);
    },
    push: (branch) => {
      const head = heads.get(branch);
      if (head === undefined) return;
      count(counters, 'people: a new head');
      state.setHead(branch, history.grow([head], [{ id: next(), lines: lines(), ...GOOD }]).sha);
    },
    pushMain: (broken) => {
      const isBroken = !isGreen(mainHead());
      count(
        counters,
        broken ? 'main: broken by others' : isBroken ? 'main: mended by others' : 'main: moved by others',
      );
      const id = next();
      setMain({ id, lines: [20, 20], ...GOOD, breaks: broken, mends: !broken && isBroken });
    },
    isMainBroken: () => !isGreen(mainHead()),
  };
}
