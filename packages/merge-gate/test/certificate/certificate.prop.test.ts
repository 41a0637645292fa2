/** Laws of the certificate over any observations a caller can make. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextStep, observe, type RunStep, startCertificate } from '../../src/certificate/certificate.ts';
import { continueCertificate } from '../../src/certificate/continue.ts';
import type { CertificateOptions } from '../../src/certificate/options.ts';
import type { CertificateState, Observation } from '../../src/certificate/state.ts';
import { observed, play, type World } from './play.ts';

const names = fc.subarray(['a', 'b', 'c', 'd']);
const options: fc.Arbitrary<CertificateOptions> = fc.record({
  fullRuns: fc.integer({ min: 3, max: 26 }),
  singleRuns: fc.integer({ min: 0, max: 20 }),
  maxSuspects: fc.integer({ min: 1, max: 4 }),
  rerunnable: fc.boolean(),
  knownFlaky: names,
  byName: fc.boolean(),
  seed: fc.nat(),
});
/** The n-th run shows the n-th of these; red without names where it is null. Mostly red, else most histories end at once. */
const shown = fc.array(fc.oneof({ weight: 5, arbitrary: names }, { weight: 1, arbitrary: fc.constant(null) }), {
  minLength: 1,
  maxLength: 80,
});
const tape =
  (shows: readonly (readonly string[] | null)[]): World =>
  ({ side }, made) => {
    const now = shows[made.length % shows.length];
    if (made.length < 2 && side === 'branch') return now === null ? 'red' : ['a', ...(now ?? [])];
    return now ?? 'red';
  };
const inScope = ({ scope }: RunStep, failed: ReturnType<World>): ReturnType<World> =>
  scope === 'full' || typeof failed === 'string' ? failed : failed.filter((name) => scope.tests.includes(name));

test('every history ends within its budget, and nothing it is given is changed', () => {
  fc.assert(
    fc.property(options, shown, (spend, shows) => {
      const { concluded, made, state } = play(spend, tape(shows));
      expect(concluded.runs.full).toBeLessThanOrEqual(Math.max(3, spend.fullRuns ?? 10));
      expect(concluded.runs.single).toBeLessThanOrEqual(2 * (spend.singleRuns ?? 30));
      expect(concluded.runs.full + concluded.runs.single).toBe(made.length);
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
  );
});

test('nobody is blamed for a test that failed as often without the branch, nor beyond the bound', () => {
  let blamed = 0;
  const look = (spend: CertificateOptions, shows: readonly (readonly string[] | null)[], helps: boolean): void => {
    const seen = { branch: new Map<string, number>(), base: new Map<string, number>() };
    const world = tape(shows);
    const { concluded } = play(spend, (step, made) => {
      const guilty: ReturnType<World> = step.side === 'branch' ? ['a'] : [];
      const failed = inScope(step, helps && made.length % 7 !== 6 ? guilty : world(step, made));
      for (const name of typeof failed === 'string' ? [] : failed)
        seen[step.side].set(name, (seen[step.side].get(name) ?? 0) + 1);
      return failed;
    });
    if (concluded.conclusion !== 'guilty') return;
    blamed += 1;
    expect(concluded.bound).toBeGreaterThan(0);
    expect(concluded.bound).toBeLessThanOrEqual(0.001);
    for (const name of concluded.failing) expect(seen.branch.get(name) ?? 0).toBeGreaterThan(seen.base.get(name) ?? 0);
  };
  fc.assert(fc.property(options, shown, fc.boolean(), look), { numRuns: 300 });
  // A law about blame that saw none has shown nothing.
  expect(blamed).toBeGreaterThan(5);
});

test('a base that fails like the branch is never the reason for blame', () => {
  fc.assert(
    fc.property(options, shown, (spend, shows) => {
      const both: World = (step, made) =>
        inScope(step, step.side === 'base' ? ['a', 'b', 'c', 'd'] : tape(shows)(step, made));
      expect(play(spend, both).concluded.conclusion).not.toBe('guilty');
    }),
  );
});

test('flaky is said only after a green full run of the branch, main-broken only after a red one of the base', () => {
  fc.assert(
    fc.property(options, shown, (spend, shows) => {
      const colours: string[] = [];
      const { concluded } = play(spend, (step, made) => {
        const failed = inScope(step, tape(shows)(step, made));
        const isRed = failed === 'red' || failed.length > 0;
        if (step.scope === 'full') colours.push(`${step.side} ${isRed ? 'red' : 'green'}`);
        return failed;
      });
      if (concluded.conclusion === 'flaky') expect(colours).toContain('branch green');
      if (concluded.conclusion === 'main-broken') expect(colours).toContain('base red');
    }),
  );
});

test('who goes first in a pair changes nothing where each side shows the same in its n-th run', () => {
  fc.assert(
    fc.property(options, shown, shown, fc.nat(), (spend, branch, base, seed) => {
      const world: World = (step, made) => {
        const earlier = made.filter(
          ({ side, scope }) => side === step.side && (scope === 'full') === (step.scope === 'full'),
        );
        const shows = step.side === 'branch' ? branch : base;
        return inScope(
          step,
          ['a', ...(shows[earlier.length % shows.length] ?? [])].slice(step.side === 'branch' ? 0 : 1),
        );
      };
      const one = play(spend, world).concluded;
      const two = play({ ...spend, seed }, world).concluded;
      if (one.conclusion === 'guilty' || two.conclusion === 'guilty')
        expect([two.conclusion, two.failing]).toEqual([one.conclusion, one.failing]);
    }),
  );
});

test('a certificate that is stored after any step goes on as if it never was', () => {
  fc.assert(
    fc.property(options, shown, (spend, shows) => {
      const world = tape(shows);
      let state: CertificateState = startCertificate(spend);
      const made: RunStep[] = [];
      for (let step = nextStep(state); step.kind === 'run'; step = nextStep(state)) {
        const taken = continueCertificate(JSON.parse(JSON.stringify(state)));
        expect(taken).toEqual({ ...state, spentBefore: state.runs.full });
        state = observe({ ...taken, spentBefore: 0 }, observed(step, world(step, made)));
        made.push(step);
      }
      expect(nextStep(state)).toEqual(play(spend, world).concluded);
    }),
  );
});

test('whatever is observed, in whatever order, a step or a conclusion follows', () => {
  const any: fc.Arbitrary<Observation> = fc.record(
    {
      side: fc.constantFrom('branch', 'base'),
      scope: fc.oneof(fc.constant('full' as const), fc.record({ tests: names })),
      outcome: fc.constantFrom('red', 'green'),
      failed: fc.option(fc.array(fc.oneof(fc.constantFrom('a', 'b', '__proto__'), fc.string()))),
      remembered: fc.boolean(),
    },
    { requiredKeys: ['side', 'scope', 'outcome', 'failed'] },
  );
  fc.assert(
    fc.property(options, fc.array(any, { maxLength: 60 }), (spend, seen) => {
      const end = seen.reduce(
        (state, each) => observe(Object.freeze(state), Object.freeze(each)),
        startCertificate(spend),
      );
      expect(['run', 'concluded']).toContain(nextStep(end).kind);
    }),
  );
});
