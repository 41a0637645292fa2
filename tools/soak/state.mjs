/**
 * What a soak keeps: one JSON line for each finished round, so that a soak which was cut, at any byte, goes on after its
 * last whole round. A line holds `kind`, `number`, `seed`, `at`, `tookMs`, `done` (how often what was done) and `found`.
 */
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';

const FIELDS = { kind: 'string', number: 'number', seed: 'number', done: 'object', found: 'object' };

/**
 * The finished rounds of a state file, in the order in which they finished; none when there is no file. A last line
 * without its end is a round that was cut: it is taken off the file. Throws for a file that is no state.
 */
export function openState(file) {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const whole = bytes.lastIndexOf('\n') + 1;
  const rounds = bytes
    .subarray(0, whole)
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((line, at) => roundOf(line, `${file}:${at + 1}`));
  if (whole < bytes.length) truncateSync(file, whole);
  return rounds;
}

/** Adds a finished round, as one write. */
export function keepRound(file, round) {
  appendFileSync(file, `${JSON.stringify(round)}\n`);
}

/** What all rounds of a kind come to: `done` and `fired` added up, and everything that was found. */
export function totalOf(rounds, kind) {
  const own = rounds.filter((round) => round.kind === kind);
  const total = { rounds: own.length, tookMs: 0, done: {}, fired: {}, found: [] };
  for (const { number, seed, tookMs, done, fired, found } of own) {
    total.tookMs += tookMs;
    add(total.done, done);
    add(total.fired, fired ?? {});
    total.found.push(...found.map((text) => `${kind} ${number} (seed ${seed}): ${text}`));
  }
  return total;
}

/** The lowest number that no finished round of the kind has, nor one that runs: a round that was cut is done again. */
export function nextNumber(rounds, kind, running = []) {
  const taken = new Set([...running, ...rounds.filter((round) => round.kind === kind).map(({ number }) => number)]);
  let number = 0;
  while (taken.has(number)) number += 1;
  return number;
}

/** The seed of round 0: the state's own, so that a soak goes on as it began; `fresh` where there is no round yet. */
export function firstSeed(rounds, kind, fresh) {
  const known = rounds.find((round) => round.kind === kind);
  return known === undefined ? fresh : known.seed - known.number;
}

function add(sum, more) {
  for (const [name, times] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + times;
}

function roundOf(line, place) {
  let round = null;
  try {
    round = JSON.parse(line);
  } catch {
    throw new Error(`${place} is no round of a soak: ${line.slice(0, 60)}`);
  }
  const wrong = Object.entries(FIELDS).find(([name, type]) => typeof round?.[name] !== type || round[name] === null);
  if (wrong !== undefined) throw new Error(`${place} is no round of a soak: its ${wrong[0]} is no ${wrong[1]}`);
  return round;
}
