/** The HTTP face of the service. Routes read and enqueue; they decide nothing. */
import type { HttpBindings } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Cancellations } from '../cancellation/cancellations.ts';
import type { ServiceContext } from '../context.ts';
import type { Logger } from '../platform/logger.ts';
import type { ConditionRecord } from '../store/condition.ts';
import { hostGuard, lengthGuard, originGuard, sizeGuard, typeGuard } from './auth.ts';
import { type Caller, type CallerVariables, callerGuard, ownFormGuard } from './caller.ts';
import { actRoutes, type InnerRoutes } from './dashboard/acts.ts';
import { loadAssets } from './dashboard/assets.ts';
import { pageRoutes } from './dashboard/pages.ts';
import { tellBrowser } from './dashboard/tell-browser.ts';
import { createWayIn } from './dashboard/way-in.ts';
import { documentOf, documentRoute } from './document.ts';
import { guardedBy } from './guard.ts';
import { maskAnswers } from './mask-answers.ts';
import { isAt, methodGuard, otherMethod, type Routed } from './methods.ts';
import { problem } from './problem.ts';
import { createReadTag } from './read-tag.ts';
import { rememberingRouter } from './remembering-router.ts';
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
import { createWrongTokens } from './wrong-tokens.ts';

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
  const wrong = wrongOnes(service, 'tokens');
  const wayIn = createWayIn({ sessions, wrong, assets });
  const app = new OpenAPIHono<{ Variables: CallerVariables }>({
    defaultHook: tellInvalid,
    router: rememberingRouter(),
  });
  // Its own limits, and a signature instead of a token.
  app.route('/', webhookRoutes(service, wrongOnes(service, 'signatures')));
  app.use(
    tellBrowser(assets),
    guardedBy(
      hostGuard(hosts),
      methodGuard(() => app.routes),
      lengthGuard,
      originGuard,
    ),
  );
  app.route('/', readinessRoutes(service, condition.current));
  app.route('/', assets.routes);
  const typed = typeGuard((path) => bodiless(app).some((pattern) => isAt(pattern, path)));
  app.use('/login', guardedBy(typed));
  app.route('/', wayIn.entrance);
  // Every route from here on, present or future, needs a token or a session.
  app.use(guardedBy(callerGuard({ tokens, sessions, wrong, login: wayIn.login }), typed, sizeGuard, ownFormGuard));
  app.route('/', wayIn.exit);
  const readTag = createReadTag(service);
  for (const path of LISTS) app.use(path, unlessUnchanged(readTag, path === '/queue' ? keepAnswers() : null));
  app.use(maskAnswers);
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
  app.notFound((c) => tellNowhere(c, app.routes));
  app.onError(tellFault(service.log));
  return app;
}

/** Posts whose document has no body. */
const bodiless = ({ openAPIRegistry }: Pick<OpenAPIHono, 'openAPIRegistry'>): string[] =>
  openAPIRegistry.definitions.flatMap((one) =>
    one.type === 'route' && one.route.method === 'post' && one.route.request?.body === undefined
      ? [one.route.path.replaceAll(/\{(\w+)\}/g, ':$1')]
      : [],
  );

/** What is made of the store, of what the process knows and of the time, and of nothing else. */
const LISTS = [
  ...TAGGED.map((path) => path.replace('{id}', ':id')),
  ...['/', '/board/work', '/board/tasks', '/board/repos', '/board/workers', '/board/audit', '/board/alerts'],
] as const;

/** Who shows many wrong ones is told of once, by the address that connected. */
const wrongOnes = ({ now, log }: Pick<ServiceContext, 'log' | 'now'>, what: 'signatures' | 'tokens') =>
  createWrongTokens({ now, onWait: (address) => log.warn(`many wrong ${what} come from an address`, { address }) });

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

const tellNowhere = (c: Context, routes: readonly Routed[]): Response =>
  otherMethod(c, routes) ?? problem(c, 404, `nothing is at ${c.req.path}`, 'GET /openapi.json lists what there is');

const tellFault =
  (log: Logger): ErrorHandler =>
  (thrown, c) => {
    if (thrown instanceof HTTPException && thrown.status === 400) return problem(c, 400, thrown.message);
    if (isCut(c)) return problem(c, 400, 'the request was cut off', 'send it again as a whole');
    log.error('a request failed', { path: c.req.path, why: thrown.message });
    return problem(c, 503, 'the service could not answer', 'try again; its log says why');
  };

/** Who asked went away, or was sent away, before the request was there: nobody reads the answer, and nothing is wrong here. */
const isCut = (c: Context): boolean => {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  return incoming !== undefined && !incoming.complete && incoming.destroyed;
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
