/** The page of a task, what stands behind it (logs, reports), and the questions before a stop and an override. */
import { isCheckName } from '@gatehouse/stage-engine';
import { type Context, Hono } from 'hono';
import { maskText } from '../../platform/mask-text.ts';
import type { CallerVariables } from '../caller.ts';
import { problem } from '../problem.ts';
import { readLog } from '../read-log.ts';
import { newestSeq } from '../stream/resume.ts';
import type { Assets } from './assets.ts';
import { overridePage, stopPage } from './confirm-page.tsx';
import { mayPress } from './frame.tsx';

import type { ReadsBoard } from './read-queue.ts';
import { readTask } from './read-task.ts';
import { renderPage, viewerOf } from './render-page.ts';
import { taskPage } from './task-page.tsx';
import { stepWordsWith } from './task-words.ts';
import { textPage } from './text-page.tsx';

type BoardContext = Context<{ Variables: CallerVariables }>;

interface TaskPageParts {
  readonly service: ReadsBoard;
  readonly assets: Pick<Assets, 'address'>;
}

export function taskPages({ service, assets }: TaskPageParts): Hono<{ Variables: CallerVariables }> {
  const { store } = service;
  const app = new Hono<{ Variables: CallerVariables }>();
  const framed = (c: BoardContext) => ({ assets, viewer: viewerOf(c, c.var.caller) });

  app.get('/board/tasks/:id', async (c) => {
    const liveSince = await newestSeq(store);
    const content = await readTask(service, c.req.param('id'));
    if (content === null) return noTask(c, c.req.param('id'));
    return renderPage(c, taskPage({ ...framed(c), content, liveSince }));
  });
  for (const [act, page, needed] of [
    ['stop', stopPage, 'operate'],
    ['override', overridePage, 'admin'],
  ] as const)
    app.get(`/board/tasks/:id/${act}`, async (c) => {
      if (!mayPress(framed(c).viewer, needed)) return problem(c, 403, `this needs a session with the scope ${needed}`);
      const id = c.req.param('id') ?? '';
      const task = await store.getTask(id);
      if (task === null) return noTask(c, id);
      const checks = isCheckName(task.state.step) ? [task.state.step] : [];
      return renderPage(c, page({ ...framed(c), task, checks }));
    });
  app.get('/board/tasks/:id/reports/:report', async (c) => {
    const reports = await store.listArtefacts(c.req.param('id'));
    const report = reports.find(({ id }) => String(id) === c.req.param('report'));
    const text = report === undefined ? null : await service.workspaces.readStoredReport(report);
    if (report === undefined || text === null) return problem(c, 404, 'this report is not kept any more');
    const shown = await maskText(text);
    return renderPage(c, textPage({ ...framed(c), title: report.name, task: report.taskId, text: asWritten(shown) }));
  });
  app.get('/board/jobs/:id/log', async (c) => {
    const job = await store.getJob(Number(c.req.param('id')) || 0);
    if (job === null) return problem(c, 404, `no job has the number ${c.req.param('id')}`);
    const title = `${stepWordsWith(service.checkOfGate)(job.step)}, job ${job.id}`;
    const isLive = job.state === 'leased';
    const text = await readLog(service, job);
    return renderPage(c, textPage({ ...framed(c), title, task: job.taskId, text, isLive }));
  });
  return app;
}

/** Reports quote others with the signs of markdown as entities; here they are shown as text and not as markdown. */
const asWritten = (report: string): string =>
  report.replace(/&#(3[3-9]|[4-9]\d|1[01]\d|12[0-6]);/g, (_, code: string) => String.fromCharCode(Number(code)));

const noTask = (c: BoardContext, id: string) => problem(c, 404, `no task is called ${JSON.stringify(id)}`);
