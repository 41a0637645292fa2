/** The HTTP face of the service. Routes read and enqueue; they decide nothing. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { Stops } from '../cancellation/cancellations.ts';
import type { House } from '../context.ts';
import { VERSION } from '../platform/version.ts';
import { formGuard, hostGuard, refuse, scopeGuard, signInCookie, sizeGuard } from './auth.ts';
import { boardPage } from './dashboard/board-page.tsx';
import { BOARD_STYLE } from './dashboard/board-style.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { stopRoutes } from './routes/cancellations.ts';
import { coverageRoutes } from './routes/coverage.ts';
import { leaseRoutes } from './routes/leases.ts';
import { logRoutes } from './routes/logs.ts';
import { readinessRoutes, watchRoutes } from './routes/observability.ts';
import { holdRoutes } from './routes/pause.ts';
import { queueRoutes, readQueue } from './routes/queue.ts';
import { repoRoutes } from './routes/repos.ts';
import { taskRoutes } from './routes/tasks.ts';
import { identify, type TokenRow } from './tokens.ts';
import { showTask } from './views.ts';

export interface AppParts {
  readonly house: House;
  readonly stops: Stops;
  readonly tokens: readonly TokenRow[];
  /** Host names this service answers to, without port. */
  readonly hosts: ReadonlySet<string>;
}

const CSP = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export function createApp({ house, stops, tokens, hosts }: AppParts) {
  const app = new OpenAPIHono<{ Variables: { actor: string } }>({
    defaultHook: (answer, c) => {
      if (answer.success) return undefined;
      const first = answer.error.issues[0];
      return refuse(c, 400, `${first?.path.join('.') || 'the request'}: ${first?.message ?? 'is not valid'}`);
    },
  });
  app.use(hostGuard(hosts), sizeGuard, formGuard);
  app.get('/healthz', (c) => c.json({ status: 'ok', since: new Date(house.startedAt).toISOString() }));
  app.route('/', readinessRoutes(house));
  app.get('/board.css', (c) => c.body(BOARD_STYLE, 200, { 'content-type': 'text/css' }));
  app.get('/', async (c, next) => {
    const offered = c.req.query('token');
    if (offered === undefined || identify(tokens, offered) === null) return next();
    c.header('set-cookie', signInCookie(offered));
    return c.redirect('/', 303);
  });
  // Everything from here on, also what nobody has written yet, needs a token.
  app.use(async (c, next) => scopeGuard(tokens, neededFor(c.req.method, c.req.path))(c, next));
  app.get('/', async (c) => {
    c.header('content-security-policy', CSP);
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    const tasks = await house.store.listTasks({ limit: 500 });
    const queue = await readQueue(house);
    const waits = new Map(queue.tasks.map(({ id, reason }) => [id, reason]));
    const shown = tasks.map(showTask).map((task) => ({ ...task, reason: task.reason ?? waits.get(task.id) ?? null }));
    const page = boardPage({ queue, tasks: shown });
    return c.html(`<!doctype html>${page.toString()}`);
  });
  app.route('/', queueRoutes(house));
  app.route('/', taskRoutes(house));
  app.route('/', stopRoutes(house, stops));
  app.route('/', approvalRoutes(house));
  app.route('/', repoRoutes(house));
  app.route('/', watchRoutes(house));
  app.route('/', leaseRoutes(house));
  app.route('/', coverageRoutes(house));
  app.route('/', holdRoutes(house));
  app.route('/', logRoutes(house));
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Gatehouse', version: VERSION } });
  app.notFound((c) => refuse(c, 404, `nothing is at ${c.req.path}`));
  app.onError((thrown, c) => {
    if (thrown instanceof HTTPException && thrown.status === 400) return refuse(c, 400, thrown.message);
    house.log.error('a request failed', { path: c.req.path, why: thrown.message });
    return refuse(c, 503, 'the service could not answer', 'try again; its log says why');
  });
  return app;
}

const neededFor = (method: string, path: string) => {
  if (method === 'GET' || method === 'HEAD') return 'read';
  const admins =
    path.endsWith('/override') || path.endsWith('/thaw') || path === '/repos' || path === '/coverage/baseline';
  return admins ? 'admin' : 'operate';
};
