/** How a page of the board leaves the service: as HTML that may load its own two files and nothing else. */
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { JSX } from 'hono/jsx/jsx-runtime';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Caller } from '../caller.ts';
import type { Theme, Viewer } from './frame.tsx';

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Who looks at the page. */
export const viewerOf = (c: Context, { name, scope, formToken }: Caller): Viewer => ({
  name,
  scope,
  formToken,
  theme: themeOf(c),
});

export const THEME_COOKIE = 'gatehouse_theme';

function themeOf(c: Context): Theme {
  const kept = getCookie(c, THEME_COOKIE);
  return kept === 'dark' || kept === 'light' ? kept : 'auto';
}

const HEADERS = {
  'content-type': 'text/html; charset=UTF-8',
  'content-security-policy': POLICY,
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/** Answers a page. */
export const renderPage = (c: Context, page: JSX.Element, status: ContentfulStatusCode = 200) =>
  c.body(textOf(page), status, HEADERS);

/** A page in place of an answer that was made already. */
export const pageInstead = (page: JSX.Element, status: number): Response =>
  new Response(textOf(page), { status, headers: HEADERS });

const textOf = (page: JSX.Element): string => `<!doctype html>${String(page)}`;
