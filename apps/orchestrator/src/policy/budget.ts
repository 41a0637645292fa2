/** What the agents of a task may use, as the operator's file says it. A person sets other limits for one task: http/budget-body.ts. */
import { z } from 'zod';
import { duration } from './policy-values.ts';

/** A larger limit is a slip of the hand. */
export const MOST = { attempts: 10_000, tokens: 1e12, costUsd: 1e6, seconds: 31_536_000 } as const;
const MICROS = 1_000_000;

const attempts = z.number().int().min(1).max(MOST.attempts);
const tokens = z.number().int().min(1).max(MOST.tokens);
const costUsd = z.number().positive().max(MOST.costUsd);

/** The key `agents.budget` of an operator's file; as the store keeps it. */
export const budgetSchema = z
  .strictObject({
    time: duration.optional(),
    attempts: attempts.optional(),
    tokens: tokens.optional(),
    cost_usd: costUsd.optional(),
  })
  .transform(({ time, cost_usd: cost, ...rest }) => ({
    ...given('timeMs', time),
    ...given('attempts', rest.attempts),
    ...given('tokens', rest.tokens),
    ...given('costMicros', cost === undefined ? undefined : microsOf(cost)),
  }));

export const BUDGET_KEYS: readonly string[] = ['time', 'attempts', 'tokens', 'cost_usd'];

/** A property that is there only where there is a value. */
export const given = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } | Record<never, never> => (value === undefined ? {} : { [name]: value });

export const microsOf = (usd: number): number => Math.round(usd * MICROS);
export const usdOf = (micros: number): number => micros / MICROS;
