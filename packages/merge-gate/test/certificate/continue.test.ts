import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextStep, startCertificate } from '../../src/certificate/certificate.ts';
import { continueCertificate } from '../../src/certificate/continue.ts';
import { parseOptions } from '../../src/certificate/options.ts';
import type { CertificateState } from '../../src/certificate/state.ts';
import { always, play, playOn, type World } from './play.ts';

/** Guilty beside a flake: the base is red in its second and seventh full run. */
const world: World = ({ side }, made) => {
  const earlier = made.filter((step) => step.side === side).length;
  return side === 'branch' || earlier === 1 || earlier === 6 ? 'red' : 'green';
};
const stored = (state: CertificateState): unknown => JSON.parse(JSON.stringify(state));

describe('a certificate over several asks', () => {
  test('one ask spends no more than its budget, and the next ones go on with what was seen until it suffices', () => {
    let played = play({}, world);
    const made = [...played.made];
    for (const full of [10, 20]) {
      expect(played.concluded).toMatchObject({ conclusion: 'unproven', runs: { full } });
      const soFar = [...made];
      played = playOn(continueCertificate(stored(played.state)), (step, now) => world(step, [...soFar, ...now]));
      made.push(...played.made);
    }
    expect(played.concluded).toMatchObject({ conclusion: 'guilty', runs: { full: 30 } });
    expect(played.concluded.bound).toBeLessThanOrEqual(0.001);
  });

  test('no ask goes beyond the horizon the boundary was planned for', () => {
    const red: World = ({ side }, made) => (side === 'branch' || made.length % 4 === 0 ? 'red' : 'green');
    let state = startCertificate({ fullRuns: 10, horizonRuns: 12 });
    for (let ask = 0; ask < 5; ask += 1) state = continueCertificate(playOn(state, red).state);
    expect(state.runs.full).toBeLessThanOrEqual(12);
  });

  test('what was concluded stays concluded', () => {
    const { state, concluded } = play({}, () => 'green');
    expect(nextStep(continueCertificate(state))).toEqual(concluded);
  });

  test('where main fails another test each time a colour tells nothing: the next ask judges by name, on a smaller share', () => {
    const mends = always({ branch: ['B'], base: ['A'] });
    const first = play({}, mends);
    expect(first.concluded).toMatchObject({ conclusion: 'unproven', failing: ['B'], runs: { full: 4 } });
    const second = playOn(continueCertificate(stored(first.state)), mends);
    expect(second.concluded).toMatchObject({ conclusion: 'unproven', failing: ['B'], runs: { full: 10 } });
    const third = playOn(continueCertificate(stored(second.state)), mends);
    expect(third.concluded).toMatchObject({ conclusion: 'guilty', failing: ['B'], runs: { full: 16 } });
    expect(third.concluded.bound).toBeLessThanOrEqual(0.00009);
  });
});

test('what is no state starts anew, never an error', () => {
  const { state } = play({ rerunnable: true }, ({ side }) => (side === 'branch' ? ['a'] : []));
  const anew = startCertificate({ fullRuns: 12 });
  expect(continueCertificate(state).phase).toEqual(state.phase);
  for (const broken of [
    null,
    'x',
    [],
    { ...state, version: 2 },
    { ...state, runs: { full: -1, single: 0 } },
    { ...state, phase: { kind: 'x' } },
    { ...state, suspects: [{}] },
    { ...state, options: { ...state.options, alpha: 1 } },
    { ...state, options: { ...state.options, fullRuns: 1e9 } },
    { ...state, full: { ...state.full, tallies: null } },
  ])
    expect(continueCertificate(broken, { fullRuns: 12 })).toEqual(anew);
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...Object.keys(state)), (value, key) => {
      expect(nextStep(continueCertificate({ ...state, [key]: value })).kind).toMatch(/run|concluded/);
    }),
  );
});

test('options outside their limits become the nearest limit, and no number becomes the default', () => {
  expect(parseOptions({})).toMatchObject({
    alpha: 0.001,
    fullRuns: 10,
    horizonRuns: 40,
    singleRuns: 30,
    maxSuspects: 8,
  });
  expect(parseOptions({ fullRuns: 0, horizonRuns: 2, singleRuns: -1, maxSuspects: 99 })).toMatchObject({
    fullRuns: 3,
    horizonRuns: 3,
    singleRuns: 0,
    maxSuspects: 32,
  });
  expect(parseOptions({ alpha: Number.NaN, fullRuns: Number.NaN, seed: Number.POSITIVE_INFINITY })).toMatchObject({
    alpha: 0.001,
    fullRuns: 10,
    seed: 1,
  });
});
