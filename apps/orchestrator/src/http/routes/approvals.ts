/** Approvals and dependencies: the two things about a task that only people decide. */
import { CHECKS, isCheckName } from '@gatehouse/stage-engine';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ServiceContext } from '../../context.ts';
import { maskText } from '../../platform/mask-text.ts';
import { approvedRun } from '../../store/approved-run.ts';
import { dependencyCancelled } from '../../store/dependents.ts';
import type { Task } from '../../store/port/index.ts';
import { noSuchCheck, problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import { type Shows, showTask } from '../shown-tasks.ts';
import { json, taskView } from '../views.ts';

const byId = { params: z.object({ id: z.string().min(1).max(200) }) };
const approval = z
  .strictObject({ check: z.string().optional(), note: z.string().max(2000).optional() })
  .openapi('Approval');
const dependency = z.strictObject({ depends_on: z.string().min(1).max(200) }).openapi('Dependency');

const approve = createRoute({
  method: 'post',
  path: '/tasks/{id}/approve',
  summary: 'Say yes to the check that waits for a person',
  request: { ...byId, body: { required: true, content: { 'application/json': { schema: approval } } } },
  responses: { 200: json(taskView, 'task'), ...refuses(404, 409) },
});
const depend = createRoute({
  method: 'post',
  path: '/tasks/{id}/dependencies',
  summary: 'Let a task wait until another one is done or cancelled',
  request: { ...byId, body: { required: true, content: { 'application/json': { schema: dependency } } } },
  responses: { 200: json(taskView, 'task'), ...refuses(404, 409) },
});

export function approvalRoutes(service: Shows & Pick<ServiceContext, 'engine' | 'wakeup'>) {
  const { store, engine, now, wakeup } = service;
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();

  app.openapi(approve, async (c) => {
    const { id } = c.req.valid('param');
    const { check: asked, note: given } = c.req.valid('json');
    const note = given === undefined ? undefined : await maskText(given);
    const task = await store.getTask(id);
    if (task === null) return problem(c, 404, `no task is called ${JSON.stringify(id)}; see GET /tasks`);
    const check = asked ?? task.state.step;
    if (asked !== undefined && !isCheckName(asked)) return noSuchCheck(c, asked, id);
    if (!isCheckName(check) || task.state.waiting?.cause !== 'approval' || check !== task.state.step)
      return problem(
        c,
        409,
        `${id} does not wait for a person${asked === undefined ? '' : ` at ${asked}`}`,
        nextStep(task),
      );
    const applied = await store.applyEvent({
      taskId: id,
      event: { kind: 'approved', check, by: c.var.actor, atMs: now() },
      engine,
      actor: c.var.actor,
      writes: { gateRuns: [approvedRun(task, { check, reason: approvedBy(c.var.actor, note), atMs: now() })] },
    });
    if (applied.kind !== 'applied') return problem(c, 409, `${id} does not wait for a person any more`);
    if (note !== undefined)
      await store.appendEvent({
        repoId: task.repoId,
        taskId: id,
        kind: 'approval-note',
        body: { check, note },
        actor: c.var.actor,
        at: now(),
      });
    wakeup.notify();
    return c.json(await showTask(service, applied.task), 200);
  });

  app.openapi(depend, async (c) => {
    const { id } = c.req.valid('param');
    const { depends_on: on } = c.req.valid('json');
    const added = await store.addDependency(id, on);
    const task = await store.getTask(id);
    if (added.kind === 'unknown-task' || task === null)
      return problem(c, 404, `no task is called ${JSON.stringify(task === null ? id : on)}; see GET /tasks`);
    if (added.kind === 'cycle')
      return problem(c, 409, `${on} waits for ${id} already, so neither would ever begin`, 'leave this dependency out');
    const { repoId } = task;
    const [actor, at] = [c.var.actor, now()];
    await store.appendEvent({ repoId, taskId: id, kind: 'dependency-added', body: { depends_on: on }, actor, at });
    if ((await store.getTask(on))?.stage === 'cancelled')
      await store.appendEvent(dependencyCancelled({ id: on, actor, atMs: at }, { taskId: id, repoId }));
    wakeup.notify();
    return c.json(await showTask(service, task), 200);
  });
  return app;
}

const approvedBy = (actor: string, note: string | undefined): string =>
  `approved by ${actor}${note === undefined ? '' : `: ${note}`}`;

/** What a caller who wants this task to move can do instead. */
function nextStep({ id, status, stage, state }: Task): string {
  if (stage === 'done' || stage === 'cancelled') return `it is ${stage}; nothing is left to approve`;
  if (status === 'blocked')
    return `it is blocked; GET /tasks/${id} says why, and POST /tasks/${id}/retry runs it again`;
  const step = state.step;
  const what =
    isCheckName(step) && CHECKS[step].askedOf === 'machine'
      ? `${step} is asked of the machine`
      : `${step ?? stage} is due`;
  return `${what}; look again with GET /tasks/${id}`;
}
