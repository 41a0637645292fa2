/** `GET /tasks/{id}/papers`: what the task's branch says in words, for the person who approves it. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../problem.ts';
import { readPapers } from '../read-papers.ts';
import { refuses } from '../refusals.ts';
import { json } from '../views.ts';

export const papersView = z
  .object({
    commit: z
      .string()
      .nullable()
      .openapi({ description: 'the head that they were read from; null: there is none yet' }),
    papers: z.array(
      z.object({
        name: z.string(),
        path: z.string().openapi({ description: 'in the repository' }),
        text: z.string().openapi({ description: 'secrets masked; a cut is said at its end' }),
      }),
    ),
  })
  .openapi('Papers');

const route = createRoute({
  method: 'get',
  path: '/tasks/{id}/papers',
  summary: 'The papers that the branch of a task holds, at its head',
  request: {
    params: z.object({ id: z.string().min(1).max(200) }),
    query: z.object({ name: z.string().min(1).max(4096).optional().openapi({ description: 'only this one' }) }),
  },
  responses: { 200: json(papersView, 'at most 20'), ...refuses(404, 409) },
});

export function paperRoutes(service: Pick<ServiceContext, 'mirrors' | 'store'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { name: only } = c.req.valid('query');
    const task = await service.store.getTask(id);
    if (task === null) return problem(c, 404, `no task is called ${JSON.stringify(id)}; see GET /tasks`);
    const read = await readPapers(service, task, only === undefined ? {} : { only });
    if (read.kind === 'unreadable') return problem(c, 409, read.reason, `GET /tasks/${id} says where it stands`);
    return c.json({ commit: read.commit, papers: read.papers.map((paper) => ({ ...paper })) }, 200);
  });
  return app;
}
