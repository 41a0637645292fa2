/**
 * What the certificate says of branches whose truth is known, beside flaky tests of main, each cell exactly and simulated:
 * `node --conditions=gatehouse:src soak/flake-lab.mjs [--verdicts 10000] [--seed 1] [--json]`. Exits 1 when a cell blames the innocent
 * with more than 0.1 %, simulation and enumeration disagree, or a guilty branch is convicted less often than a row promises.
 */
import { parseArgs } from 'node:util';
import { BRANCHES, enumerate, faultsOf, NAMINGS, RATES, simulate } from '../test/certificate/flake-lab.ts';

const { values } = parseArgs({
  options: {
    verdicts: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const verdicts = Number(values.verdicts);
const seed = Number(values.seed);

/** Asks, and full runs in each. */
const BUDGETS = [
  [1, 12],
  [1, 14],
  [1, 20],
  [1, 40],
  [2, 10],
  [3, 10],
  [4, 10],
];

const cells = [];
for (const naming of NAMINGS)
  for (const polluted of [false, true])
    for (const branch of BRANCHES) for (const rate of RATES) cells.push({ rate, branch, naming, polluted, flakes: 1 });
for (const branch of BRANCHES)
  for (const rate of RATES) cells.push({ rate, branch, naming: 'rerunnable', polluted: false, flakes: 2 });
for (const [asks, fullRuns] of BUDGETS)
  for (const [naming, polluted] of [
    ['unnamed', false],
    ['named', false],
    ['rerunnable', true],
  ])
    for (const branch of BRANCHES)
      for (const rate of RATES) cells.push({ rate, branch, naming, polluted, flakes: 1, asks, options: { fullRuns } });

const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.001 ? 4 : 2)}%`;
const COLUMNS = [
  'names',
  'polluted',
  'branch',
  'rate',
  'flakes',
  'asks',
  'runs',
  'false',
  'simulated',
  'bound',
  'convicted',
  'simulated',
  'deferred',
  'opened',
  'full',
  'alone',
];
const WIDTHS = [10, 8, 20, 5, 6, 4, 5, 9, 9, 8, 9, 9, 8, 8, 6, 6];
const line = (fields) => fields.map((field, at) => String(field).padEnd(WIDTHS[at])).join(' ');

if (!values.json) console.log(line(COLUMNS));
let faults = 0;
for (const [at, cell] of cells.entries()) {
  const exact = enumerate(cell);
  const simulated = simulate(cell, { verdicts, seed: seed + at * verdicts });
  const wrong = faultsOf(cell, { exact, simulated, verdicts });
  faults += wrong.length;
  if (values.json) console.log(JSON.stringify({ ...cell, exact, simulated, wrong }));
  else {
    const { naming, polluted, branch, rate, flakes, asks = 1, options } = cell;
    const spent = [exact.fullRuns, exact.singleRuns].map((runs) => runs.toFixed(2));
    const blame = [percent(exact.falseBlame), percent(simulated.falseBlame), percent(exact.bound)];
    const rest = [exact.convicted, simulated.convicted, exact.deferred, exact.opened].map(percent);
    const head = [naming, polluted ? 'yes' : 'no', branch, percent(rate).replace('.00', ''), flakes, asks];
    console.log(line([...head, options?.fullRuns ?? 10, ...blame, ...rest, ...spent]));
    for (const fault of wrong) console.log(`  WRONG: ${fault}`);
  }
}
const summary = { cells: cells.length, verdicts: cells.length * verdicts, seed, wrong: faults };
console.log(
  values.json
    ? JSON.stringify(summary)
    : `${summary.cells} cells, ${summary.verdicts} verdicts, seed ${seed}: ${faults} wrong`,
);
process.exitCode = faults === 0 ? 0 : 1;
