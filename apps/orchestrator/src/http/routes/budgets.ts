/** What the agents of one task may use. It is the operator's money, so only an admin sets it. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { budgetBody, taskBudget } from '../budget-body.ts';
import { problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import { showSpending, spendingView } from '../spending.ts';
import { json } from '../views.ts';

const set = createRoute({
  method: 'post',
  path: '/tasks/{id}/budget',
  summary: 'Set what the agents of a task may use; a limit that is not named stays, null lifts it',
  request: {
    params: z.object({ id: z.string().min(1).max(200) }),
    body: { required: true, content: { 'application/json': { schema: budgetBody } } },
  },
  responses: { 200: json(spendingView, 'what they have used, and may use now'), ...refuses(404, 409) },
});

export function budgetRoutes({ store, now }: Pick<ServiceContext, 'now' | 'store'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(set, async (c) => {
    const { id } = c.req.valid('param');
    const known = await store.getTask(id);
    if (known === null) return problem(c, 404, `no task is called ${JSON.stringify(id)}; see GET /tasks`);
    if (known.profile !== 'full')
      return problem(c, 409, `${id} is in a queue for people: no agent works for it`, `GET /tasks/${id}`);
    const budget = { ...known.budget, ...taskBudget(c.req.valid('json')) };
    const task = (await store.setBudget(id, budget, { actor: c.var.actor, atMs: now() })) ?? known;
    const spending = showSpending(task, await store.agentRuns(id), now());
    if (spending === null) return problem(c, 409, `${id} has no agents`);
    return c.json(spending, 200);
  });
  return app;
}
