/**
 * The buttons of the board. Behind each stands the route of the API that does it, called inside the process in the name of the
 * session: a rule of the API is a rule of the board, and what it refuses is shown as it says it.
 */
import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import type { Caller, CallerVariables } from '../caller.ts';
import { isHttps } from '../session-cookie.ts';
import { THEME_COOKIE } from './render-page.ts';

type Fields = Readonly<Record<string, string>>;

interface Act {
  /** The path below /board, and of the route behind it. */
  readonly path: string;
  /** What the route is told. */
  readonly body: (fields: Fields) => Readonly<Record<string, unknown>>;
  /** Where the person is then. */
  readonly goTo: (id: string) => string;
}

const task = (id: string): string => `/board/tasks/${encodeURIComponent(id)}`;
const repository = (id: string): string => `/board/repos/${encodeURIComponent(id)}`;
const nothing = () => ({});
const given = (name: string, text: string | undefined) => (text === undefined || text === '' ? {} : { [name]: text });

const ACTS: readonly Act[] = [
  { path: '/tasks/:id/stop', body: ({ reason }) => given('reason', reason), goTo: task },
  { path: '/tasks/:id/retry', body: nothing, goTo: task },
  {
    path: '/tasks/:id/approve',
    body: ({ check, note }) => ({ ...given('check', check), ...given('note', note) }),
    goTo: task,
  },
  {
    path: '/tasks/:id/override',
    body: ({ check, head_sha, reason }) => ({ check, head_sha, reason: reason ?? '' }),
    goTo: task,
  },
  { path: '/repos/:id/thaw', body: nothing, goTo: repository },
  { path: '/sessions/:id/revoke', body: nothing, goTo: () => '/board/sessions' },
  { path: '/notifications/:id/resend', body: nothing, goTo: () => '/board/alerts' },
];

/** The routes of the API as the board calls them; they are mounted nowhere else. */
export type InnerRoutes = Hono<{ Bindings: { caller: Caller }; Variables: CallerVariables }>;

export function actRoutes(inner: InnerRoutes): Hono<{ Variables: CallerVariables }> {
  const app = new Hono<{ Variables: CallerVariables }>();
  const ask = (c: Context<{ Variables: CallerVariables }>, path: string, body: unknown) =>
    inner.request(
      path,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      { caller: c.var.caller },
    );
  for (const { path, body, goTo } of ACTS)
    app.post(`/board${path}`, async (c) => {
      const id = c.req.param('id') ?? '';
      const answer = await ask(c, path.replace(':id', encodeURIComponent(id)), body(await fieldsOf(c)));
      return answer.ok ? c.redirect(goTo(id), 303) : asIs(c, answer);
    });
  for (const act of ['pause', 'resume'] as const)
    app.post(`/board/repos/:id/${act}`, async (c) => {
      const answer = await ask(c, `/${act}`, { repo: c.req.param('id') });
      return answer.ok ? c.redirect(repository(c.req.param('id')), 303) : asIs(c, answer);
    });
  app.post('/board/theme', async (c) => {
    const { theme = 'auto' } = await fieldsOf(c);
    setCookie(c, THEME_COOKIE, theme === 'dark' || theme === 'light' ? theme : 'auto', {
      path: '/',
      sameSite: 'Strict',
      httpOnly: true,
      secure: isHttps(c),
      maxAge: 365 * 24 * 3600,
    });
    return c.redirect(cameFrom(c), 303);
  });
  return app;
}

async function fieldsOf(c: Context): Promise<Fields> {
  const fields = Object.entries(await c.req.parseBody());
  return Object.fromEntries(
    fields.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value.trim()]] : [])),
  );
}

/** The page is made of it by tell-browser.ts. */
const asIs = (c: Context, answer: Response) => c.newResponse(answer.body, answer);

/** The page with the form, if it is one of ours. */
function cameFrom(c: Context): string {
  const from = c.req.header('referer') ?? '';
  const { host, pathname, search } = URL.canParse(from) ? new URL(from) : { host: '', pathname: '/', search: '' };
  return host === c.req.header('host') && !pathname.startsWith('//') ? `${pathname}${search}` : '/';
}
