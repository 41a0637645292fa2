/** The way in and out: a token is shown once, in the body of a form, and a session begins (docs/adr/0025). */
import { type Context, Hono } from 'hono';
import type { CallerVariables } from '../caller.ts';
import { forgetSession, keepSession, presentedSession } from '../session-cookie.ts';
import type { Sessions } from '../sessions.ts';
import type { WrongTokens } from '../wrong-tokens.ts';
import type { Assets } from './assets.ts';
import { loginPage } from './login-page.tsx';
import { renderPage } from './render-page.ts';

interface WayInParts {
  readonly sessions: Sessions;
  readonly wrong: WrongTokens;
  readonly assets: Pick<Assets, 'address'>;
}

export interface WayIn {
  /** Needs no session. */
  readonly entrance: Hono;
  /** Needs one. */
  readonly exit: Hono<{ Variables: CallerVariables }>;
  /** What a browser without a session sees in place of any page. */
  readonly login: (c: Context) => Response | Promise<Response>;
}

const FROM_ADDRESS =
  'A token in an address stays in the history of the browser and in the logs of proxies, so it lets nobody in. Paste it here; and give out a new one if that address was on its way.';

const UNKNOWN = 'This token is not known. It is in the file api-token of the data directory, or in ORCH_API_TOKEN.';
const tooMany = (seconds: number): string =>
  `Many wrong ones came from your address: try another one in ${seconds} s. The right one is let in at once.`;

export function createWayIn({ sessions, wrong, assets }: WayInParts): WayIn {
  const entrance = new Hono();
  entrance.get('/', (c, next) =>
    c.req.query('token') === undefined ? next() : c.redirect('/login?from=address', 303),
  );
  entrance.get('/login', (c) => {
    const problem = c.req.query('from') === 'address' ? FROM_ADDRESS : null;
    return renderPage(c, loginPage({ assets, next: localPath(c.req.query('next')), problem }));
  });
  entrance.post('/login', async (c) => {
    const { token, next } = await c.req.parseBody();
    const wanted = localPath(next);
    const opened = typeof token === 'string' ? await sessions.open(token.trim()) : null;
    if (opened === null) {
      const seconds = wrong.noted(c);
      if (seconds > 0) c.header('retry-after', String(seconds));
      const problem = seconds > 0 ? `${UNKNOWN} ${tooMany(seconds)}` : UNKNOWN;
      return renderPage(c, loginPage({ assets, next: wanted, problem }), seconds > 0 ? 429 : 401);
    }
    await endOwn(c, sessions);
    keepSession(c, opened);
    return c.redirect(wanted, 303);
  });
  const exit = new Hono<{ Variables: CallerVariables }>();
  exit.post('/logout', async (c) => {
    await endOwn(c, sessions);
    forgetSession(c);
    return c.redirect('/login', 303);
  });
  const login = (c: Context) =>
    c.req.method === 'GET'
      ? renderPage(
          c,
          loginPage({ assets, next: localPath(`${c.req.path}${new URL(c.req.url).search}`), problem: null }),
        )
      : c.redirect('/login', 303);
  return { entrance, exit, login };
}

/** The session that the browser came with ends: what it presented then opens nothing any more. */
async function endOwn(c: Context, sessions: Sessions): Promise<void> {
  const presented = presentedSession(c);
  const session = presented === null ? null : await sessions.find(presented);
  if (session !== null) await sessions.end(session.id, session);
}

/** A path of this service, whatever was asked for: a login leads nowhere else. */
function localPath(asked: unknown): string {
  if (typeof asked !== 'string' || asked.length > 2000 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(asked)) return '/';
  const { origin, pathname, search } = new URL(asked, 'http://here.invalid');
  return origin === 'http://here.invalid' ? `${pathname}${search}` : '/';
}
