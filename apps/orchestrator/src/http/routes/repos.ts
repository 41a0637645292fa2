/** Repositories: register, read, thaw. */
import { isAbsolute } from 'node:path';
import type { Profile } from '@gatehouse/stage-engine';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { readTextFile } from '../../platform/files.ts';
import { parsePolicyFile } from '../../policy/policy-file.ts';
import { pageInMemory, pageQuery, tellPage } from '../page.ts';
import { problem } from '../problem.ts';
import { json, refusals, repoView, showRepo } from '../views.ts';

const newRepo = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'letters, digits, dot, dash and underscore'),
    path: z.string().min(1).max(4096),
    main: z.string().min(1).max(200).optional(),
    policy_path: z.string().max(4096).optional(),
    profile: z.enum(['full', 'gates-only']).optional(),
  })
  .openapi('NewRepo');

const list = createRoute({
  method: 'get',
  path: '/repos',
  summary: 'Registered repositories',
  request: { query: pageQuery() },
  responses: { 200: json(z.array(repoView), 'repositories') },
});
const add = createRoute({
  method: 'post',
  path: '/repos',
  summary: 'Register a bare repository on this machine',
  request: { body: { required: true, content: { 'application/json': { schema: newRepo } } } },
  responses: { 201: json(repoView, 'registered'), ...refusals },
});
const thaw = createRoute({
  method: 'post',
  path: '/repos/{id}/thaw',
  summary: 'Let a frozen repository land again',
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json(repoView, 'repository'), ...refusals },
});

export function repoRoutes({
  store,
  forgeOf,
  now,
  wakeup,
}: Pick<ServiceContext, 'forgeOf' | 'now' | 'store' | 'wakeup'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();

  app.openapi(list, async (c) => {
    const page = pageInMemory(await store.listRepos(), c.req.valid('query'), ({ id }) => id);
    tellPage(c, page);
    return c.json(page.rows.map(showRepo), 200);
  });

  app.openapi(add, async (c) => {
    const { id, path, main = 'main', policy_path: policyPath, profile = 'gates-only' } = c.req.valid('json');
    if (!isAbsolute(path)) return problem(c, 409, 'the path of a local repository must be absolute');
    const refused = await forgeOf({ forge: 'local', url: path }).cannotLand(main);
    if (refused !== null) return problem(c, 409, refused.reason, refused.next);
    const unusable = await policyProblem(policyPath, profile);
    if (unusable !== null) return problem(c, 409, unusable, 'correct --policy');
    const added = await store.addRepo({
      id,
      url: path,
      forge: 'local',
      main,
      profile,
      atMs: now(),
      ...(policyPath === undefined ? {} : { policyPath }),
    });
    if (added.kind === 'exists') return problem(c, 409, `a repository is called ${id} already`);
    wakeup.notify();
    return c.json(showRepo(added.repo), 201);
  });

  app.openapi(thaw, async (c) => {
    const { id } = c.req.valid('param');
    const repo = await store.updateRepo(id, { frozenReason: null }, { actor: c.var.actor, atMs: now() });
    if (repo === null) return problem(c, 404, `no repository is called ${JSON.stringify(id)}`);
    wakeup.notify();
    return c.json(showRepo(repo), 200);
  });
  return app;
}

/** Null: the operator's file can be used, and says who works where agents have to. */
async function policyProblem(path: string | undefined, profile: Profile): Promise<string | null> {
  const unsaid = "the profile full needs agents: pass an operator's file with the key `agents`";
  if (path === undefined) return profile === 'full' ? unsaid : null;
  const file = await readTextFile(path, 256 * 1024);
  if (file.kind !== 'read') return `the policy file ${path}: ${file.reason}`;
  const parsed = parsePolicyFile(file.text, path);
  if (parsed.kind !== 'policy') return parsed.problems.join('; ');
  return profile === 'full' && parsed.policy.agents === undefined ? unsaid : null;
}
