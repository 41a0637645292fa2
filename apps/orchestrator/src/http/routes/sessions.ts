/** Sessions of browsers: which there are, and ending one. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Session } from '../../store/port/index.ts';
import type { CallerVariables } from '../caller.ts';
import { problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import type { Sessions } from '../sessions.ts';
import { json } from '../views.ts';

export const sessionView = z
  .object({
    id: z.number(),
    token: z.string().openapi({ description: 'name of the token it was opened with' }),
    scope: z.string(),
    created_at: z.string(),
    last_used_at: z.string(),
    expires_at: z.string(),
  })
  .openapi('Session');

const list = createRoute({
  method: 'get',
  path: '/sessions',
  summary: 'Browsers that are logged in: all of them for an admin, those of the same token for anyone else',
  responses: { 200: json(z.array(sessionView), 'the newest first') },
});
const revoke = createRoute({
  method: 'post',
  path: '/sessions/{id}/revoke',
  summary: 'End a session',
  request: { params: z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }) },
  responses: { 200: json(z.object({ id: z.number() }), 'it is over'), ...refuses(404) },
});

export function sessionRoutes(sessions: Sessions) {
  const app = new OpenAPIHono<{ Variables: CallerVariables }>();
  app.openapi(list, async (c) => c.json((await sessions.list(c.var.caller)).map(show), 200));
  app.openapi(revoke, async (c) => {
    const { id } = c.req.valid('param');
    const isEnded = await sessions.end(id, c.var.caller);
    return isEnded
      ? c.json({ id }, 200)
      : problem(c, 404, `no session of yours has the number ${id}`, 'GET /sessions lists them');
  });
  return app;
}

const show = (session: Session): z.infer<typeof sessionView> => ({
  id: session.id,
  token: session.tokenName,
  scope: session.scope,
  created_at: new Date(session.createdAt).toISOString(),
  last_used_at: new Date(session.lastUsedAt).toISOString(),
  expires_at: new Date(session.expiresAt).toISOString(),
});
