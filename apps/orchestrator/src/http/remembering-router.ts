/**
 * A router that remembers which handlers a path has: they are the same as long as the service runs, and to find them again costs
 * more than all guards together.
 */
import type { Result, Router } from 'hono/router';
import { TrieRouter } from 'hono/router/trie-router';

/** Paths that are remembered for each method, the last that were new, and how long one may be: those who ask choose them. */
export const [REMEMBERED, LONGEST] = [500, 200];

/** Asks `router` for what it does not remember. */
export function rememberingRouter<Handler>(router: Router<Handler> = new TrieRouter<Handler>()): Router<Handler> {
  const known = new Map<string, Map<string, Result<Handler>>>();
  return {
    name: 'RememberingRouter',
    add(method, path, handler) {
      known.clear();
      router.add(method, path, handler);
    },
    match(method, path) {
      const ofMethod = known.get(method) ?? new Map<string, Result<Handler>>();
      const found = ofMethod.get(path) ?? router.match(method, path);
      if (ofMethod.has(path) || path.length > LONGEST) return found;
      const [eldest] = ofMethod.keys();
      if (ofMethod.size >= REMEMBERED && eldest !== undefined) ofMethod.delete(eldest);
      known.set(method, ofMethod.set(path, found));
      return found;
    },
  };
}
