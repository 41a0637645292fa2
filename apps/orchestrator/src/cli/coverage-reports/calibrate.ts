/** `gatehouse coverage calibrate`: runs the coverage command of a repository several times on one commit and says how much it flaps. */
import { join, resolve } from 'node:path';
import {
  type Calibration,
  type CoveragePolicy,
  calibrateEpsilon,
  formatShare,
  type Measured,
  measureCoverage,
} from '@gatehouse/coverage-gate';
import { describeCrash } from '@gatehouse/verdict';
import { temporaryDirectory } from '../../platform/temporary-directory.ts';
import { loadPolicy } from '../../policy/load-policy.ts';
import type { GatePolicy } from '../../policy/resolve-policy.ts';
import { runLimits } from '../../policy/run-limits.ts';
import type { Settings } from '../../settings.ts';
import { type Answer, failure, type Terminal, usage } from '../answer.ts';
import { locate } from '../checkout/locate.ts';
import type { Located, LocateOptions } from '../checkout/located.ts';
import { rangesInWords } from './read.ts';

export interface CalibrateOptions extends LocateOptions {
  readonly config?: string;
  readonly runs: string;
}

const HELP = 'gatehouse coverage calibrate --help';

interface Scene extends Located {
  readonly options: CalibrateOptions;
  readonly settings: Settings;
  readonly terminal: Terminal;
  readonly directory: string;
  readonly count: number;
}

export async function coverageCalibrate(
  options: CalibrateOptions,
  settings: Settings,
  terminal: Terminal,
): Promise<Answer> {
  const count = /^\d{1,3}$/.test(options.runs) ? Number(options.runs) : 0;
  if (count < 2 || count > 100) return usage('--runs takes a number from 2 to 100', HELP);
  const directory = await temporaryDirectory('gatehouse-calibrate-');
  if (directory.kind !== 'made') return failure(`no temporary directory can be made: ${directory.reason}`);
  const found = await locate(options, { directory: directory.path, terminal });
  const scene = { options, settings, terminal, directory: directory.path, count };
  const answer = found.kind === 'located' ? await calibrate({ ...scene, ...found }) : found.answer;
  await directory.remove();
  return answer;
}

async function calibrate(scene: Scene): Promise<Answer> {
  const { options, settings, terminal, git, subject } = scene;
  const operatorFile = options.config === undefined ? '' : resolve(terminal.cwd, options.config);
  const loaded = await loadPolicy({ git, base: subject.base, operatorFile, settings, signal: terminal.signal });
  if (loaded.kind === 'invalid') return usage(loaded.problems.join('\n           '));
  if (loaded.kind !== 'policy') return failure(loaded.reason);
  const { coverage } = loaded.policy;
  if (coverage === null) return usage('no coverage command is configured: write `coverage` into gatehouse.yaml', HELP);
  const runs: Measured[] = [];
  for (let run = 1; run <= scene.count; run += 1) {
    terminal.progress?.step({ what: `coverage run ${run} of ${scene.count}` });
    const measured = await runOnce(scene, { ...loaded.policy, coverage });
    if ('exit' in measured) return measured;
    runs.push(measured);
    terminal.progress?.note(`coverage run ${run}: ${formatShare(measured)}`);
  }
  const calibration = calibrateEpsilon(runs);
  return 'kind' in calibration ? failure(describeCrash(calibration)) : answerOf(calibration, runs, coverage.epsilonPpm);
}

async function runOnce(
  { git, subject, settings, directory, terminal }: Scene,
  policy: Pick<GatePolicy, 'isolation'> & { readonly coverage: CoveragePolicy },
): Promise<Measured | Answer> {
  const measured = await measureCoverage({
    ...runLimits(settings, policy),
    git,
    commit: subject.head,
    slotDir: join(directory, 'slot'),
    policy: { graceMs: settings.commands.graceMs, ...policy.coverage },
    signal: terminal.signal,
  });
  switch (measured.kind) {
    case 'measured':
      return measured.measured;
    case 'unknown':
    case 'infra':
      return failure(measured.reason, HELP);
    case 'crashed':
      return failure(describeCrash(measured));
  }
}

function answerOf(calibration: Calibration, runs: readonly Measured[], presentPpm: number): Answer {
  const { low, high, amplitudePpm, epsilonPpm, flapping } = calibration;
  const json = {
    runs: runs.map(({ covered, total }) => ({ covered, total })),
    ...{ low, high, amplitude_ppm: amplitudePpm, epsilon_ppm: epsilonPpm, present_epsilon_ppm: presentPpm, flapping },
  };
  const byFile = Map.groupBy(flapping, ({ path }) => path);
  const lines = [...byFile].map(([path, ranges]) => `  ${path}: ${rangesInWords(ranges)}`);
  const text = [
    `${runs.length} runs: ${formatShare(low)} to ${formatShare(high)}`,
    ...(lines.length === 0 ? ['no line flaps'] : ['lines that some runs covered and others did not:', ...lines]),
    advice(epsilonPpm, presentPpm),
  ].join('\n');
  return { exit: 0, json, text };
}

/** More than this is no tolerance: every change could lose as much, unseen. */
const MOST_PPM = 10_000;

function advice(wantedPpm: number, presentPpm: number): string {
  if (wantedPpm <= presentPpm) return `the tolerance of ${percent(presentPpm)} is enough`;
  if (wantedPpm <= MOST_PPM)
    return `set coverage.epsilon: ${percent(wantedPpm)} (twice the amplitude; now ${percent(presentPpm)})`;
  return `no coverage.epsilon is proposed: one of ${percent(wantedPpm)} (twice the amplitude) would let every change lose as much; make the tests of these lines steady, or leave their files out of the measurement`;
}

/** As `coverage.epsilon` takes it. */
const percent = (ppm: number): string => String(ppm / 10_000);
