/** What the agents of a task have used, as the API, the command and the board show it. */
import { z } from '@hono/zod-openapi';
import { usdOf } from '../policy/budget.ts';
import { type Limits, type Spent, spentBy } from '../policy/spending.ts';
import type { AgentRun, Task } from '../store/port/index.ts';

const limitsView = z
  .object({
    time_s: z.number().nullable(),
    attempts: z.number().nullable(),
    tokens: z.number().nullable(),
    cost_usd: z.number().nullable(),
  })
  .openapi({ description: 'what they may use; null: no limit' });

const runView = z.object({
  role: z.string(),
  stage: z.string(),
  job: z.number(),
  started_at: z.string(),
  ended_at: z.string().nullable().openapi({ description: 'null: it works, or nobody knows yet that it is over' }),
  tokens: z.number().nullable().openapi({ description: 'null: not reported' }),
  cost_usd: z.number().nullable().openapi({ description: 'null: not reported' }),
  refused: z.string().nullable().openapi({ description: 'why what it reported is not taken' }),
});

export const spendingView = z
  .object({
    attempts: z.number().openapi({ description: 'starts of an agent' }),
    time_s: z.number().openapi({ description: 'how long agents worked, in seconds' }),
    tokens: z.number().nullable().openapi({ description: 'null: no run reported any' }),
    cost_usd: z.number().nullable().openapi({ description: 'null: no run reported any' }),
    silent: z
      .object({ tokens: z.number(), cost: z.number() })
      .openapi({ description: 'ended runs that did not report' }),
    budget: limitsView,
    runs: z.array(runView).openapi({ description: 'oldest first' }),
  })
  .openapi('Spending');
export type SpendingView = z.infer<typeof spendingView>;

/** As the view shows it, and as words are made of it. The budget is the one that held when an agent last began, or was set since. */
export function spendingOf(
  task: Pick<Task, 'budget'>,
  runs: readonly AgentRun[],
  nowMs: number,
): { readonly spent: Spent; readonly limits: Limits } {
  return { spent: spentBy(runs, nowMs), limits: { ...runs.at(-1)?.budget, ...task.budget } };
}

/** Null: no agent works in this profile. */
export function showSpending(task: Task, runs: readonly AgentRun[], nowMs: number): SpendingView | null {
  if (task.profile !== 'full') return null;
  const { spent, limits } = spendingOf(task, runs, nowMs);
  return {
    attempts: spent.attempts,
    time_s: spent.timeMs / 1000,
    tokens: spent.tokens,
    cost_usd: usd(spent.costMicros),
    silent: spent.silent,
    budget: {
      time_s: typeof limits.timeMs === 'number' ? limits.timeMs / 1000 : null,
      attempts: limits.attempts ?? null,
      tokens: limits.tokens ?? null,
      cost_usd: usd(limits.costMicros ?? null),
    },
    runs: runs.map((run) => ({
      role: run.role,
      stage: run.stage,
      job: run.jobId,
      started_at: new Date(run.startedAt).toISOString(),
      ended_at: run.endedAt === null ? null : new Date(run.endedAt).toISOString(),
      tokens: run.tokens,
      cost_usd: usd(run.costMicros),
      refused: run.refused,
    })),
  };
}

const usd = (micros: number | null): number | null => (micros === null ? null : usdOf(micros));
