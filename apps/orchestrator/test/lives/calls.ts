/** Which kinds of calls the service makes to the outside, and where one of them is met. */
import type { Call, Faults, Received } from '@gatehouse/doubles';

/** One server outside, and its calls that are not about what is unlike from play to play. */
export interface Outside {
  readonly name: string;
  readonly faults: Faults;
  /** The service's own; what other people call is not counted. Absent: nobody else calls. */
  readonly token?: string;
}

export type Side = 'before' | 'after';
export const SIDES: readonly Side[] = ['before', 'after'];

/** A kind of call that a clean life makes, and how often. */
export interface CallKind {
  readonly outside: string;
  readonly kind: string;
  readonly times: number;
}

/** Numbers, names of commits, branches and ids are different in each life. */
export function kindOf({ method, path, query }: Call): string {
  const shape = path
    .replace(/^\/(api\/v1\/repos\/org\/app|api\/v3\/repos\/octo\/app|org\/app\.git|octo\/app\.git)/, '')
    .replace(/^\/bot[^/]+/, '/bot')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}')
    .replace(/[0-9a-f]{40}/g, '{commit}')
    .replace(/\/\d+(?=\/|$)/g, '/{number}')
    .replace(/(refs?\/heads|branches|rules\/branches)\/(?!main)[^/]+$/, '$1/{branch}');
  const service = query.get('service');
  return `${method} ${shape === '' ? '/' : shape}${service === null ? '' : ` ${service}`}`;
}

function isOurs(call: Call, token: string | undefined): boolean {
  if (token === undefined) return true;
  const [scheme = '', value = ''] = ((call as Received).headers['authorization'] ?? '').split(' ');
  return (/^basic$/i.test(scheme) ? Buffer.from(value, 'base64').toString('utf8') : value).includes(token);
}

/** Counts what is called until `clear`. */
export function recordCalls(outsides: readonly Outside[]): () => readonly CallKind[] {
  const counted = new Map<string, CallKind>();
  for (const { name, faults, token } of outsides)
    faults.plan({
      kind: 'stale',
      on: (call) => {
        if (!isOurs(call, token)) return false;
        const kind = kindOf(call);
        const { times } = counted.get(`${name} ${kind}`) ?? { times: 0 };
        counted.set(`${name} ${kind}`, { outside: name, kind, times: times + 1 });
        return false;
      },
    });
  return () => [...counted.values()];
}

export interface StruckCall extends CallKind {
  readonly side: Side;
}

/**
 * Strikes when the call arrives: a reading in the middle of the life, a writing at its first time. `before`: it is not carried out;
 * `after`: it is, and nobody hears of it. What is alive to hear an answer (a git that outlives the service) hears of a failure.
 */
export function strikeAt(outsides: readonly Outside[], call: StruckCall, strike: () => void): () => boolean {
  let seen = 0;
  let hasStruck = false;
  const at = call.kind.startsWith('GET ') ? Math.ceil(call.times / 3) : 1;
  const met = outsides.find(({ name }) => name === call.outside);
  met?.faults.plan({
    kind: call.side === 'before' ? 'fails-before' : 'fails-after',
    on: (one) => {
      if (hasStruck || !isOurs(one, met.token) || kindOf(one) !== call.kind) return false;
      seen += 1;
      if (seen < at) return false;
      hasStruck = true;
      strike();
      return true;
    },
  });
  return () => hasStruck;
}
