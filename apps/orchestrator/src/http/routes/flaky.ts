/** `GET /repos/{id}/flaky`: tests that were red and green on one tree, and those in quarantine. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { flakyView } from '../flaky-view.ts';
import { jsonPage, LARGEST_PAGE, pageInMemory, pageQuery, tellPage } from '../page.ts';
import { problem } from '../problem.ts';
import { readFlaky } from '../read-flaky.ts';
import { refuses } from '../refusals.ts';

const LIMIT = 200;

const route = createRoute({
  method: 'get',
  path: '/repos/{id}/flaky',
  summary: 'Tests that are flaky by proof, and tests in quarantine',
  request: {
    params: z.object({ id: z.string() }),
    query: pageQuery(LIMIT),
  },
  responses: { 200: jsonPage(flakyView, 'the last seen first'), ...refuses(404) },
});

export function flakyRoutes(service: Pick<ServiceContext, 'loadPolicy' | 'mirrors' | 'now' | 'settings' | 'store'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const repo = await service.store.getRepo(id);
    if (repo === null) return problem(c, 404, `no repository is called ${JSON.stringify(id)}; see GET /repos`);
    const page = pageInMemory(await readFlaky(service, repo, LARGEST_PAGE), c.req.valid('query'), ({ name }) => name);
    tellPage(c, page);
    return c.json([...page.rows], 200);
  });
  return app;
}
