/** Where a registered repository is, and which branch is landed on: a person says so after it was renamed, moved or replaced. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import type { Repository } from '../../store/port/index.ts';
import { isPausedByService } from '../../store/service-pause.ts';
import { problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import { json, repoView, showRepo } from '../views.ts';

const place = z
  .strictObject({
    address: z.string().min(1).max(4096).optional().openapi({ description: 'a path of this machine, or an address' }),
    main: z.string().min(1).max(200).optional().openapi({ description: 'the branch that is landed on' }),
  })
  .refine(({ address, main }) => address !== undefined || main !== undefined, 'name an address, a main, or both')
  .openapi('Place', { minProperties: 1 });

const set = createRoute({
  method: 'post',
  path: '/repos/{id}/place',
  summary: 'Say where a repository is now, or which branch is landed on; what is there is accepted',
  request: {
    params: z.object({ id: z.string() }),
    body: { required: true, content: { 'application/json': { schema: place } } },
  },
  responses: { 200: json(repoView, 'as it is now'), ...refuses(404, 409) },
});

type Sets = Pick<ServiceContext, 'forgeOf' | 'judgeRegistration' | 'now' | 'store' | 'wakeup'>;

export function setRepoRoutes(service: Sets) {
  const { store, now, wakeup } = service;
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(set, async (c) => {
    const { id } = c.req.valid('param');
    const repo = await store.getRepo(id);
    if (repo === null) return problem(c, 404, `no repository is called ${JSON.stringify(id)}`, 'gatehouse repo ls');
    const judged = await judge(service, repo, c.req.valid('json'));
    if (judged.kind === 'refused') return problem(c, 409, judged.reason, judged.next);
    const { change } = judged;
    const set = await store.updateRepo(id, change, { actor: c.var.actor, atMs: now() });
    wakeup.notify();
    return c.json(showRepo(set ?? repo), 200);
  });
  return app;
}

type Change = Parameters<ServiceContext['store']['updateRepo']>[1];
type Judged =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'refused'; readonly reason: string; readonly next: string };

async function judge(service: Sets, repo: Repository, wanted: z.infer<typeof place>): Promise<Judged> {
  const { main = repo.main, address = repo.movedTo ?? repo.url } = wanted;
  const work = await runningWork(service, repo);
  if (work !== null)
    return {
      kind: 'refused',
      reason: `${work}; what it was begun with must not change under it`,
      next: `run \`gatehouse pause --repo ${repo.id}\`, and try again when it has ended`,
    };
  const where = repo.forge === 'local' ? { path: address } : { url: address };
  const credential = repo.credential === null ? {} : { credential: repo.credential };
  const judged = service.judgeRegistration({ ...where, ...credential, forge: repo.forge as 'git' });
  if (judged.kind === 'refused') return judged;
  const forge = service.forgeOf(judged);
  const refused = await forge.cannotLand(main);
  if (refused !== null) return { kind: 'refused', ...refused };
  const seen = await forge.repository(main);
  const forgeId = seen.kind === 'repository' ? seen.id : null;
  const isSame = main === repo.main && (forgeId === null ? judged.url === repo.url : forgeId === repo.forgeId);
  const goesOn = isPausedByService(repo) ? { paused: false, pausedReason: null } : {};
  return {
    kind: 'change',
    change: { url: judged.url, main, movedTo: null, forgeId, mainSha: isSame ? repo.mainSha : null, ...goesOn },
  };
}

/** A job that runs was begun with the old place, and a landing that is not concluded has to be read where it was made. */
async function runningWork({ store }: Sets, { id }: Repository): Promise<string | null> {
  const jobs = await store.listJobs({ repoId: id, live: true });
  if (jobs.some(({ state }) => state === 'leased')) return `work of ${id} runs now`;
  const live = await store.listTasks({ repoId: id, live: true, limit: 1_000_000 });
  const inside = live.find(({ criticalToken }) => criticalToken !== null);
  return inside === undefined ? null : `it is not yet known whether ${inside.branch} landed`;
}
