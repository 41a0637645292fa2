/**
 * Plants one small fault at a time in the sources of what must never be wrong, and demands that a test notices: the share
 * that is noticed says how much the tests hold. See HELP.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AREAS } from './mutants/areas.mjs';
import { InProcess } from './mutants/in-process.mjs';
import { runJest } from './mutants/jest-step.mjs';
import { KEPT } from './mutants/kept.mjs';
import { mutantsOf } from './mutants/operators.mjs';
import { root } from './planting.mjs';
import { random } from './soak/random.mjs';
import { keepRound, openState } from './soak/state.mjs';

const HELP = `node tools/mutate.mjs [--area NAME]... [--file TEXT] [options]      in a clone of its own: it changes the sources and puts them back

  --area NAME     ${Object.keys(AREAS).join(', ')}; all without it
  --file TEXT     only files whose path has it
  --limit N       so many mutants of each area, drawn by the seed; all without it
  --seed N        which are drawn, and in which order [1]
  --state FILE    keeps every judged mutant, one JSON line each, and goes on after the last one
  --minutes N     plants none later than that [60]
  --steps N       shows them to the first N steps of tests only; the last ones are slow [all]
  --list          prints the mutants and plants none
  --json          the result as one object

A mutant that hangs counts as noticed. Survivors that are no faults stand in tools/mutants/kept.mjs with the reason, and are not planted.
Exit status: 0 nine of ten of each area are noticed; 1 fewer; 2 usage; 3 cut: call it again.`;
const ENOUGH = 0.9;
const LEAST_LIMIT_MS = 20_000;
/** In one process processor time counts, which does not grow with what else the machine does. */
const LEAST_OWN_LIMIT_MS = 5_000;
const UNBROKEN_LIMIT_MS = 30 * 60_000;

const { values } = parseArgs({
  options: {
    area: { type: 'string', multiple: true },
    ...Object.fromEntries(
      ['file', 'limit', 'seed', 'state', 'minutes', 'steps'].map((name) => [name, { type: 'string' }]),
    ),
    ...Object.fromEntries(['list', 'json', 'help'].map((name) => [name, { type: 'boolean', default: false }])),
  },
});
const areas = values.area ?? Object.keys(AREAS);
const unknown = areas.find((name) => AREAS[name] === undefined);
if (values.help || unknown !== undefined) {
  console.log(unknown === undefined ? HELP : `there is no area ${unknown}\n\n${HELP}`);
  process.exit(unknown === undefined ? 0 : 2);
}
const seed = Number(values.seed ?? 1);
const deadline = Date.now() + Number(values.minutes ?? 60) * 60_000;
const judged = values.state === undefined ? [] : openState(values.state);
const say = values.json ? console.error : console.log;

/** What is planted now, to be put back on every way out. */
let planted = null;
const putBack = () => {
  if (planted !== null) writeFileSync(planted.path, planted.source);
  planted = null;
};
process.on('exit', putBack);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

const idOf = ({ file, line, operator, from, nth }) =>
  `${file}:${line} ${operator}: ${from}${nth === 0 ? '' : ` (${nth + 1})`}`;

/** The mutants of an area in the order of the seed; those that are kept are left out. */
function drawn(area) {
  const all = AREAS[area].files
    .filter((file) => file.includes(values.file ?? ''))
    .flatMap((file) => {
      const times = new Map();
      return mutantsOf(readFileSync(join(root, file), 'utf8')).map((mutant) => {
        const key = `${mutant.line} ${mutant.operator} ${mutant.from}`;
        const nth = times.get(key) ?? 0;
        times.set(key, nth + 1);
        return {
          file,
          nth,
          code: readFileSync(join(root, file), 'utf8').split('\n')[mutant.line - 1].trim(),
          ...mutant,
        };
      });
    })
    .filter((mutant) => !KEPT.some((kept) => isKept(kept, mutant)));
  const rng = random(seed);
  return all
    .map((mutant) => ({ mutant, at: rng() }))
    .sort((one, other) => one.at - other.at)
    .map(({ mutant }) => mutant)
    .slice(0, Number(values.limit ?? all.length));
}

const isKept = ({ file, code, operator, from }, mutant) =>
  mutant.file.endsWith(file) && mutant.code === code && mutant.operator === operator && mutant.from === from;

/** Which step noticed it, from 1; 0: none did. */
async function judge(steps, mutant) {
  for (const [at, { show, limitMs }] of steps.entries())
    if ((await show(mutant, limitMs)).end !== 'green') return at + 1;
  return 0;
}

/** In its file, for tests that start processes on the sources. */
async function showInPlace(step, { file, text }, limitMs) {
  const path = join(root, file);
  planted = { path, source: readFileSync(path, 'utf8') };
  writeFileSync(path, text);
  try {
    return await runJest(root, step, limitMs);
  } finally {
    putBack();
  }
}

/** The steps with how long each may take; a step that is red without a mutant says nothing, so all ends. */
async function soundSteps(area) {
  const steps = [];
  for (const step of AREAS[area].steps.slice(0, Number(values.steps ?? 99))) {
    const inProcess = step.withJest ? null : new InProcess(root, step);
    const started = Date.now();
    const { end, says, usedMs } = await (inProcess?.show() ?? runJest(root, step, UNBROKEN_LIMIT_MS));
    if (end !== 'green') throw new Error(`${end} without a mutant: ${step.workspace} ${step.files.join(' ')}\n${says}`);
    steps.push({
      show: (mutant, limitMs) => inProcess?.show(mutant, limitMs) ?? showInPlace(step, mutant, limitMs),
      end: () => inProcess?.end(),
      limitMs: inProcess === null ? LEAST_LIMIT_MS + 4 * (Date.now() - started) : LEAST_OWN_LIMIT_MS + 3 * usedMs,
    });
  }
  return steps;
}

async function judgeArea(area) {
  const mutants = drawn(area);
  const known = new Map(judged.filter(({ kind }) => kind === area).map((round) => [round.id, round]));
  const open = mutants.filter((mutant) => !known.has(idOf(mutant)));
  const steps = open.length === 0 ? [] : await soundSteps(area);
  for (const [at, mutant] of open.entries()) {
    if (Date.now() > deadline) break;
    const noticedBy = await judge(steps, mutant);
    const id = idOf(mutant);
    const round = {
      kind: area,
      number: at,
      seed,
      id,
      code: mutant.code,
      to: mutant.to,
      done: { noticedBy },
      found: noticedBy === 0 ? [id] : [],
    };
    known.set(id, round);
    if (values.state !== undefined) keepRound(values.state, round);
    say(`${noticedBy === 0 ? 'SURVIVED' : `step ${noticedBy}  `} ${id} -> ${mutant.to}`);
  }
  for (const step of steps) step.end();
  const rounds = mutants.flatMap((mutant) => known.get(idOf(mutant)) ?? []);
  const survivors = rounds
    .filter(({ done }) => done.noticedBy === 0)
    .map(({ id, code, to }) => `${id} -> ${to}    ${code}`);
  return { area, wanted: mutants.length, judged: rounds.length, noticed: rounds.length - survivors.length, survivors };
}

const results = [];
for (const area of areas) {
  if (values.list) for (const mutant of drawn(area)) console.log(`${idOf(mutant)} -> ${mutant.to}`);
  else results.push(await judgeArea(area));
}
for (const { area, wanted, judged: count, noticed, survivors } of results) {
  say(
    `${area}: ${noticed} of ${count} noticed (${count === 0 ? '-' : ((100 * noticed) / count).toFixed(1)} %)${count < wanted ? `, ${wanted - count} not judged yet` : ''}`,
  );
  for (const survivor of survivors) say(`  ${survivor}`);
}
if (values.json) console.log(JSON.stringify(results));
const isLow = results.some(({ judged: count, noticed }) => noticed < ENOUGH * count);
process.exitCode = isLow ? 1 : results.some(({ judged: count, wanted }) => count < wanted) ? 3 : 0;
