/** Coverage baselines: what branches are compared with, how it moved, and the audited way to set it by hand. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { maskText } from '../../platform/mask-text.ts';
import type { BaselineChange, BaselineKey, BaselineRecord } from '../../store/port/index.ts';
import { jsonPage, pageInMemory, pageQuery, tellPage } from '../page.ts';
import { problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import { json } from '../views.ts';

const point = z.object({
  seq: z.number(),
  covered: z.number(),
  total: z.number(),
  commit: z.string(),
  actor: z.string(),
  reason: z.string(),
  at: z.string(),
});
export const baselineView = z
  .object({
    repo: z.string(),
    branch: z.string(),
    command_hash: z.string().openapi({ description: 'sha256 of the coverage command the numbers were made with' }),
    seq: z.number(),
    mark: z.object({ covered: z.number(), total: z.number(), commit: z.string() }).openapi({
      description: 'the best that landed; never falls without an override',
    }),
    ref: z
      .object({ uncovered: z.number(), total: z.number() })
      .openapi({ description: 'where growth is counted from' }),
    last: z.object({ covered: z.number(), total: z.number(), commit: z.string() }),
    history: z.array(point),
  })
  .openapi('Baseline');
const override = z
  .strictObject({
    repo: z.string().min(1),
    branch: z.string().min(1).optional(),
    command_hash: z.string().optional(),
    covered: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
    total: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    reason: z.string().min(3).max(2000),
  })
  .openapi('BaselineOverride');

const list = createRoute({
  method: 'get',
  path: '/coverage',
  summary: 'Baselines and how they moved',
  request: { query: pageQuery() },
  responses: { 200: jsonPage(baselineView, 'baselines') },
});
const set = createRoute({
  method: 'post',
  path: '/coverage/baseline',
  summary: 'Set a baseline by hand, with a reason that is kept',
  request: { body: { required: true, content: { 'application/json': { schema: override } } } },
  responses: { 200: json(baselineView, 'the new baseline'), ...refuses(404, 409) },
});

const HISTORY = 200;

export function coverageRoutes({ store, now }: Pick<ServiceContext, 'store' | 'now'>) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();

  app.openapi(list, async (c) => {
    const shown: z.infer<typeof baselineView>[] = [];
    for (const repo of await store.listRepos()) {
      const history = await store.baselineHistory({ repoId: repo.id, limit: HISTORY });
      for (const { record, ...key } of await store.listBaselines(repo.id)) shown.push(show(key, record, history));
    }
    const nameOf = ({ repo, branch, command_hash }: (typeof shown)[number]) =>
      JSON.stringify([repo, branch, command_hash]);
    const page = pageInMemory(shown, c.req.valid('query'), nameOf);
    tellPage(c, page);
    return c.json([...page.rows], 200);
  });

  app.openapi(set, async (c) => {
    const wanted = c.req.valid('json');
    if (wanted.covered > wanted.total)
      return problem(c, 409, 'covered is at most total', 'count again: total holds the covered ones, too');
    const repo = await store.getRepo(wanted.repo);
    if (repo === null) return problem(c, 404, `no repository is called ${JSON.stringify(wanted.repo)}; see GET /repos`);
    const known = (await store.listBaselines(repo.id)).filter(
      ({ branch, commandHash }) =>
        branch === (wanted.branch ?? repo.main) && commandHash === (wanted.command_hash ?? commandHash),
    );
    const [only, another] = known;
    if (only === undefined)
      return problem(
        c,
        404,
        'there is no such baseline yet',
        'the first landing with coverage makes one; see GET /coverage',
      );
    if (another !== undefined)
      return problem(
        c,
        409,
        `${known.length} coverage commands have a baseline here`,
        'name one with command_hash; see GET /coverage',
      );
    const { record, ...key } = only;
    const { covered, total } = wanted;
    const reason = await maskText(wanted.reason);
    const next: BaselineRecord = {
      ...record,
      seq: record.seq + 1,
      mark: { covered, total, commit: record.last.commit },
      ref: { uncovered: total - covered, total },
    };
    const replaced = await store.overrideBaseline(key, {
      expectedSeq: record.seq,
      next,
      actor: c.var.actor,
      reason,
      atMs: now(),
    });
    if (!replaced) return problem(c, 409, 'the baseline moved meanwhile', 'look again and decide again: GET /coverage');
    return c.json(show(key, next, await store.baselineHistory({ repoId: repo.id, limit: HISTORY })), 200);
  });
  return app;
}

function show(
  key: BaselineKey,
  { seq, mark, ref, last }: BaselineRecord,
  history: readonly BaselineChange[],
): z.infer<typeof baselineView> {
  return {
    repo: key.repoId,
    branch: key.branch,
    command_hash: key.commandHash,
    seq,
    mark: { ...mark },
    ref: { ...ref },
    last: { covered: last.covered, total: last.total, commit: last.commit },
    history: history
      .filter(({ branch, commandHash }) => branch === key.branch && commandHash === key.commandHash)
      .map((row) => ({
        seq: row.seq,
        covered: row.covered,
        total: row.total,
        commit: row.commit,
        actor: row.actor,
        reason: row.reason,
        at: new Date(row.at).toISOString(),
      })),
  };
}
