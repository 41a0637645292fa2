/** Tasks: enqueue, look, retry, override. */
import { randomUUID } from 'node:crypto';
import { validateRefName } from '@gatehouse/git';
import { isCheckName } from '@gatehouse/stage-engine';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { House } from '../house.ts';
import { nearest } from '../policy/nearest.ts';
import type { RepoRow } from '../store/port.ts';
import { refuse } from './guard.ts';
import { checkView, json, refusals, showCheck, showTask, taskView } from './views.ts';

const newTask = z
  .strictObject({
    repo: z.string().min(1),
    branch: z.string().min(1),
    title: z.string().max(500).optional(),
    priority: z.number().int().min(-100).max(100).optional(),
  })
  .openapi('NewTask');
const override = z
  .strictObject({
    check: z.string(),
    head_sha: z.string().regex(/^[0-9a-f]{40}$/),
    reason: z.string().min(3).max(2000),
  })
  .openapi('Override');
const detail = taskView.extend({ checks: z.array(checkView) }).openapi('TaskDetail');
const eventView = z
  .object({ seq: z.number(), kind: z.string(), actor: z.string(), at: z.string(), body: z.unknown() })
  .openapi('Event');
const byId = { params: z.object({ id: z.string().min(1).max(200) }) };

const list = createRoute({
  method: 'get',
  path: '/tasks',
  summary: 'Every task, newest first',
  responses: { 200: json(z.array(taskView), 'tasks') },
});
const add = createRoute({
  method: 'post',
  path: '/tasks',
  summary: 'Enqueue a branch',
  request: { body: { required: true, content: { 'application/json': { schema: newTask } } } },
  responses: { 201: json(taskView, 'enqueued'), ...refusals },
});
const show = createRoute({
  method: 'get',
  path: '/tasks/{id}',
  summary: 'One task with its verdicts',
  request: byId,
  responses: { 200: json(detail, 'task'), ...refusals },
});
const events = createRoute({
  method: 'get',
  path: '/tasks/{id}/events',
  summary: 'What happened to a task',
  request: byId,
  responses: { 200: json(z.array(eventView), 'events'), ...refusals },
});
const retry = createRoute({
  method: 'post',
  path: '/tasks/{id}/retry',
  summary: 'Run a blocked task again',
  request: byId,
  responses: { 200: json(taskView, 'task'), ...refusals },
});
const overrule = createRoute({
  method: 'post',
  path: '/tasks/{id}/override',
  summary: 'Let one check pass for one head, with a reason that is kept',
  request: { ...byId, body: { required: true, content: { 'application/json': { schema: override } } } },
  responses: { 200: json(taskView, 'task'), ...refusals },
});

export function taskRoutes(house: House) {
  const { store, engine, mirrors, now, bell } = house;
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  const unknown = (id: string) => `no task is called ${JSON.stringify(id)}; see GET /tasks`;

  app.openapi(list, async (c) => c.json((await store.listTasks({ limit: 1000 })).map(showTask), 200));

  app.openapi(add, async (c) => {
    const wanted = c.req.valid('json');
    const repo = await store.getRepo(wanted.repo);
    if (repo === null) {
      const known = (await store.listRepos()).map((row) => row.id);
      const hint =
        known.length === 0 ? 'register one: gatehouse repo add' : `did you mean ${nearest(wanted.repo, known)}?`;
      return refuse(c, 404, `no repository is called ${JSON.stringify(wanted.repo)}; ${hint}`);
    }
    const name = validateRefName(wanted.branch);
    if (name.kind !== 'valid') return refuse(c, 409, `the branch name cannot be used: ${name.reason}`);
    if (wanted.branch === repo.main)
      return refuse(c, 409, `${repo.main} is where branches land; it cannot be enqueued`);
    const head = await headOf(repo, wanted.branch);
    if (head.kind !== 'head') return refuse(c, head.kind === 'unreachable' ? 503 : 404, head.reason);
    const key = /([A-Z][A-Z0-9]*-\d+)/.exec(wanted.branch)?.[1] ?? wanted.branch;
    const added = await store.addTask(
      {
        id: `t-${randomUUID().slice(0, 8)}`,
        repoId: repo.id,
        profile: repo.profile,
        branch: wanted.branch,
        key,
        title: wanted.title ?? wanted.branch,
        headSha: head.sha,
        actor: c.var.actor,
        atMs: now(),
        ...(wanted.priority === undefined ? {} : { priority: wanted.priority }),
      },
      engine,
    );
    if (added.kind === 'exists' && (added.task.stage === 'cancelled' || added.task.status === 'stopping'))
      return refuse(
        c,
        409,
        `${added.task.id}, the task of ${wanted.branch} before this one, is still being stopped or cleaned up`,
        `ask again when GET /tasks/${added.task.id} shows settled_at`,
      );
    if (added.kind === 'exists')
      return refuse(c, 409, `${wanted.branch} is queued already as ${added.task.id}`, `GET /tasks/${added.task.id}`);
    if (added.kind !== 'added') return refuse(c, 404, `the task cannot be added: ${added.kind}`);
    bell.ring();
    return c.json(showTask(added.task), 201);
  });

  app.openapi(show, async (c) => {
    const { id } = c.req.valid('param');
    const task = await store.getTask(id);
    if (task === null) return refuse(c, 404, unknown(id));
    const runs = await store.gateRuns({ taskId: id, limit: 100 });
    return c.json({ ...showTask(task), checks: runs.map(showCheck) }, 200);
  });

  app.openapi(events, async (c) => {
    const { id } = c.req.valid('param');
    if ((await store.getTask(id)) === null) return refuse(c, 404, unknown(id));
    const rows = await store.taskEvents(id, { limit: 1000 });
    return c.json(
      rows.map(({ seq, kind, actor, at, body }) => ({ seq, kind, actor, at: new Date(at).toISOString(), body })),
      200,
    );
  });

  app.openapi(retry, async (c) => {
    const { id } = c.req.valid('param');
    const applied = await store.applyEvent({
      taskId: id,
      event: { kind: 'retried', by: c.var.actor, atMs: now() },
      engine,
      actor: c.var.actor,
    });
    if (applied.kind === 'unknown-task') return refuse(c, 404, unknown(id));
    if (applied.kind !== 'applied') return refuse(c, 409, 'only a blocked task can be retried');
    bell.ring();
    return c.json(showTask(applied.task), 200);
  });

  app.openapi(overrule, async (c) => {
    const { id } = c.req.valid('param');
    const { check, head_sha, reason } = c.req.valid('json');
    const task = await store.getTask(id);
    if (task === null) return refuse(c, 404, unknown(id));
    if (!isCheckName(check)) return refuse(c, 404, `no check is called ${JSON.stringify(check)}`);
    if (check === 'check_branch_mergeable')
      return refuse(
        c,
        409,
        'the merge check makes the commit that lands; only a green test opens it',
        'push a head that is green, or change the test on main',
      );
    if (task.headSha !== head_sha)
      return refuse(c, 409, `the branch is at ${task.headSha}; an override is for one exact head`);
    const event = { kind: 'overridden', check, by: c.var.actor, reason, atMs: now() } as const;
    const applied = await store.applyEvent({ taskId: id, event, engine, actor: c.var.actor });
    if (applied.kind !== 'applied') return refuse(c, 409, 'only a blocked task can be overridden');
    bell.ring();
    return c.json(showTask(applied.task), 200);
  });

  async function headOf(repo: RepoRow, branch: string) {
    const mirror = await mirrors.refresh(repo);
    if (mirror.kind !== 'fresh')
      return { kind: 'unreachable', reason: `${repo.id} cannot be reached: ${mirror.reason}` } as const;
    const sha = mirror.heads[branch];
    if (sha !== undefined) return { kind: 'head', sha } as const;
    const others = Object.keys(mirror.heads).filter((name) => name !== repo.main);
    const hint = others.length === 0 ? 'push it first' : `did you mean ${nearest(branch, others)}?`;
    return { kind: 'unknown', reason: `${repo.id} has no branch ${JSON.stringify(branch)}; ${hint}` } as const;
  }
  return app;
}
