/** What the API answers, as values: the recorded statuses and words. */

export interface Said {
  readonly status: number;
  /** Undefined: an empty body. */
  readonly body?: unknown;
  /** `X-Total-Count` and others. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Said => ({
  status: 200,
  body,
  headers,
});
export const refused = (status: number, message: string): Said => ({ status, body: { message, url: '/api/swagger' } });
export const NOT_FOUND: Said = { status: 404, body: { errors: null, message: 'not found', url: '/api/swagger' } };
/** Gitea's own trouble, and any error that it does not map: a branch behind main, for one. */
export const FAILED: Said = refused(500, '');
export const ADMINS_ONLY: Said = refused(
  403,
  'user should be an owner or a collaborator with admin write of a repository',
);

/** One page of a list, as `page` and `limit` ask; Gitea caps a page at 50. */
export function page(all: readonly unknown[], query: URLSearchParams): Said {
  const limit = Math.min(Number(query.get('limit') ?? 30), 50);
  const from = (Number(query.get('page') ?? 1) - 1) * limit;
  return ok(all.slice(from, from + limit), { 'x-total-count': String(all.length) });
}
