// How fast reports are read, in CPU time, beside the parsers of the field and beside a loop over every byte.
//   npm run coverage -- [--help] [--mb N] [--rounds N] [--seed N]
// Each contender is a process of its own; they take turns. --mb [100] is the size of the LCOV and Cobertura reports; those of coverage.py and Go are
// half of it. Some minutes at 100 MB, since the peers take seconds each. Ends with 1 when a goal is not met.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleave, median, printGoals, printTable, seedOrder } from '../ratio-table.mjs';
import { writeReport } from './reports.mjs';

const words = process.argv.slice(2);
if (words.includes('--help')) {
  console.log('npm --prefix tools/bench run coverage -- [--mb N] [--rounds N] [--seed N]');
  process.exit(0);
}
const option = (name, usual) => (words.includes(name) ? Number(words[words.indexOf(name) + 1]) : usual);
const bytes = option('--mb', 100) * 1_000_000;
const rounds = option('--rounds', 3);
const seed = option('--seed', 1);
seedOrder(seed);

const KINDS = {
  lcov: { part: 1, names: ['byte loop', 'ours', 'ours, the bytes alone', 'ours, in the gate', 'lcov-parse'] },
  cobertura: { part: 1, names: ['byte loop', 'ours', 'ours, the bytes alone', 'ours, in the gate', 'saxes'] },
  coveragePy: { part: 0.5, names: ['byte loop', 'ours', 'ours, the bytes alone', 'ours, in the gate', 'JSON.parse'] },
  go: { part: 0.5, names: ['byte loop', 'ours', 'ours, the bytes alone', 'ours, in the gate', 'golang-cover-parse'] },
};

const folder = mkdtempSync(join(tmpdir(), 'bench-coverage-'));
const contend = (name, path) =>
  JSON.parse(
    execFileSync(
      process.execPath,
      ['--max-old-space-size=8192', join(import.meta.dirname, 'contender.mjs'), name, path],
      {
        encoding: 'utf8',
      },
    ),
  );

const cpu = {};
const peak = {};
try {
  for (const [kind, { part, names }] of Object.entries(KINDS)) {
    const path = join(folder, kind);
    const truth = writeReport(kind, path, { bytes: bytes * part, seed });
    const runs = await interleave(
      rounds,
      Object.fromEntries(names.map((name) => [name, () => contend(name, path)])),
      0,
    );
    cpu[kind] = {};
    const rows = names.map((name) => {
      const ms = median(runs[name].map((run) => run.ms));
      const { covered, total } = runs[name][0];
      cpu[kind][name] = ms;
      if (name === 'ours') peak[kind] = Math.max(...runs[name].map(({ mib }) => mib));
      const isRight = covered === truth.covered && total === truth.total;
      return [
        name,
        ms,
        truth.size / 1000 / ms,
        Math.max(...runs[name].map(({ mib }) => mib)),
        total === undefined ? '-' : isRight ? 'exact' : `${covered}/${total}, true ${truth.covered}/${truth.total}`,
      ];
    });
    printTable(
      `${kind}, ${(truth.size / 1e6).toFixed(0)} MB`,
      ['reader', 'CPU ms', 'MB/s', 'peak MiB', 'totals'],
      rows,
    );
    rmSync(path);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const slower = (kind, name) => ({ ours: cpu[kind][name], reference: cpu[kind].ours, unit: 'ms', against: 'ours' });
const one = 'one machine, one shape of report';
const missed = printGoals([
  {
    what: 'LCOV, beside a loop over every byte',
    ours: cpu.lcov.ours,
    reference: cpu.lcov['byte loop'],
    unit: 'ms',
    against: 'the loop',
    atMost: 2,
    blind: one,
  },
  { what: 'LCOV, lcov-parse beside ours', ...slower('lcov', 'lcov-parse'), atLeast: 20, blind: one },
  { what: 'Cobertura, saxes beside ours', ...slower('cobertura', 'saxes'), atLeast: 10, blind: one },
  { what: 'coverage.py JSON, JSON.parse beside ours', ...slower('coveragePy', 'JSON.parse'), atLeast: 1.5, blind: one },
  { what: 'Go, golang-cover-parse beside ours', ...slower('go', 'golang-cover-parse'), atLeast: 12, blind: one },
  ...Object.keys(KINDS).map((kind) => ({
    what: `peak memory, ${kind}`,
    ours: peak[kind],
    unit: 'MiB',
    atMost: 100,
    against: 'the whole process',
    blind: 'a report of another size',
  })),
]);
process.exitCode = missed === 0 ? 0 : 1;
