/** `GET /jobs/{id}/log`: what a job's commands printed, the end of each, secrets masked. */

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../problem.ts';
import { LOG_TAIL, readLog } from '../read-log.ts';
import { refuses } from '../refusals.ts';

const TAIL_LIMIT = 4 * 1024 * 1024;

const route = createRoute({
  method: 'get',
  path: '/jobs/{id}/log',
  summary: 'The output of a job, running or ended',
  request: {
    params: z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
    query: z.object({ tail: z.coerce.number().int().min(1).max(TAIL_LIMIT).default(LOG_TAIL) }),
  },
  responses: { 200: { description: 'text', content: { 'text/plain': { schema: z.string() } } }, ...refuses(404) },
});

export function logRoutes({ store, workspaces }: Pick<ServiceContext, 'store' | 'workspaces'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const job = await store.getJob(id);
    if (job === null) return problem(c, 404, `no job has number ${id}; GET /queue shows the live ones`);
    const text = await readLog({ workspaces }, job, c.req.valid('query').tail);
    return c.text(text, 200);
  });
  return app;
}
