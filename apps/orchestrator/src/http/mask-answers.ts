/** What leaves the service for people and programs names branches, titles and keys that others chose: no secret in them stays readable. */
import type { MiddlewareHandler } from 'hono';
import { maskWords } from '../platform/mask-words.ts';

/** Logs are masked where they are read (read-log.ts), and numbers for Prometheus name nothing that others chose. */
const SHOWN = /^(?:application\/(?:problem\+)?json|text\/html)\b/;

/** Stands inside of what keeps answers, so that each is searched once. */
export const maskAnswers: MiddlewareHandler = async (c, next) => {
  await next();
  const { res } = c;
  if (res.body === null || !SHOWN.test(res.headers.get('content-type') ?? '')) return;
  const text = await res.text();
  c.res = undefined;
  c.res = new Response(await maskWords(text), { status: res.status, headers: res.headers });
};
