/** A client of the API whose types are made from its document, and of which every answer is compared with it. */
import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './api-schema.ts';
import { type Document, judgeWith } from './judge.ts';

export interface CheckedClient {
  readonly api: ReturnType<typeof createClient<paths>>;
  /** What answers had that the document does not say. */
  readonly faults: string[];
  /** Routes and statuses that were met. */
  readonly met: Set<string>;
}

/** A client of the service at `url`. */
export function checkedClient(url: string, token: string | null, document: Document): CheckedClient {
  const judge = judgeWith(document);
  const faults: string[] = [];
  const met = new Set<string>();
  const watch: Middleware = {
    async onResponse({ request, response }) {
      const answered = { method: request.method, path: new URL(request.url).pathname, status: response.status };
      const found = judge({ ...answered, headers: response.headers, text: await response.clone().text() });
      met.add(found.name);
      faults.push(...found.faults);
    },
  };
  // The service takes a body as JSON, and wants to be told so also where there is none.
  const headers = {
    'content-type': 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  const api = createClient<paths>({ baseUrl: url, headers });
  api.use(watch);
  return { api, faults, met };
}
