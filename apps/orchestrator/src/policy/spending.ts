/** What the agents of a task have used, beside what they may. Pure; times in milliseconds, money in millionths of a US dollar. */

interface CountedRun {
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly tokens: number | null;
  readonly costMicros: number | null;
}

export interface Spent {
  /** Starts of an agent, whatever came of them. */
  readonly attempts: number;
  readonly timeMs: number;
  /** Null: no run reported any. */
  readonly tokens: number | null;
  readonly costMicros: number | null;
  /** Ended runs that reported no tokens, and no money. */
  readonly silent: { readonly tokens: number; readonly cost: number };
}

export interface Limits {
  readonly timeMs?: number | null;
  readonly attempts?: number | null;
  readonly tokens?: number | null;
  readonly costMicros?: number | null;
}

/** Of a run that has not ended, the time until now counts. */
export function spentBy(runs: readonly CountedRun[], nowMs: number): Spent {
  const ended = runs.filter(({ endedAt }) => endedAt !== null);
  return {
    attempts: runs.length,
    timeMs: runs.reduce((sum, { startedAt, endedAt }) => sum + Math.max(0, (endedAt ?? nowMs) - startedAt), 0),
    tokens: sumOf(runs.map(({ tokens }) => tokens)),
    costMicros: sumOf(runs.map(({ costMicros }) => costMicros)),
    silent: {
      tokens: ended.filter(({ tokens }) => tokens === null).length,
      cost: ended.filter(({ costMicros }) => costMicros === null).length,
    },
  };
}

function sumOf(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((one) => one !== null);
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0);
}

type Row = readonly [used: number | null, limit: number | null | undefined, words: (used: number) => string];

const rowsOf = ({ attempts, timeMs, tokens, costMicros }: Spent, limits: Limits): readonly Row[] => [
  [attempts, limits.attempts, (used) => `${counted(used)} ${used === 1 ? 'run' : 'runs'}`],
  [timeMs, limits.timeMs, time],
  [tokens, limits.tokens, (used) => `${counted(used)} ${used === 1 ? 'token' : 'tokens'}`],
  [costMicros, limits.costMicros, dollars],
];

/** In words what is used up; null: another agent may begin. */
export function spentLimit(spent: Spent, limits: Limits): string | null {
  const found = rowsOf(spent, limits).find(
    ([used, limit]) => used !== null && typeof limit === 'number' && used >= limit,
  );
  if (found === undefined) return null;
  const [used, limit, words] = found;
  return `${words(used ?? 0)} of ${words(limit ?? 0)}`;
}

/** Limits that let another agent begin, as `task budget` takes them: twice what is used up; null: nothing is. */
export function widerLimits({ attempts, timeMs, tokens, costMicros }: Spent, limits: Limits): string | null {
  const rows: readonly Row[] = [
    [attempts, limits.attempts, (wide) => `attempts=${wide}`],
    [timeMs, limits.timeMs, (wide) => `time=${Math.ceil(wide / 1000)}s`],
    [tokens, limits.tokens, (wide) => `tokens=${wide}`],
    [costMicros, limits.costMicros, (wide) => `cost=${wide / 1e6}`],
  ];
  const wider = rows.flatMap(([used, limit, words]) =>
    used !== null && typeof limit === 'number' && used >= limit ? [words(2 * Math.max(used, 1))] : [],
  );
  return wider.length === 0 ? null : wider.join(' ');
}

/** `3 runs of 12 runs`, `12 m of 2 h`, `tokens not reported`, `$0.42 of $5`. */
export function spendingWords(spent: Spent, limits: Limits): readonly string[] {
  const { silent, attempts } = spent;
  const notes = ['', '', silentNote(silent.tokens, attempts), silentNote(silent.cost, attempts)];
  const names = ['', '', 'tokens', 'cost'];
  return rowsOf(spent, limits).map(([used, limit, words], at) => {
    const may = typeof limit === 'number' ? ` of ${words(limit)}` : '';
    return used === null
      ? `${names[at]} not reported${may === '' ? '' : ` (limit ${may.slice(4)})`}`
      : `${words(used)}${may}${notes[at]}`;
  });
}

const silentNote = (silent: number, attempts: number): string =>
  silent === 0 ? '' : ` (${silent} of ${attempts} did not report)`;

const counted = (number: number): string => number.toLocaleString('en-US');

function time(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} m` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`;
}

const dollars = (micros: number): string => `$${(micros / 1e6).toFixed(micros % 10_000 === 0 ? 2 : 4)}`;
