/**
 * What stands before the routes. However many guards there are, a request passes them as one layer: a layer of its own costs more
 * than most guards do.
 */
import type { Context, MiddlewareHandler } from 'hono';

/** Answers what it refuses; null: it lets the request through. */
export type Guard = (c: Context) => Response | null | Promise<Response | null>;

/** Asks the guards in their order; the first that refuses answers. */
export function guardedBy(...guards: readonly Guard[]): MiddlewareHandler {
  const [guard, ...others] = guards;
  if (guard === undefined) return (_, next) => next();
  const passOthers = guardedBy(...others);
  return (c, next) => {
    const told = guard(c);
    if (told === null) return passOthers(c, next);
    return Promise.resolve(told).then((refusal) => refusal ?? passOthers(c, next));
  };
}
