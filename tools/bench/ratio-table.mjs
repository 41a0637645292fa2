// The frame of every benchmark here: contenders take turns, so that a busy minute hits all of them, and a figure is
// judged as a ratio to a peer or a limit that was measured in the same run.

/**
 * Runs each contender once per round and returns its samples; the first `warmUp` rounds do not count. The order is drawn
 * anew for every round, so that no contender always comes after the same neighbour.
 */
export async function interleave(rounds, contenders, warmUp = 2) {
  const names = Object.keys(contenders);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds + warmUp; round += 1) {
    for (const name of shuffled(names)) {
      const value = await contenders[name]();
      if (round >= warmUp) samples[name].push(value);
    }
  }
  return samples;
}

let draw = Math.random;

/** The same seed draws the same orders. */
export function seedOrder(seed) {
  let state = seed >>> 0;
  draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const shuffled = (names) =>
  names
    .map((name) => [draw(), name])
    .sort(([one], [other]) => one - other)
    .map(([, name]) => name);

export function percentile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const median = (values) => percentile(values, 0.5);

export const show = (value) => {
  if (typeof value !== 'number') return String(value ?? '-');
  if (!Number.isFinite(value)) return '-';
  return Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(Math.abs(value) < 100 ? 1 : 0);
};

export function printTable(title, columns, rows) {
  console.log(`\n${title}\n`);
  console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|`);
  for (const row of rows) console.log(`| ${row.map(show).join(' | ')} |`);
}

/**
 * Each goal: { what, ours, against, reference, unit, atMost, blind }. The ratio is ours / reference; without a reference
 * `ours` itself is judged. `atLeast` instead of `atMost` turns the comparison round. `blind` says what it does not show.
 */
export function printGoals(goals) {
  const judged = goals.map((goal) => {
    const ratio = goal.reference === undefined ? goal.ours : goal.ours / goal.reference;
    const met = goal.atLeast === undefined ? ratio <= goal.atMost : ratio >= goal.atLeast;
    return { ...goal, ratio, met };
  });
  printTable(
    'Goals',
    ['what', 'ours', 'reference', 'ratio', 'goal', 'met', 'does not show'],
    judged.map(({ what, ours, unit, reference, against, ratio, atMost, atLeast, met, blind }) => [
      what,
      `${show(ours)} ${unit}`,
      reference === undefined ? (against ?? '-') : `${show(reference)} ${unit}, ${against}`,
      reference === undefined ? '-' : ratio,
      atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`,
      met ? 'yes' : 'no',
      blind,
    ]),
  );
  return judged.filter(({ met }) => !met).length;
}
