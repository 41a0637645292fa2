/** Plays a certificate against a world that answers each run. */
import { nextStep, observe, type RunStep, startCertificate } from '../../src/certificate/certificate.ts';
import type { CertificateOptions } from '../../src/certificate/options.ts';
import type { CertificateState, Concluded, Observation, Side } from '../../src/certificate/state.ts';

/** What a run of the step shows: the failing tests, or a colour where the runner names none. */
export type World = (step: RunStep, made: readonly RunStep[]) => readonly string[] | 'red' | 'green';

export interface Played {
  readonly concluded: Concluded;
  readonly state: CertificateState;
  readonly made: readonly RunStep[];
}

export function play(options: CertificateOptions, world: World): Played {
  return playOn(startCertificate(options), world);
}

export function playOn(from: CertificateState, world: World): Played {
  let state = from;
  const made: RunStep[] = [];
  for (;;) {
    const step = nextStep(state);
    if (step.kind === 'concluded') return { concluded: step, state, made };
    state = observe(state, observed(step, world(step, made)));
    made.push(step);
  }
}

export function observed({ side, scope }: RunStep, shown: ReturnType<World>): Observation {
  if (typeof shown === 'string') return { side, scope, outcome: shown, failed: null };
  return { side, scope, outcome: shown.length > 0 ? 'red' : 'green', failed: shown };
}

/** Runs of one side and scope, as `B` and `M` for full runs and `b` and `m` for runs of tests alone. */
export const letters = (made: readonly RunStep[]): string =>
  made.map(({ side, scope }) => LETTERS[side][scope === 'full' ? 0 : 1]).join('');

const LETTERS: { readonly [Key in Side]: string } = { branch: 'Bb', base: 'Mm' };

/** Fails these tests on each side, in whatever scope. */
export const always =
  (failing: { readonly branch: readonly string[]; readonly base: readonly string[] }): World =>
  ({ side, scope }) =>
    failing[side].filter((name) => scope === 'full' || scope.tests.includes(name));
