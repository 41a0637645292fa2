/** What a person reads where a program gets a problem: on the paths of the board a refusal is a page. */
import type { Context, MiddlewareHandler } from 'hono';
import { type CallerVariables, isBrowser, isFormPath } from '../caller.ts';
import type { Assets } from './assets.ts';
import { messagePage } from './message-page.tsx';
import { pageInstead, viewerOf } from './render-page.ts';

interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly next?: string;
}

/** Turns problem+json into a page of the same status. */
export function tellBrowser(assets: Pick<Assets, 'address'>): MiddlewareHandler<{ Variables: CallerVariables }> {
  return async (c, next) => {
    if (!isBrowser(c) || !(c.req.path === '/' || isFormPath(c.req.path))) return next();
    await next();
    if (c.res.headers.get('content-type') !== 'application/problem+json') return;
    const { title, detail, next: step } = (await c.res.json()) as Problem;
    const { status } = c.res;
    const caller = c.get('caller') as CallerVariables['caller'] | undefined;
    const viewer = caller === undefined ? null : viewerOf(c, caller);
    c.res = pageInstead(messagePage({ assets, viewer, title, detail, next: step, back: backOf(c) }), status);
  };
}

/** A form's page is one step up from where the form goes. */
const backOf = (c: Context): string => (c.req.method === 'GET' ? '/' : c.req.path.replace(/\/[^/]*$/, '') || '/');
