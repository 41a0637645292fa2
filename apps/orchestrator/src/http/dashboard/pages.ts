/** The pages of the board, each at its address. They read what the API reads, and decide nothing. */
import { type Context, Hono } from 'hono';
import { NOTICE } from '../../notifiers/notice-row.ts';
import { everythingOff } from '../../policy/switched-off.ts';
import type { CallerVariables } from '../caller.ts';
import { pageQuery } from '../page.ts';
import { problem } from '../problem.ts';
import type { Sessions } from '../sessions.ts';
import { pageOfTasks } from '../shown-tasks.ts';
import { newestSeq } from '../stream/resume.ts';
import { alertsPage } from './alerts-page.tsx';
import type { Assets } from './assets.ts';
import { auditPage } from './audit-page.tsx';
import { queuePage } from './queue-page.tsx';
import { readAudit } from './read-audit.ts';
import { NOWHERE, readQueues, rowsOf } from './read-queue.ts';
import { type ReadsRepository, readFigures, readRepository } from './read-repository.ts';
import { readWork } from './read-work.ts';
import { renderPage, viewerOf } from './render-page.ts';
import { repositoriesPage, repositoryPage } from './repository-page.tsx';
import { sessionsPage } from './sessions-page.tsx';
import { taskPages } from './task-pages.ts';
import { stepWordsWith } from './task-words.ts';
import { tasksPage } from './tasks-page.tsx';
import { workPage } from './work-page.tsx';
import { workersPage } from './workers-page.tsx';

interface PageParts {
  readonly service: ReadsRepository;
  readonly sessions: Sessions;
  readonly assets: Pick<Assets, 'address'>;
}

type BoardContext = Context<{ Variables: CallerVariables }>;

const ALERTS = 50;

export function pageRoutes({ service, sessions, assets }: PageParts): Hono<{ Variables: CallerVariables }> {
  const { store, now } = service;
  const app = new Hono<{ Variables: CallerVariables }>();
  const framed = (c: BoardContext) => ({ assets, viewer: viewerOf(c, c.var.caller) });
  const lasts = async () => ({ liveSince: await newestSeq(store) });
  const words = stepWordsWith(service.checkOfGate);

  app.get('/', async (c) => {
    const live = await lasts();
    const content = await readQueues(service, c.req.query('repo'));
    const notes = everythingOff(service.settings, await store.listRepos()).map(({ words }) => words);
    return renderPage(c, queuePage({ ...framed(c), ...live, content, notes }));
  });
  app.get('/board/work', async (c) => {
    const live = await lasts();
    return renderPage(c, workPage({ ...framed(c), ...live, content: await readWork(service) }));
  });
  app.get('/board/tasks', async (c) => {
    const asked = pageQuery().safeParse(c.req.query());
    const page = await pageOfTasks(store, asked.data ?? pageQuery().parse({}));
    const tasks = { ...page, rows: await rowsOf(service, page.rows, NOWHERE) };
    return renderPage(c, tasksPage({ ...framed(c), tasks, nowMs: now() }));
  });
  app.get('/board/repos', async (c) => {
    const live = await lasts();
    const repos = [];
    for (const repo of await store.listRepos())
      repos.push({ repo, figures: (await readFigures(service, repo)).figures });
    return renderPage(c, repositoriesPage({ ...framed(c), ...live, repos }));
  });
  app.get('/board/repos/:id', async (c) => {
    const live = await lasts();
    const repo = await store.getRepo(c.req.param('id'));
    if (repo === null) return problem(c, 404, `no repository is called ${JSON.stringify(c.req.param('id'))}`);
    return renderPage(c, repositoryPage({ ...framed(c), ...live, content: await readRepository(service, repo) }));
  });
  app.get('/board/workers', async (c) => {
    const live = await lasts();
    const content = {
      workers: await store.listWorkers(),
      jobs: (await store.listJobs({ live: true })).filter(({ state }) => state === 'leased'),
      leases: await store.listLeases(),
      tickets: await store.listTickets(),
      places: service.settings.limits,
      words,
      nowMs: now(),
    };
    return renderPage(c, workersPage({ ...framed(c), ...live, content }));
  });
  app.get('/board/audit', async (c) => {
    const content = { ...(await readAudit(store, c.req.query())), words, nowMs: now() };
    return renderPage(c, auditPage({ ...framed(c), content }));
  });
  app.get('/board/alerts', async (c) => {
    const notices = (state: 'dead' | 'pending') => store.listOutbox({ kind: NOTICE, state, limit: ALERTS });
    const raised = await store.listOutbox({ kind: 'alert', state: 'sent', limit: ALERTS });
    const content = { dead: await notices('dead'), pending: await notices('pending'), raised, nowMs: now() };
    return renderPage(c, alertsPage({ ...framed(c), content }));
  });
  app.get('/board/sessions', async (c) => {
    const shown = await sessions.list(c.var.caller);
    return renderPage(c, sessionsPage({ ...framed(c), sessions: shown, nowMs: now() }));
  });
  app.route('/', taskPages({ service, assets }));
  return app;
}
