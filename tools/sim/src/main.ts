/**
 * The simulator as a program; `gatehouse simulate` checks its words and runs it. Exit status: 0 nothing found, 1 found.
 */
import { parseArgs } from 'node:util';
import { type Progress, type SimulationReport, simulate } from './campaign.ts';

const REPORT_EVERY_MS = 5_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    lifetimes: { type: 'string', default: '10000' },
    threads: { type: 'string', default: '2' },
    world: { type: 'string' },
    trace: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const report = await simulate({
  seed: Number(values.seed),
  lifetimes: Number(values.lifetimes),
  threads: Number(values.threads),
  ...(values.world === undefined ? {} : { world: Number(values.world) }),
  onProgress: progressReporter(Number(values.lifetimes)),
  ...(values.trace ? { onLine: (line: string) => void process.stderr.write(`${line}\n`) } : {}),
});
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : inWords(report));
process.exitCode = report.violations.length + report.neverFired.length === 0 ? 0 : 1;

/** On stderr, one line at a time. */
function progressReporter(asked: number): (progress: Progress) => void {
  let reportedMs = performance.now();
  return ({ lifetimes, violations }) => {
    if (performance.now() - reportedMs < REPORT_EVERY_MS || lifetimes >= asked) return;
    reportedMs = performance.now();
    process.stderr.write(
      `${Math.floor((100 * lifetimes) / asked)} %: ${lifetimes} of ${asked} lifetimes, ${violations} violations so far\n`,
    );
  };
}

function inWords({ seed, lifetimes, worlds, violations, fired, neverFired }: SimulationReport): string {
  const width = Math.max(...Object.keys(fired).map(({ length }) => length));
  const lines = [
    ...Object.entries(fired).map(([name, times]) => `${name.padEnd(width)} ${String(times).padStart(9)}`),
    '',
    ...violations.map(({ world, invariant, text }) => `${invariant}: ${text}\n  replay: ${replayOf(seed, world)}`),
    ...neverFired.map((name) => `never came up: ${name}`),
    `seed ${seed}: ${lifetimes} lifetimes in ${worlds} worlds, ${violations.length} violations`,
  ];
  return `${lines.join('\n')}\n`;
}

function replayOf(seed: number, world: number): string {
  return `gatehouse simulate --seed ${seed} --world ${world} --trace`;
}
