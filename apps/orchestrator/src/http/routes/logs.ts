/** `GET /jobs/{id}/log`: what a job's commands printed, the end of each, secrets masked. */

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { maskTexts } from '../../platform/mask-text.ts';
import { problem } from '../problem.ts';
import { refusals } from '../views.ts';

const TAIL = 65_536;
const TAIL_LIMIT = 4 * 1024 * 1024;

const route = createRoute({
  method: 'get',
  path: '/jobs/{id}/log',
  summary: 'The output of a job, running or ended',
  request: {
    params: z.object({ id: z.coerce.number().int().positive() }),
    query: z.object({ tail: z.coerce.number().int().min(1).max(TAIL_LIMIT).default(TAIL) }),
  },
  responses: { 200: { description: 'text', content: { 'text/plain': { schema: z.string() } } }, ...refusals },
});

export function logRoutes({ store, workspaces }: Pick<ServiceContext, 'store' | 'workspaces'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const job = await store.getJob(id);
    if (job === null) return problem(c, 404, `no job has number ${id}; GET /queue shows the live ones`);
    const logs = await workspaces.logs(job, c.req.valid('query').tail);
    const parts = logs.map(({ name, text, skippedBytes }) =>
      [`==> ${name}${skippedBytes > 0 ? ` (${skippedBytes} bytes before this)` : ''}`, text].join('\n'),
    );
    const shown = await maskTexts(parts);
    const text = logs.length === 0 ? 'this job has printed nothing\n' : shown.join('\n');
    return c.text(text, 200, { 'x-content-type-options': 'nosniff' });
  });
  return app;
}
