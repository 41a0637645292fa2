/** Tasks: enqueue, read, retry, override. */
import { recoverKey } from '@gatehouse/cancel';
import { isCheckName } from '@gatehouse/stage-engine';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { maskText } from '../../platform/mask-text.ts';
import type { AddTaskOutcome, Task } from '../../store/port/index.ts';
import { admitTask, isLeaving, taskBody, whileLeaving } from '../admit-task.ts';
import { bringBack, endedAsGone } from '../bring-back.ts';
import type { CallerVariables } from '../caller.ts';
import { jsonPage, LARGEST_PAGE, type Page, pageOf, pageQuery, placeOf, tellPage } from '../page.ts';
import { noSuchCheck, problem } from '../problem.ts';
import { readNextSteps } from '../read-next-steps.ts';
import { refuses } from '../refusals.ts';
import { pageOfTasks, type Shows, showTask, showTasks } from '../shown-tasks.ts';
import { showSpending, spendingView } from '../spending.ts';
import { checkView, json, nextStepView, showCheck, showNextStep, taskView } from '../views.ts';

const override = z
  .strictObject({
    check: z.string(),
    head_sha: z.string().regex(/^[0-9a-f]{40}$/),
    reason: z.string().min(3).max(2000),
  })
  .openapi('Override');
const detail = taskView
  .extend({
    checks: z.array(checkView),
    spending: spendingView.nullable().openapi({ description: 'what its agents have used; null: it has none' }),
    job: z.number().nullable().openapi({ description: 'the newest job that printed something' }),
    next_steps: z.array(nextStepView).openapi({ description: 'what its people can do about it now' }),
  })
  .openapi('TaskDetail');
const eventView = z
  .object({ seq: z.number(), kind: z.string(), actor: z.string(), at: z.string(), body: z.unknown() })
  .openapi('Event');
const byId = { params: z.object({ id: z.string().min(1).max(200) }) };

const list = createRoute({
  method: 'get',
  path: '/tasks',
  summary: 'Every task, newest first',
  request: {
    query: pageQuery().extend({
      called: z
        .string()
        .min(1)
        .max(300)
        .optional()
        .openapi({ description: 'only those with this id, key or branch; at most 100, on one page' }),
    }),
  },
  responses: { 200: jsonPage(taskView, 'tasks') },
});
const add = createRoute({
  method: 'post',
  path: '/tasks',
  summary: 'Enqueue a branch, or ask for a change in words',
  request: { body: { required: true, content: { 'application/json': { schema: taskBody } } } },
  responses: { 201: json(taskView, 'enqueued'), ...refuses(404, 409) },
});
const show = createRoute({
  method: 'get',
  path: '/tasks/{id}',
  summary: 'One task with its verdicts',
  request: byId,
  responses: { 200: json(detail, 'task'), ...refuses(404) },
});
const events = createRoute({
  method: 'get',
  path: '/tasks/{id}/events',
  summary: 'What happened to a task',
  request: { ...byId, query: pageQuery(LARGEST_PAGE) },
  responses: { 200: jsonPage(eventView, 'events'), ...refuses(404) },
});
const retry = createRoute({
  method: 'post',
  path: '/tasks/{id}/retry',
  summary:
    'Run a blocked task again, one that is asked again later now, or queue one anew whose branch was gone and is back',
  request: byId,
  responses: { 200: json(taskView, 'task'), ...refuses(404, 409) },
});
const overrule = createRoute({
  method: 'post',
  path: '/tasks/{id}/override',
  summary: 'Let one check pass for one head, with a reason that is kept',
  request: { ...byId, body: { required: true, content: { 'application/json': { schema: override } } } },
  responses: { 200: json(taskView, 'task'), ...refuses(404, 409) },
});

const unknown = (id: string): string => `no task is called ${JSON.stringify(id)}; see GET /tasks`;

/** Why the store refused a new task of the branch, and what can be done. */
function whyNotAdded(refused: Exclude<AddTaskOutcome, { kind: 'added' }>, branch: string) {
  switch (refused.kind) {
    case 'exists': {
      const { task } = refused;
      return isLeaving(task)
        ? whileLeaving(task, branch)
        : ({
            status: 409,
            detail:
              task.status === 'blocked'
                ? `${branch} is task ${task.id} already, which stands still: push a mended commit, or POST /tasks/${task.id}/retry`
                : `${branch} is queued already as ${task.id}`,
            next: `GET /tasks/${task.id}`,
          } as const);
    }
    case 'unknown-dependency':
      return { status: 404, detail: unknown(refused.id), next: undefined } as const;
    case 'unknown-repo':
      return { status: 404, detail: `the task cannot be added: ${refused.kind}`, next: undefined } as const;
  }
}

const onePage = (rows: readonly Task[]): Page<Task> => ({ rows, total: rows.length, cursor: null });

export function taskRoutes(service: Shows & Pick<ServiceContext, 'engine' | 'wakeup'>) {
  const { store, engine, now, wakeup } = service;
  const app = new OpenAPIHono<{ Variables: CallerVariables }>();
  app.openapi(list, async (c) => {
    const { called, ...asked } = c.req.valid('query');
    const page = called === undefined ? await pageOfTasks(store, asked) : onePage(await store.tasksCalled(called));
    tellPage(c, page);
    return c.json(await showTasks(service, page.rows), 200);
  });

  app.openapi(add, async (c) => {
    const asked = c.req.valid('json');
    if (asked.budget !== undefined && c.var.caller.scope !== 'admin')
      return problem(c, 403, 'a budget is set by an admin', 'leave it out, or use a token of the scope admin');
    const wanted = await admitTask(service, asked, c.var.actor);
    if (wanted.kind === 'refused') return problem(c, wanted.status, wanted.detail, wanted.next);
    const added = await store.addTask(wanted.task, engine);
    if (added.kind !== 'added') {
      const { status, detail, next } = whyNotAdded(added, wanted.task.branch);
      return problem(c, status, detail, next);
    }
    wakeup.notify();
    return c.json(await showTask(service, added.task), 201);
  });

  app.openapi(show, async (c) => {
    const { id } = c.req.valid('param');
    const task = await store.getTask(id);
    if (task === null) return problem(c, 404, unknown(id));
    const runs = await store.gateRuns({ taskId: id, limit: 100 });
    const spending = showSpending(task, await store.agentRuns(id), now());
    const { job, steps } = await readNextSteps(service, task);
    const told = { checks: runs.map(showCheck), spending, job, next_steps: steps.map(showNextStep) };
    return c.json({ ...(await showTask(service, task)), ...told }, 200);
  });

  app.openapi(events, async (c) => {
    const { id } = c.req.valid('param');
    if ((await store.getTask(id)) === null) return problem(c, 404, unknown(id));
    const asked = c.req.valid('query');
    const [afterSeq = 0] = placeOf(asked) ?? [];
    const read = await store.taskEvents(id, { afterSeq: Number(afterSeq), limit: asked.limit + 1 });
    const total = await store.countTaskEvents(id);
    const page = pageOf(read, asked.limit, { total, place: ({ seq }) => [seq] });
    tellPage(c, page);
    return c.json(
      page.rows.map(({ seq, kind, actor, at, body }) => ({ seq, kind, actor, at: new Date(at).toISOString(), body })),
      200,
    );
  });

  app.openapi(retry, async (c) => {
    const { id } = c.req.valid('param');
    const ended = await store.getTask(id);
    if (ended !== null && endedAsGone(ended)) {
      const back = await bringBack(service, ended, c.var.actor);
      if (back.kind === 'refused') return problem(c, back.status, back.detail);
      if (back.kind !== 'added') {
        const { status, detail, next } = whyNotAdded(back, recoverKey(ended.branch));
        return problem(c, status, detail, next);
      }
      wakeup.notify();
      return c.json(await showTask(service, back.task), 200);
    }
    const applied = await store.applyEvent({
      taskId: id,
      event: { kind: 'retried', by: c.var.actor, atMs: now() },
      engine,
      actor: c.var.actor,
    });
    if (applied.kind === 'unknown-task' || ended === null) return problem(c, 404, unknown(id));
    const isDue = applied.kind === 'applied' || (await store.makeDue({ taskId: id, actor: c.var.actor, atMs: now() }));
    if (!isDue)
      return problem(
        c,
        409,
        'only a task that is blocked, or asked again later, can be retried',
        `GET /tasks/${id} says where it stands`,
      );
    wakeup.notify();
    return c.json(await showTask(service, applied.kind === 'applied' ? applied.task : ended), 200);
  });

  app.openapi(overrule, async (c) => {
    const { id } = c.req.valid('param');
    const { check, head_sha, reason: given } = c.req.valid('json');
    const task = await store.getTask(id);
    if (task === null) return problem(c, 404, unknown(id));
    if (!isCheckName(check)) return noSuchCheck(c, check, id);
    if (task.headSha !== head_sha)
      return problem(c, 409, `the branch is at ${task.headSha}; an override is for one exact head`);
    const reason = await maskText(given);
    const event = { kind: 'overridden', check, by: c.var.actor, reason, atMs: now() } as const;
    const applied = await store.applyEvent({ taskId: id, event, engine, actor: c.var.actor, onlyAtHead: head_sha });
    if (applied.kind !== 'applied')
      return problem(
        c,
        409,
        'there is nothing to override: the task is over, past this check, or got a new head meanwhile',
        `GET /tasks/${id}`,
      );
    wakeup.notify();
    return c.json(await showTask(service, applied.task), 200);
  });
  return app;
}
