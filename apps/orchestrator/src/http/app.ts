/** The HTTP face of the service. Routes read and enqueue; they decide nothing. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Cancellations } from '../cancellation/cancellations.ts';
import type { ServiceContext } from '../context.ts';
import type { Logger } from '../platform/logger.ts';
import type { ConditionRecord } from '../store/condition.ts';
import { formGuard, hostGuard, sizeGuard } from './auth.ts';
import { type Caller, type CallerVariables, callerGuard } from './caller.ts';
import { actRoutes, type InnerRoutes } from './dashboard/acts.ts';
import { loadAssets } from './dashboard/assets.ts';
import { pageRoutes } from './dashboard/pages.ts';
import { tellBrowser } from './dashboard/tell-browser.ts';
import { createWayIn } from './dashboard/way-in.ts';
import { documentOf, documentRoute } from './document.ts';
import { createLoginAttempts } from './login-attempts.ts';
import { problem } from './problem.ts';
import { createReadTag } from './read-tag.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { budgetRoutes } from './routes/budgets.ts';
import { cancellationRoutes } from './routes/cancellations.ts';
import { coverageRoutes } from './routes/coverage.ts';
import { eventRoutes } from './routes/events.ts';
import { flakyRoutes } from './routes/flaky.ts';
import { leaseRoutes } from './routes/leases.ts';
import { logRoutes } from './routes/logs.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { observabilityRoutes, readinessRoutes } from './routes/observability.ts';
import { paperRoutes } from './routes/papers.ts';
import { pauseRoutes } from './routes/pause.ts';
import { queueRoutes } from './routes/queue.ts';
import { repoRoutes } from './routes/repos.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { setRepoRoutes } from './routes/set-repo.ts';
import { taskRoutes } from './routes/tasks.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createEventFeed } from './stream/event-feed.ts';
import type { TokenRow } from './tokens.ts';
import { keepAnswers, TAGGED, unlessUnchanged } from './unchanged.ts';

export interface AppParts {
  readonly service: ServiceContext;
  readonly condition: Pick<ConditionRecord, 'current' | 'waits'>;
  readonly cancellations: Cancellations;
  readonly tokens: readonly TokenRow[];
  /** Host names this service answers to, without port. */
  readonly hosts: ReadonlySet<string>;
}

export function createApp({ service, condition, cancellations, tokens, hosts }: AppParts) {
  const assets = loadAssets();
  const sessions = createSessions({ store: service.store, tokens, now: service.now });
  const feed = createEventFeed(feedParts(service, sessions));
  const wayIn = createWayIn({ sessions, attempts: createLoginAttempts(service.now), assets });
  const app = new OpenAPIHono<{ Variables: CallerVariables }>({ defaultHook: tellInvalid });
  // Its own limits, and a signature instead of a token.
  app.route('/', webhookRoutes(service));
  app.use(tellBrowser(assets), hostGuard(hosts), sizeGuard, formGuard);
  app.route('/', readinessRoutes(service, condition.current));
  app.route('/', assets.routes);
  app.route('/', wayIn.entrance);
  // Every route from here on, present or future, needs a token or a session.
  app.use(callerGuard({ tokens, sessions, login: wayIn.login }));
  app.route('/', wayIn.exit);
  const readTag = createReadTag(service);
  for (const path of LISTS) app.use(path, unlessUnchanged(readTag, path === '/queue' ? keepAnswers() : null));
  app.route('/', pageRoutes({ service, sessions, assets }));
  app.route('/', actRoutes(innerRoutes({ service, cancellations, sessions })));
  app.route('/', queueRoutes(service));
  app.route('/', taskRoutes(service));
  app.route('/', cancellationRoutes(service, cancellations));
  app.route('/', approvalRoutes(service));
  app.route('/', budgetRoutes(service));
  app.route('/', paperRoutes(service));
  app.route('/', repoRoutes(service));
  app.route('/', setRepoRoutes(service));
  app.route('/', observabilityRoutes(service, { condition, streams: feed.watching }));
  app.route('/', eventRoutes(feed));
  app.route('/', flakyRoutes(service));
  app.route('/', leaseRoutes(service));
  app.route('/', notificationRoutes(service));
  app.route('/', coverageRoutes(service));
  app.route('/', pauseRoutes(service));
  app.route('/', logRoutes(service));
  app.route('/', sessionRoutes(sessions));
  app.openapi(documentRoute, (c) => c.json({ ...documentOf(app) }, 200));
  app.notFound((c) => problem(c, 404, `nothing is at ${c.req.path}`));
  app.onError(tellFault(service.log));
  return app;
}

/** What is made of the store, of what the process knows and of the time, and of nothing else. */
const LISTS = [
  ...TAGGED.map((path) => path.replace('{id}', ':id')),
  ...['/', '/board/work', '/board/tasks', '/board/repos', '/board/workers', '/board/audit', '/board/alerts'],
] as const;

const DAY_MS = 86_400_000;

const feedParts = ({ store, now, settings }: ServiceContext, sessions: Sessions) => ({
  store,
  now,
  openSessions: () => sessions.openIds(),
  keptMs: settings.storage.retentionDays * DAY_MS,
});

interface Unreadable {
  readonly success: false;
  readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };
}

function tellInvalid(answer: { readonly success: true } | Unreadable, c: Context): Response | undefined {
  if (answer.success) return undefined;
  const first = answer.error.issues[0];
  const place = first?.path.map(String).join('.') ?? '';
  return problem(c, 400, `${place || 'the request'}: ${plain(first?.message ?? 'is not valid')}`);
}

/** What a schema says of a value's type, for people. */
const plain = (message: string): string => {
  const [, expected, received] = /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? [];
  if (expected === undefined) return message;
  return received === 'undefined' ? `is missing (${expected})` : `must be a ${expected}`;
};

const tellFault =
  (log: Logger): ErrorHandler =>
  (thrown, c) => {
    if (thrown instanceof HTTPException && thrown.status === 400) return problem(c, 400, thrown.message);
    log.error('a request failed', { path: c.req.path, why: thrown.message });
    return problem(c, 503, 'the service could not answer', 'try again; its log says why');
  };

/** What the buttons of the board do is done by the routes of the API (dashboard/acts.ts). */
function innerRoutes(of: Pick<AppParts, 'service' | 'cancellations'> & { sessions: Sessions }): InnerRoutes {
  const { service, cancellations, sessions } = of;
  const inner = new OpenAPIHono<{ Bindings: { caller: Caller }; Variables: CallerVariables }>({
    defaultHook: tellInvalid,
  });
  inner.onError(tellFault(service.log));
  inner.use(async (c, next) => {
    c.set('caller', c.env.caller);
    c.set('actor', c.env.caller.name);
    return next();
  });
  inner.route('/', taskRoutes(service));
  inner.route('/', cancellationRoutes(service, cancellations));
  inner.route('/', approvalRoutes(service));
  inner.route('/', repoRoutes(service));
  inner.route('/', pauseRoutes(service));
  inner.route('/', notificationRoutes(service));
  inner.route('/', sessionRoutes(sessions));
  return inner;
}
