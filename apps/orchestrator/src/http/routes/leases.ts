/** `GET /leases`: which task may move which main, since when, and which tasks are in the queue. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { jsonPage, pageInMemory, pageQuery, tellPage } from '../page.ts';

export const leaseView = z
  .object({
    repo: z.string(),
    holder: z.string().nullable().openapi({ description: 'the task that may move main; null: nobody holds it' }),
    token: z.number().nullable().openapi({ description: 'fencing token of the holder; only grows' }),
    acquired_at: z.string().nullable(),
    renewed_at: z.string().nullable(),
    line: z.array(z.object({ task: z.string(), since: z.string() })),
  })
  .openapi('Lease');

const route = createRoute({
  method: 'get',
  path: '/leases',
  summary: 'Merge leases and the line for each',
  request: { query: pageQuery() },
  responses: { 200: jsonPage(leaseView, 'leases') },
});

export function leaseRoutes({ store }: Pick<ServiceContext, 'store'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(route, async (c) => {
    const tickets = await store.listTickets();
    const held = await store.listLeases();
    const page = pageInMemory(await store.listRepos(), c.req.valid('query'), ({ id }) => id);
    tellPage(c, page);
    const leases = page.rows.map(({ id }) => {
      const lease = held.find(({ repoId }) => repoId === id);
      return {
        repo: id,
        holder: lease?.holder ?? null,
        token: lease?.token ?? null,
        acquired_at: lease === undefined ? null : new Date(lease.acquiredAt).toISOString(),
        renewed_at: lease === undefined ? null : new Date(lease.renewedAt).toISOString(),
        line: tickets
          .filter(({ repoId }) => repoId === id)
          .map(({ taskId, takenAt }) => ({ task: taskId, since: new Date(takenAt).toISOString() })),
      };
    });
    return c.json(leases, 200);
  });
  return app;
}
