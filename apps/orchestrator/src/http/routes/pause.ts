/** Pause and resume: while a repository is paused none of its jobs is claimed; what runs is let finish. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import type { Repository } from '../../store/port/index.ts';
import { isPausedByService } from '../../store/service-pause.ts';
import { problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import { json, repoView, showRepo } from '../views.ts';

const which = z.strictObject({ repo: z.string().min(1).optional() }).openapi('Which', {
  description: 'one repository, or all when none is named',
});
const hold = (path: '/pause' | '/resume', summary: string) =>
  createRoute({
    method: 'post',
    path,
    summary,
    request: { body: { required: true, content: { 'application/json': { schema: which } } } },
    responses: { 200: json(z.array(repoView), 'the repositories as they are now'), ...refuses(404) },
  });
const pause = hold('/pause', 'Claim nothing more; what runs is let finish');
const resume = hold(
  '/resume',
  'Claim again; one that the service paused itself only when it is named, which accepts what is at its forge now',
);

export function pauseRoutes({ store, now, wakeup }: Pick<ServiceContext, 'store' | 'now' | 'wakeup'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();

  async function change(repo: string | undefined, paused: boolean, actor: string): Promise<Repository[]> {
    const all = await store.listRepos();
    const changed: Repository[] = [];
    for (const known of all.filter((row) => repo === undefined || row.id === repo)) {
      const { id } = known;
      const isForeign = !paused && isPausedByService(known);
      // Whoever names it has looked at it: what is there now is known from then on.
      if (isForeign && repo === undefined) continue;
      const accepted = isForeign ? { mainSha: null, forgeId: null } : {};
      const change = { paused, pausedReason: null, ...accepted };
      const row = await store.updateRepo(id, change, { actor, atMs: now() });
      if (row !== null) changed.push(row);
    }
    wakeup.notify();
    return changed;
  }

  for (const [route, paused] of [
    [pause, true],
    [resume, false],
  ] as const)
    app.openapi(route, async (c) => {
      const { repo } = c.req.valid('json');
      const changed = await change(repo, paused, c.var.actor);
      if (repo !== undefined && changed.length === 0)
        return problem(c, 404, `no repository is called ${JSON.stringify(repo)}; see GET /repos`);
      return c.json(changed.map(showRepo), 200);
    });
  return app;
}
