/** The limits that a request sets for the agents of one task. Null lifts the one of the operator's file. */
import { z } from '@hono/zod-openapi';
import { given, MOST, microsOf } from '../policy/budget.ts';

export const budgetBody = z
  .strictObject({
    time_s: z.number().positive().max(MOST.seconds).nullable().optional(),
    attempts: z.number().int().min(1).max(MOST.attempts).nullable().optional(),
    tokens: z.number().int().min(1).max(MOST.tokens).nullable().optional(),
    cost_usd: z.number().positive().max(MOST.costUsd).nullable().optional(),
  })
  .refine((limits) => Object.keys(limits).length > 0, 'name at least one of time_s, attempts, tokens and cost_usd')
  .openapi('Budget', { minProperties: 1 });

/** As the store keeps them. */
export const taskBudget = ({ time_s: timeS, cost_usd: cost, ...rest }: z.output<typeof budgetBody>) => ({
  ...given('timeMs', typeof timeS === 'number' ? Math.round(timeS * 1000) : timeS),
  ...given('attempts', rest.attempts),
  ...given('tokens', rest.tokens),
  ...given('costMicros', typeof cost === 'number' ? microsOf(cost) : cost),
});
