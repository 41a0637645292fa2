/** The cookie of a session. Behind https it bears a name that no other host and no plain page can set. */
import type { Context } from 'hono';

/** Its name where nothing but plain http is spoken. */
export const SESSION_COOKIE = 'gatehouse_session';
const [PLAIN, SECURE] = [SESSION_COOKIE, `__Host-${SESSION_COOKIE}`];

/** Whether the browser speaks https, to this service or to a proxy before it. */
export const isHttps = (c: Context): boolean =>
  new URL(c.req.url).protocol === 'https:' || c.req.header('x-forwarded-proto')?.split(',')[0]?.trim() === 'https';

/** What the browser presents; null: nothing. */
export function presentedSession(c: Context): string | null {
  const name = isHttps(c) ? SECURE : PLAIN;
  for (const part of (c.req.header('cookie') ?? '').split(';')) {
    const [key = '', value = ''] = part.trim().split('=', 2);
    if (key === name && /^[\w-]{43}$/.test(value)) return value;
  }
  return null;
}

/** Lets the browser keep it until it is closed; the store says when it ends. */
export const keepSession = (c: Context, value: string): void => put(c, value, '');

/** Lets the browser forget it. */
export const forgetSession = (c: Context): void => put(c, '', '; Max-Age=0');

function put(c: Context, value: string, more: string): void {
  const [name, secure] = isHttps(c) ? [SECURE, '; Secure'] : [PLAIN, ''];
  c.header('set-cookie', `${name}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}${more}`, { append: true });
}
