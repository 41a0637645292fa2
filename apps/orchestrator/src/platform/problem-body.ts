/** An RFC 9457 problem as text, for whoever answers: a route, or the server before any route. */

export const PROBLEM_TYPE = 'application/problem+json';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  411: 'Length required',
  413: 'Too large',
  415: 'Unsupported media type',
  417: 'Expectation failed',
  421: 'Misdirected request',
  429: 'Too many requests',
  431: 'Request header too large',
  501: 'Not implemented',
  503: 'Unavailable',
};

/** `next`: what whoever reads it can do about it. */
export const problemBody = (status: number, detail: string, next?: string): string =>
  JSON.stringify({
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    ...(next === undefined ? {} : { next }),
  });
