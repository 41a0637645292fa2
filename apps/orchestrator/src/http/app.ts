/** The HTTP face of the service. Routes read and enqueue; they decide nothing. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { Cancellations } from '../cancellation/cancellations.ts';
import type { ServiceContext } from '../context.ts';
import { VERSION } from '../platform/version.ts';
import type { ConditionRecord } from '../store/condition.ts';
import { formGuard, hostGuard, scopeGuard, signInCookie, sizeGuard } from './auth.ts';
import { boardPage } from './dashboard/board-page.tsx';
import { BOARD_STYLE } from './dashboard/board-style.ts';
import { pageQuery } from './page.ts';
import { problem } from './problem.ts';
import { boardFlaky } from './read-flaky.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { cancellationRoutes } from './routes/cancellations.ts';
import { coverageRoutes } from './routes/coverage.ts';
import { flakyRoutes } from './routes/flaky.ts';
import { leaseRoutes } from './routes/leases.ts';
import { logRoutes } from './routes/logs.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { observabilityRoutes, readinessRoutes } from './routes/observability.ts';
import { pauseRoutes } from './routes/pause.ts';
import { queueRoutes, readQueue } from './routes/queue.ts';
import { repoRoutes } from './routes/repos.ts';
import { setRepoRoutes } from './routes/set-repo.ts';
import { taskRoutes } from './routes/tasks.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { pageOfTasks, showTasks } from './shown-tasks.ts';
import { identify, type TokenRow } from './tokens.ts';

export interface AppParts {
  readonly service: ServiceContext;
  readonly condition: Pick<ConditionRecord, 'current' | 'waits'>;
  readonly cancellations: Cancellations;
  readonly tokens: readonly TokenRow[];
  /** Host names this service answers to, without port. */
  readonly hosts: ReadonlySet<string>;
}

const CSP = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export function createApp({ service, condition, cancellations, tokens, hosts }: AppParts) {
  const flakyOnBoard = boardFlaky(service);
  const app = new OpenAPIHono<{ Variables: { actor: string } }>({
    defaultHook: (answer, c) => {
      if (answer.success) return undefined;
      const first = answer.error.issues[0];
      return problem(c, 400, `${first?.path.join('.') || 'the request'}: ${first?.message ?? 'is not valid'}`);
    },
  });
  // Its own limits, and a signature instead of a token.
  app.route('/', webhookRoutes(service));
  app.use(hostGuard(hosts), sizeGuard, formGuard);
  app.get('/healthz', (c) => c.json({ status: 'ok', since: new Date(service.startedAt).toISOString() }));
  app.route('/', readinessRoutes(service, condition.current));
  app.get('/board.css', (c) => c.body(BOARD_STYLE, 200, { 'content-type': 'text/css' }));
  app.get('/', async (c, next) => {
    const offered = c.req.query('token');
    if (offered === undefined || identify(tokens, offered) === null) return next();
    c.header('set-cookie', signInCookie(offered));
    return c.redirect('/', 303);
  });
  // Every route from here on, present or future, needs a token.
  app.use(async (c, next) => scopeGuard(tokens, neededFor(c.req.method, c.req.path))(c, next));
  app.get('/', async (c) => {
    c.header('content-security-policy', CSP);
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    const asked = pageQuery().safeParse(c.req.query());
    const page = await pageOfTasks(service.store, asked.data ?? pageQuery().parse({}));
    const queue = await readQueue(service, { limit: 1 });
    const tasks = { ...page, rows: await showTasks(service, page.rows) };
    const board = boardPage({ queue, tasks, flaky: await flakyOnBoard() });
    return c.html(`<!doctype html>${board.toString()}`);
  });
  app.route('/', queueRoutes(service));
  app.route('/', taskRoutes(service));
  app.route('/', cancellationRoutes(service, cancellations));
  app.route('/', approvalRoutes(service));
  app.route('/', repoRoutes(service));
  app.route('/', setRepoRoutes(service));
  app.route('/', observabilityRoutes(service, condition));
  app.route('/', flakyRoutes(service));
  app.route('/', leaseRoutes(service));
  app.route('/', notificationRoutes(service));
  app.route('/', coverageRoutes(service));
  app.route('/', pauseRoutes(service));
  app.route('/', logRoutes(service));
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Gatehouse', version: VERSION } });
  app.notFound((c) => problem(c, 404, `nothing is at ${c.req.path}`));
  app.onError((thrown, c) => {
    if (thrown instanceof HTTPException && thrown.status === 400) return problem(c, 400, thrown.message);
    service.log.error('a request failed', { path: c.req.path, why: thrown.message });
    return problem(c, 503, 'the service could not answer', 'try again; its log says why');
  });
  return app;
}

const neededFor = (method: string, path: string) => {
  if (method === 'GET' || method === 'HEAD') return 'read';
  const admins =
    path.endsWith('/override') || /^\/repos(\/[^/]+\/(thaw|place))?$/.test(path) || path === '/coverage/baseline';
  return admins ? 'admin' : 'operate';
};
