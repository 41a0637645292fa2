/** Which methods a path takes. Who asks with another one is told so, whoever it is: the document of the API says the same. */
import type { Context } from 'hono';
import { isReading } from './caller.ts';
import type { Guard } from './guard.ts';
import { problem } from './problem.ts';

export interface Routed {
  readonly method: string;
  readonly path: string;
}

/** Reading is looked at where nothing was found (`otherMethod`): nearly every request reads, and is right. */
export const methodGuard =
  (routes: () => readonly Routed[]): Guard =>
  (c) =>
    isReading(c.req.method) ? null : otherMethod(c, routes());

/** Null: the path takes the method, or nothing is there. */
export function otherMethod(c: Context, routes: readonly Routed[]): Response | null {
  const { path, method } = c.req;
  const taken = new Set(routes.filter((one) => one.method !== 'ALL' && isAt(one.path, path)).map((one) => one.method));
  if (taken.has('GET')) taken.add('HEAD');
  if (taken.size === 0 || taken.has(method)) return null;
  const allowed = [...taken].sort().join(', ');
  c.header('allow', allowed);
  return problem(c, 405, `${method} is not answered at ${path}`, `use ${allowed}`);
}

export function isAt(pattern: string, path: string): boolean {
  const [parts, given] = [pattern.split('/'), path.split('/')];
  return parts.length === given.length && parts.every((part, at) => part === given[at] || part.startsWith(':'));
}
