/** Budgets as a person types and reads them: `tokens=2000000 time=2h cost=5 attempts=none`. */
import type { z } from 'zod';
import { budgetBody } from '../http/budget-body.ts';
import type { SpendingView, spendingView } from '../http/spending.ts';
import { microsOf } from '../policy/budget.ts';
import { duration } from '../policy/policy-values.ts';
import { spendingWords } from '../policy/spending.ts';

type BudgetBody = z.output<typeof budgetBody>;

export type BudgetWords =
  | { readonly kind: 'budget'; readonly body: BudgetBody }
  | { readonly kind: 'unreadable'; readonly problem: string };

const KEYS = { time: 'time_s', attempts: 'attempts', tokens: 'tokens', cost: 'cost_usd' } as const;
type Key = keyof typeof KEYS;

/** Each word names one limit; `none` lifts it. Total. */
export function parseBudget(words: readonly string[]): BudgetWords {
  const body: Record<string, unknown> = {};
  for (const word of words.flatMap((one) => one.split(','))) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(word) ?? [];
    if (!Object.hasOwn(KEYS, name) || value === '')
      return unreadable(word, 'write time=2h, attempts=12, tokens=2000000 or cost=5 (US dollars); none lifts a limit');
    body[KEYS[name as Key]] = limitOf(name as Key, value);
  }
  const read = budgetBody.safeParse(body);
  return read.success
    ? { kind: 'budget', body: read.data }
    : unreadable(words.join(' '), `${read.error.issues[0]?.path.join('.')}: ${read.error.issues[0]?.message}`);
}

function limitOf(name: Key, value: string): unknown {
  if (value === 'none') return null;
  if (name !== 'time') return Number(value);
  const read = duration.safeParse(value);
  return read.success ? read.data / 1000 : value;
}

const unreadable = (what: string, why: string): BudgetWords => ({
  kind: 'unreadable',
  problem: `the budget ${JSON.stringify(what)} cannot be read: ${why}`,
});

/** One line of what the agents of a task have used, and one for each report that was not taken. */
export function spendingLines(view: z.infer<typeof spendingView> | null): readonly string[] {
  if (view === null) return [];
  return [`agents: ${wordsOf(view).join(' · ')}`, ...refusedLines(view)];
}

const refusedLines = ({ runs }: SpendingView): string[] =>
  runs.flatMap(({ role, job, refused }) =>
    refused === null ? [] : [`note: what the ${role} of job ${job} reported of its usage is not taken: ${refused}`],
  );

function wordsOf({ attempts, time_s: timeS, tokens, cost_usd: cost, silent, budget }: SpendingView): readonly string[] {
  const micros = (usd: number | null): number | null => (usd === null ? null : microsOf(usd));
  return spendingWords(
    { attempts, timeMs: timeS * 1000, tokens, costMicros: micros(cost), silent },
    {
      timeMs: budget.time_s === null ? null : budget.time_s * 1000,
      attempts: budget.attempts,
      tokens: budget.tokens,
      costMicros: micros(budget.cost_usd),
    },
  );
}
