/** `GET /repos/{id}/flaky`: tests that were red and green on one tree, and those in quarantine. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { flakyView } from '../flaky-view.ts';
import { problem } from '../problem.ts';
import { readFlaky } from '../read-flaky.ts';
import { json, refusals } from '../views.ts';

const LIMIT = 200;
const LARGEST_LIMIT = 1000;

const route = createRoute({
  method: 'get',
  path: '/repos/{id}/flaky',
  summary: 'Tests that are flaky by proof, and tests in quarantine',
  request: {
    params: z.object({ id: z.string() }),
    query: z.object({ limit: z.coerce.number().int().min(1).max(LARGEST_LIMIT).default(LIMIT) }),
  },
  responses: { 200: json(z.array(flakyView), 'the last seen first'), ...refusals },
});

export function flakyRoutes(service: Pick<ServiceContext, 'loadPolicy' | 'mirrors' | 'now' | 'settings' | 'store'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const repo = await service.store.getRepo(id);
    if (repo === null) return problem(c, 404, `no repository is called ${JSON.stringify(id)}; see GET /repos`);
    return c.json([...(await readFlaky(service, repo, c.req.valid('query').limit))], 200);
  });
  return app;
}
