/** STOP over HTTP: recorded at once, carried out in the background. */

import { isTerminal } from '@gatehouse/stage-engine';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Cancellations } from '../../cancellation/cancellations.ts';
import { NO_REASON } from '../../platform/end-of-task.ts';
import { maskText } from '../../platform/mask-text.ts';
import { problem } from '../problem.ts';
import { refuses } from '../refusals.ts';
import { type Shows, showTask } from '../shown-tasks.ts';
import { json, taskView } from '../views.ts';

const stopBody = z.strictObject({ reason: z.string().trim().min(1).max(2000).optional() }).openapi('Stop');
export const stoppedView = z
  .object({
    outcome: z.enum(['cancelled', 'stopping', 'deferred', 'too_late', 'already']).openapi({
      description:
        'cancelled: nothing ran. stopping: its run is fenced and being ended. deferred: it is landing; carried out afterwards. too_late: it is done. already: a stop was on record before',
    }),
    task: taskView,
  })
  .openapi('Stopped');

const stop = createRoute({
  method: 'post',
  path: '/tasks/{id}/stop',
  summary: 'Stop a task; asking twice is asking once',
  request: {
    params: z.object({ id: z.string().min(1).max(200) }),
    body: { required: true, content: { 'application/json': { schema: stopBody } } },
  },
  responses: {
    200: json(stoppedView, 'the task is at its end'),
    202: json(stoppedView, 'recorded; the task will be cancelled'),
    ...refuses(404, 409),
  },
});

const OFF = 'no task can be stopped: ORCH_STOP_STATUS_ENABLED is false';

export function cancellationRoutes(service: Shows, stops: Cancellations) {
  const { store } = service;
  const app = new OpenAPIHono<{ Variables: { actor: string } }>();
  app.openapi(stop, async (c) => {
    const { id: taskId } = c.req.valid('param');
    const { reason = NO_REASON } = c.req.valid('json');
    if (!service.settings.tracker.stopStatus) return problem(c, 409, OFF, 'set it to true and start the service again');
    const asked = await stops.request({ taskId, reason: await maskText(reason), actor: c.var.actor });
    switch (asked.kind) {
      case 'unknown-task':
        return problem(c, 404, `no task is called ${JSON.stringify(taskId)}; see GET /tasks`);
      case 'refused':
        return problem(c, 400, asked.reason);
      case 'unanswered':
        return problem(
          c,
          503,
          `nobody knows whether the stop is recorded: ${asked.reason}`,
          'ask again; it is harmless',
        );
      case 'crashed':
        return problem(c, 503, 'the service could not answer', 'ask again; it is harmless');
      case 'cancelled':
      case 'stopping':
      case 'deferred':
      case 'too_late':
      case 'already': {
        const task = await store.getTask(taskId);
        if (task === null) return problem(c, 404, `no task is called ${JSON.stringify(taskId)}; see GET /tasks`);
        const body = { outcome: asked.kind, task: await showTask(service, task) };
        return isTerminal(task.stage) ? c.json(body, 200) : c.json(body, 202);
      }
    }
  });
  return app;
}
