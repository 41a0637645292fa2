/** An OSV service on loopback that knows a few vulnerabilities, canaries included. */
import { CANARIES } from '../src/feeds/canaries.ts';
import { serveLoopback } from './loopback.ts';

export interface Vulnerable {
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
  readonly record: { readonly id: string; readonly [key: string]: unknown };
}

export const KNOWN: readonly Vulnerable[] = CANARIES.map((one) => ({
  ...one,
  record: {
    id: `GHSA-canary-${one.ecosystem}`,
    modified: '2026-01-01T00:00:00Z',
    database_specific: { severity: 'LOW' },
  },
}));

/** `pageSize` ids a page; `breaks` may change any answer before it goes out. */
export async function osvDouble(
  vulnerable: readonly Vulnerable[],
  { pageSize = 50, breaks = (_path: string, value: unknown): unknown => value } = {},
) {
  const paths: string[] = [];
  const ask = (query: Query): readonly Vulnerable[] =>
    vulnerable.filter(
      ({ ecosystem, name, version }) =>
        ecosystem === query.package.ecosystem && name === query.package.name && version === query.version,
    );
  const server = await serveLoopback((request, body, response) => {
    const path = request.url ?? '';
    paths.push(path);
    let value: unknown;
    if (path === '/v1/querybatch')
      value = {
        results: (JSON.parse(body) as { readonly queries: readonly Query[] }).queries.map((query) => {
          const all = ask(query).map(({ record: { id } }) => ({ id, modified: '2026-01-01T00:00:00Z' }));
          const from = Number(query.page_token ?? 0);
          const more = from + pageSize < all.length ? { next_page_token: String(from + pageSize) } : {};
          return all.length === 0 ? {} : { vulns: all.slice(from, from + pageSize), ...more };
        }),
      };
    else if (path === '/v1/query') value = { vulns: ask(JSON.parse(body) as Query).map(({ record }) => record) };
    else value = vulnerable.find(({ record: { id } }) => path === `/v1/vulns/${encodeURIComponent(id)}`)?.record;
    const answer = breaks(path, value);
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}));
  });
  return { ...server, paths };
}

interface Query {
  readonly package: { readonly ecosystem: string; readonly name: string };
  readonly version: string;
  readonly page_token?: string;
}
