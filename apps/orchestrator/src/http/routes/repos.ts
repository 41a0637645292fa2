/** Repositories: register, read, thaw. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { operatorFileProblem } from '../../policy/operator-file.ts';
import { probeStep } from '../../store/probe-step.ts';
import { gateFindings, healthFindings, inspectForge } from '../inspect-forge.ts';
import { jsonPage, pageInMemory, pageQuery, tellPage } from '../page.ts';
import { problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import { forgeFindingView, json, registeredView, repoView, showRepo } from '../views.ts';

const newRepo = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'letters, digits, dot, dash and underscore'),
    path: z.string().min(1).max(4096).optional().openapi({ description: 'a bare repository on this machine' }),
    url: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .openapi({ description: 'https://…, ssh://… or user@host:…, in place of path' }),
    forge: z
      .enum(['local', 'git', 'gitea', 'github'])
      .optional()
      .openapi({ description: 'what serves the address; chosen by its host if absent' }),
    credential: z
      .string()
      .regex(/^[A-Za-z0-9_]{1,100}$/, 'letters, digits and underscore')
      .optional()
      .openapi({ description: 'name of ORCH_CREDENTIAL_<NAME>, never its value' }),
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
  responses: { 200: jsonPage(repoView, 'repositories') },
});
const add = createRoute({
  method: 'post',
  path: '/repos',
  summary: 'Register a bare repository on this machine, or one at an address',
  request: { body: { required: true, content: { 'application/json': { schema: newRepo } } } },
  responses: { 201: json(registeredView, 'registered'), ...refuses(409) },
});
const inspect = createRoute({
  method: 'get',
  path: '/repos/{id}/forge',
  summary: 'What a person has to set right at the forge before tasks land, and what is right',
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json(z.array(forgeFindingView), 'read at the forge now'), ...refuses(404) },
});
const thaw = createRoute({
  method: 'post',
  path: '/repos/{id}/thaw',
  summary: 'Let a frozen repository land again',
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json(repoView, 'repository'), ...refuses(404) },
});

export function repoRoutes({
  mainHealth,
  store,
  forgeOf,
  isolation,
  now,
  judgeRegistration,
  loadPolicy,
  lookAtRepository,
  mirrors,
  settings,
  wakeup,
}: Pick<
  ServiceContext,
  | 'forgeOf'
  | 'isolation'
  | 'judgeRegistration'
  | 'loadPolicy'
  | 'lookAtRepository'
  | 'mirrors'
  | 'mainHealth'
  | 'now'
  | 'settings'
  | 'store'
  | 'wakeup'
>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();

  app.openapi(list, async (c) => {
    const page = pageInMemory(await store.listRepos(), c.req.valid('query'), ({ id }) => id);
    tellPage(c, page);
    return c.json(page.rows.map(showRepo), 200);
  });

  app.openapi(add, async (c) => {
    const { id, main = 'main', policy_path: policyPath, profile = 'gates-only', ...wanted } = c.req.valid('json');
    const judged = judgeRegistration(wanted);
    if (judged.kind === 'refused') return problem(c, 409, judged.reason, judged.next);
    const { url, forge: kind, credential } = judged;
    const forge = forgeOf(judged);
    const refused = await forge.cannotLand(main);
    if (refused !== null) return problem(c, 409, refused.reason, refused.next);
    const unusable = await operatorFileProblem(policyPath ?? null, profile);
    if (unusable !== null) return problem(c, 409, unusable, 'correct the file; `gatehouse help agents` shows one');
    const seen = await forge.repository(main);
    const added = await store.addRepo({
      id,
      url,
      forge: kind,
      main,
      profile,
      atMs: now(),
      ...(credential === null ? {} : { credential }),
      ...(seen.kind === 'repository' ? { forgeId: seen.id } : {}),
      ...(policyPath === undefined ? {} : { policyPath }),
    });
    if (added.kind === 'exists') return problem(c, 409, `a repository is called ${id} already`);
    // Main is tried as its branches will be run, before the first of them waits for it.
    if (isolation.isDefault && isolation.mode !== 'none')
      await store.addProbe({ repoId: id, step: probeStep('test'), delayMs: 0, atMs: now() });
    wakeup.notify();
    const found = await forge.inspect(main);
    const findings = [...('kind' in found ? [] : found), ...gateFindings(id, settings)];
    return c.json({ ...showRepo(added.repo), findings }, 201);
  });

  app.openapi(inspect, async (c) => {
    const { id } = c.req.valid('param');
    const repo = await store.getRepo(id);
    if (repo === null) return problem(c, 404, `no repository is called ${JSON.stringify(id)}`, 'gatehouse repo ls');
    const found = await inspectForge({ settings, lookAtRepository, loadPolicy, mirrors }, forgeOf(repo), repo);
    return c.json([...found, ...healthFindings(id, (await mainHealth?.read(id)) ?? null)], 200);
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
