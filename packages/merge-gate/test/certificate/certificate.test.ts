/** The rules of a certificate, each on the shortest history that shows it. `B`, `M` are full runs of branch and base, `b`, `m` of tests alone. */
import { describe, expect, test } from '@jest/globals';
import { nextStep, observe, startCertificate } from '../../src/certificate/certificate.ts';
import { always, letters, observed, play, playOn, type World } from './play.ts';

const RERUNNABLE = { rerunnable: true };

describe('what costs no more than before', () => {
  test('a green first run is one full run', () => {
    expect(play({}, () => 'green').concluded).toMatchObject({ conclusion: 'green', runs: { full: 1, single: 0 } });
  });

  test('a red that does not repeat is flaky after two: the branch was seen green as a whole', () => {
    const { concluded } = play(RERUNNABLE, (_, made) => (made.length === 0 ? ['net'] : []));
    expect(concluded).toMatchObject({ conclusion: 'flaky', failing: ['net'], runs: { full: 2, single: 0 } });
  });

  test('two reds without a common test blame nobody and name nothing: no more runs are made', () => {
    const { concluded } = play(RERUNNABLE, (_, made) => [`t${made.length}`]);
    expect(concluded).toMatchObject({ conclusion: 'unsteady', failing: [], bound: 1, runs: { full: 2, single: 0 } });
  });

  test('a broken test that can be rerun alone is blamed after three full runs', () => {
    const { concluded, made } = play(RERUNNABLE, always({ branch: ['sum'], base: [] }));
    expect(concluded).toMatchObject({
      conclusion: 'guilty',
      failing: ['sum'],
      bound: 4 ** -6,
      runs: { full: 3, single: 12 },
    });
    expect(letters(made)).toMatch(/^BBM[bm]+$/);
  });

  test('main red in the same test is said after three full runs, and the base alone confirms it', () => {
    const { concluded, made } = play(RERUNNABLE, always({ branch: ['sum'], base: ['sum'] }));
    expect(concluded).toMatchObject({ conclusion: 'main-broken', failing: ['sum'], runs: { full: 3 } });
    expect(letters(made)).toBe('BBMmbm');
  });

  test('where runs have no names main is broken after three reds of its own, and the branch is not run meanwhile', () => {
    const { concluded, made } = play({}, () => 'red');
    expect(concluded).toMatchObject({ conclusion: 'main-broken', failing: [], runs: { full: 5, single: 0 } });
    expect(letters(made)).toBe('BBMMM');
  });
});

describe('full runs as evidence', () => {
  test('ten runs blame with 2^-10 where all five of the branch are red and all five of the base green', () => {
    const { concluded } = play({}, ({ side }) => (side === 'branch' ? 'red' : 'green'));
    expect(concluded).toMatchObject({ conclusion: 'guilty', failing: [], bound: 2 ** -10, runs: { full: 10 } });
  });

  test('fewer than ten runs are never enough', () => {
    const { concluded } = play({ fullRuns: 9 }, ({ side }) => (side === 'branch' ? 'red' : 'green'));
    expect(concluded).toMatchObject({ conclusion: 'unproven' });
    expect(concluded.bound).toBeGreaterThan(0.001);
  });

  test('a base that was red once is forgiven in later asks, never in the first', () => {
    const world: World = ({ side }, made) => (side === 'branch' || letters(made) === 'BBM' ? 'red' : 'green');
    expect(play({}, world).concluded).toMatchObject({ conclusion: 'unproven', runs: { full: 10 } });
    const { concluded } = play({ fullRuns: 40 }, world);
    expect(concluded).toMatchObject({ conclusion: 'guilty', runs: { full: 26 } });
    expect(concluded.bound).toBeLessThanOrEqual(0.001);
  });

  test('more than a few reds of the base cannot be told from the branch any more: the rest is not run', () => {
    const world: World = ({ side }, made) => (side === 'branch' || made.length % 4 > 1 ? 'red' : 'green');
    const { concluded } = play({ fullRuns: 40 }, world);
    expect(concluded.conclusion).toBe('unproven');
    expect(concluded.runs.full).toBeLessThan(40);
  });

  test('a branch that is green in a later full run is flaky', () => {
    const { concluded, made } = play({}, ({ side }, before) =>
      side === 'branch' && before.length < 4 ? 'red' : 'green',
    );
    expect(concluded).toMatchObject({ conclusion: 'flaky' });
    expect(made.at(-1)).toMatchObject({ side: 'branch', scope: 'full' });
  });

  test('names are one more condition: the same test fails in every run of the branch', () => {
    const { concluded } = play({}, ({ side }, made) => (side === 'base' ? [] : made.length < 2 ? ['a', 'b'] : ['c']));
    expect(concluded).toMatchObject({ conclusion: 'unsteady' });
    const steady = play({}, ({ side }, made) => (side === 'base' ? [] : ['a', `t${made.length}`]));
    expect(steady.concluded).toMatchObject({ conclusion: 'guilty', failing: ['a'], bound: 2 ** -10 });
  });

  test('a budget of twelve judges by name: what fails elsewhere in main does not matter', () => {
    const world: World = ({ side }) => (side === 'branch' ? ['broken', 'slow'] : ['slow']);
    expect(play({ fullRuns: 10 }, world).concluded).toMatchObject({ conclusion: 'unproven', failing: ['broken'] });
    expect(play({ fullRuns: 14 }, world).concluded).toMatchObject({ conclusion: 'guilty', failing: ['broken'] });
    const mending = always({ branch: ['broken'], base: ['slow'] });
    expect(play({ fullRuns: 12 }, mending).concluded).toMatchObject({ conclusion: 'guilty', runs: { full: 12 } });
  });
});

describe('the suspects alone', () => {
  test('a branch that mends A and breaks B is told B, and is not told that main is red', () => {
    const { concluded } = play(RERUNNABLE, always({ branch: ['B'], base: ['A'] }));
    expect(concluded).toMatchObject({ conclusion: 'guilty', failing: ['B'], baseFailing: ['A'], runs: { full: 3 } });
  });

  test('main red in A does not hide B', () => {
    const { concluded } = play(RERUNNABLE, always({ branch: ['A', 'B'], base: ['A'] }));
    expect(concluded).toMatchObject({ conclusion: 'guilty', failing: ['B'], baseFailing: ['A'], runs: { full: 3 } });
    expect(concluded.bound).toBeLessThanOrEqual(0.001);
  });

  test('the probability is divided by the suspects: two need one pair more than one', () => {
    const pairs = (branch: readonly string[]): number =>
      play(RERUNNABLE, always({ branch, base: [] })).concluded.runs.single / 2;
    expect([['a'], ['a', 'b'], [...'abcdefgh']].map(pairs)).toEqual([6, 7, 8]);
  });

  test('no more suspects are judged than the limit, known flaky tests last, then by name', () => {
    const { made } = play(
      { rerunnable: true, maxSuspects: 2, knownFlaky: ['a'] },
      always({ branch: ['d', 'c', 'a', 'b'], base: [] }),
    );
    expect(made.at(-1)?.scope).toEqual({ tests: ['b', 'c'] });
  });

  test('both sides of a pair run the same list, once each, and who goes first follows no period', () => {
    const { made } = play({ ...RERUNNABLE, seed: 7 }, always({ branch: ['a', 'b'], base: [] }));
    const alone = made.slice(3);
    expect(alone.length).toBeGreaterThan(0);
    for (let at = 0; at < alone.length; at += 2) {
      expect(new Set([alone[at]?.side, alone[at + 1]?.side])).toEqual(new Set(['branch', 'base']));
      expect(alone[at]?.scope).toEqual(alone[at + 1]?.scope);
    }
    expect(letters(alone)).not.toMatch(/^(bm)+$|^(mb)+$/);
  });

  test('a surrounding that fails every second run, or until some moment, blames nobody', () => {
    const worlds: readonly World[] = [0, 1, 2, 3, 5, 8, 11, 14].flatMap((moment): World[] => [
      (_, made) => (made.length < moment ? ['net'] : []),
      (_, made) => (made.length < 2 || (made.length + moment) % 2 === 0 ? ['net'] : []),
    ]);
    for (const world of worlds)
      for (const seed of [1, 2, 3, 4, 5])
        expect(play({ ...RERUNNABLE, seed }, world).concluded.conclusion).not.toBe('guilty');
  });

  test('one failure of the base is forgiven: a flaky test that the branch breaks for good is blamed', () => {
    const world: World = ({ side, scope }, made) =>
      side === 'branch' || (scope !== 'full' && made.filter((run) => run.side === 'base').length === 3) ? ['net'] : [];
    expect(play(RERUNNABLE, world).concluded).toMatchObject({ conclusion: 'guilty', failing: ['net'] });
  });

  test('a red of the base in its full run alone does not make main broken: it has to fail again', () => {
    const world: World = ({ side, scope }) => (side === 'branch' || scope === 'full' ? ['net'] : []);
    expect(play(RERUNNABLE, world).concluded).toMatchObject({ conclusion: 'guilty', failing: ['net'] });
  });

  test('a test that passes alone on both sides is not called flaky before a full run of the branch was green', () => {
    const world: World = ({ scope }, made) => (scope === 'full' && made.length < 2 ? ['net'] : []);
    const { concluded, made } = play(RERUNNABLE, world);
    expect(concluded).toMatchObject({ conclusion: 'flaky', runs: { full: 4, single: 6 } });
    expect(made.at(-1)).toMatchObject({ side: 'branch', scope: 'full' });
  });

  test('a test that fails only after another one is judged by full runs', () => {
    const world: World = ({ side, scope }) => (side === 'branch' && scope === 'full' ? ['victim'] : []);
    const { concluded, made } = play(RERUNNABLE, world);
    expect(concluded).toMatchObject({ conclusion: 'guilty', failing: ['victim'], runs: { full: 10, single: 6 } });
    expect(concluded.bound).toBeLessThanOrEqual(0.001);
    expect(letters(made)).toMatch(/^BBM[bm]{6}B[BM]{6}$/);
  });

  test('a test that main itself fails only after another one is main’s', () => {
    const { concluded } = play(RERUNNABLE, ({ scope }) => (scope === 'full' ? ['victim'] : []));
    expect(concluded).toMatchObject({ conclusion: 'main-broken', failing: ['victim'], runs: { full: 6 } });
  });

  test('a suspect that fails alone now and then is no case for full runs: one look for a green, then unproven', () => {
    const world: World = ({ side, scope }, made) =>
      side === 'branch' && (scope === 'full' || !letters(made).includes('b')) ? ['net'] : [];
    const { concluded } = play(RERUNNABLE, world);
    expect(concluded).toMatchObject({ conclusion: 'unproven', failing: ['net'], runs: { full: 4 } });
    expect(concluded.bound).toBeGreaterThan(0.001);
  });

  test('a red that names none of the suspects speaks for the branch on either side', () => {
    const world: World = ({ side, scope }) =>
      scope === 'full' ? (side === 'branch' ? ['a', 'b'] : []) : side === 'branch' ? 'red' : [];
    expect(play(RERUNNABLE, world).made.filter(({ scope }) => scope !== 'full')).toHaveLength(6);
    const base: World = ({ side, scope }) => (side === 'branch' ? ['a', 'b'] : scope === 'full' ? [] : 'red');
    expect(play(RERUNNABLE, base).concluded.conclusion).not.toBe('guilty');
  });
});

describe('what is remembered of the base', () => {
  const afterTwoReds = (options: Parameters<typeof startCertificate>[0]): ReturnType<typeof startCertificate> => {
    let state = startCertificate(options);
    for (const _ of [1, 2]) state = observe(state, { side: 'branch', scope: 'full', outcome: 'red', failed: ['sum'] });
    return state;
  };
  const recalled = (outcome: 'red' | 'green', failed: readonly string[] = []) =>
    ({ side: 'base', scope: 'full', outcome, failed, remembered: true }) as const;

  test('a remembered green is no observation: the base is run as often as without it', () => {
    const from = observe(afterTwoReds({}), recalled('green'));
    expect(from.runs.full).toBe(2);
    expect(nextStep(from)).toEqual({ kind: 'run', side: 'base', scope: 'full', fresh: true });
    const { concluded, made } = playOn(from, always({ branch: ['sum'], base: [] }));
    expect(concluded).toMatchObject({ conclusion: 'guilty', bound: 2 ** -10, runs: { full: 10 } });
    expect(made.filter(({ side }) => side === 'base')).toHaveLength(5);
  });

  test('before the suspects run alone a remembered green saves a full run, and the base alone convicts', () => {
    const from = observe(afterTwoReds(RERUNNABLE), recalled('green'));
    const { concluded } = playOn(from, always({ branch: ['sum'], base: [] }));
    expect(concluded).toMatchObject({ conclusion: 'guilty', runs: { full: 2, single: 12 } });
  });

  test('a remembered red may say that main is broken, test by test', () => {
    const sum = observe(afterTwoReds(RERUNNABLE), recalled('red', ['sum']));
    expect(nextStep(sum)).toMatchObject({ conclusion: 'main-broken', runs: { full: 2, single: 0 } });
    const other = observe(afterTwoReds(RERUNNABLE), recalled('red', ['other']));
    expect(nextStep(other)).toMatchObject({ kind: 'run', scope: { tests: ['sum'] } });
    expect(nextStep(observe(afterTwoReds({}), recalled('red', ['sum'])))).toMatchObject({ conclusion: 'main-broken' });
  });

  test('memory where a run was asked for is no answer', () => {
    const from = observe(afterTwoReds({}), recalled('green'));
    const again = observe(from, recalled('green'));
    expect(nextStep(again)).toEqual(nextStep(from));
    expect(again.ignored).toBe(1);
  });
});

test('what answers no question is not counted, and in the end nothing is proven', () => {
  const start = startCertificate();
  let state = start;
  for (let at = 0; at < 30; at += 1)
    state = observe(state, observed({ kind: 'run', side: 'base', scope: 'full', fresh: true }, 'green'));
  expect(nextStep(state)).toMatchObject({ conclusion: 'unproven', runs: { full: 0, single: 0 } });
});

test('a run that names failures is red although it says green', () => {
  const state = observe(startCertificate(), { side: 'branch', scope: 'full', outcome: 'green', failed: ['sum'] });
  expect(nextStep(state)).toMatchObject({ kind: 'run', side: 'branch' });
});
