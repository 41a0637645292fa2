import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextStep, startCertificate } from '../../src/certificate/certificate.ts';
import { continueCertificate } from '../../src/certificate/continue.ts';
import { parseOptions } from '../../src/certificate/options.ts';
import { play, playOn, type World } from './play.ts';

/** Guilty beside a flake: the base is red in its second and seventh full run. */
const world: World = ({ side }, made) => {
  const earlier = made.filter((step) => step.side === side).length;
  return side === 'branch' || earlier === 1 ? 'red' : 'green';
};

describe('a certificate over several asks', () => {
  test('one ask spends no more than its budget, and the next one goes on with what was seen', () => {
    const options = { fullRuns: 10, horizonRuns: 24 };
    const first = play(options, world);
    expect(first.concluded).toMatchObject({ conclusion: 'unproven', runs: { full: 10 } });
    const same = continueCertificate(first.state);
    expect(same.kind === 'continued' && nextStep(same.state)).toEqual(first.concluded);
    const next = continueCertificate(JSON.parse(JSON.stringify(first.state)), { newAsk: true });
    if (next.kind !== 'continued') throw new Error('unreadable');
    const second = playOn(next.state, (step, made) => world(step, [...first.made, ...made]));
    expect(second.concluded).toMatchObject({ conclusion: 'guilty', runs: { full: 18 } });
    expect(second.concluded.bound).toBeLessThanOrEqual(0.001);
  });

  test('no ask goes beyond the horizon the boundary was planned for', () => {
    const red: World = ({ side }, made) => (side === 'branch' || made.length % 4 === 0 ? 'red' : 'green');
    let state = startCertificate({ fullRuns: 10, horizonRuns: 12 });
    for (let ask = 0; ask < 5; ask += 1) {
      const next = continueCertificate(playOn(state, red).state, { newAsk: true });
      if (next.kind === 'continued') state = next.state;
    }
    expect(state.runs.full).toBeLessThanOrEqual(12);
  });

  test('what was concluded stays concluded', () => {
    const { state, concluded } = play({}, () => 'green');
    const next = continueCertificate(state, { newAsk: true });
    expect(next.kind === 'continued' && nextStep(next.state)).toEqual(concluded);
  });
});

test('what is no state is unreadable, never an error', () => {
  const { state } = play({ rerunnable: true }, ({ side }) => (side === 'branch' ? ['a'] : []));
  expect(continueCertificate(state).kind).toBe('continued');
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
    expect(continueCertificate(broken)).toEqual({ kind: 'unreadable' });
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...Object.keys(state)), (value, key) => {
      const taken = continueCertificate({ ...state, [key]: value });
      if (taken.kind === 'continued') expect(nextStep(taken.state).kind).toMatch(/run|concluded/);
    }),
  );
});

test('options outside their limits become the nearest limit, and no number becomes the default', () => {
  expect(parseOptions({})).toMatchObject({
    alpha: 0.001,
    fullRuns: 10,
    horizonRuns: 10,
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
