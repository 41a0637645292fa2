/** What a soak comes to so far, against what is wanted. */
import { lifetimesInWords } from './lifetimes.mjs';
import { totalOf } from './state.mjs';

/** What a whole soak does. */
export const GOALS = { lifetimes: 500_000, kills: 200, stops: 300, holders: 50 };
const KIND_OF = { lifetimes: 'lifetimes', kills: 'kills', stops: 'kills', holders: 'holders' };

const doneOf = (rounds, name) => totalOf(rounds, KIND_OF[name]).done[name] ?? 0;

export const isReached = (rounds, wanted) =>
  Object.entries(wanted).every(([name, times]) => doneOf(rounds, name) >= times);

/** Lines: how much of each is done, the particulars, and everything that was found. */
export function summary(rounds, wanted) {
  const lines = Object.entries(wanted)
    .filter(([name, times]) => times > 0 || doneOf(rounds, name) > 0)
    .map(([name, times]) => `${name}: ${doneOf(rounds, name)} of ${times}`);
  for (const kind of ['kills', 'holders']) {
    const { rounds: times, tookMs, done } = totalOf(rounds, kind);
    const words = Object.entries(done).map(([name, count]) => `${name} ${count}`);
    if (times > 0) lines.push(`${kind}: ${times} rounds in ${Math.round(tookMs / 60_000)} min: ${words.join(', ')}`);
  }
  if (rounds.some(({ kind }) => kind === 'lifetimes')) lines.push('lifetimes:', ...lifetimesInWords(rounds));
  const found = ['lifetimes', 'kills', 'holders'].flatMap((kind) => totalOf(rounds, kind).found);
  return [...lines, `${found.length} found`, ...found.map((text) => `  ${text}`)];
}
