/** One bounded HTTP exchange with an advisory feed: no redirect is followed, and every end of it is an outcome. */
import { types } from 'node:util';
import { parseJson } from './json.ts';

/** `unreachable`: no answer. `malformed`: an answer that is not to be believed. */
export type JsonAnswer =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'unreachable' | 'malformed'; readonly reason: string };

/** What is asked; a `body` makes it a POST. */
export interface JsonExchange {
  readonly url: string;
  readonly body?: unknown;
  readonly signal: AbortSignal;
  readonly limitBytes: number;
}

/** Asks and reads at most `limitBytes`. A body that is not JSON is `malformed`. */
export async function exchangeJson({ url, body, signal, limitBytes }: JsonExchange): Promise<JsonAnswer> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      signal,
    });
    if (response.status >= 300 && response.status < 400)
      return { kind: 'malformed', reason: 'the feed redirects, which is refused' };
    if (response.status !== 200) return { kind: 'unreachable', reason: `the feed answered ${response.status}` };
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > limitBytes) return { kind: 'malformed', reason: `the answer is longer than ${limitBytes} bytes` };
      chunks.push(chunk);
    }
    const value = parseJson(Buffer.concat(chunks).toString('utf8'));
    return value === undefined ? { kind: 'malformed', reason: 'the answer is not JSON' } : { kind: 'json', value };
  } catch (error) {
    // fetch has no closed list of codes: refused, reset, DNS, TLS, timeout and a malformed url all end here.
    const cause = types.isNativeError(error) && 'cause' in error ? error.cause : undefined;
    const code = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined;
    const name = types.isNativeError(error) || error instanceof DOMException ? error.name : 'unknown';
    return { kind: 'unreachable', reason: `no answer from the feed (${typeof code === 'string' ? code : name})` };
  }
}
