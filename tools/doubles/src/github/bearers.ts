/** Whose call it is: a token, an installation's token, or an App that proves itself by a signed JWT. */
import { verify } from 'node:crypto';
import type { App, Bearer, GithubState } from './state.ts';

/** Null: nobody's. */
export function bearerOf(state: GithubState, authorization: string): Bearer | null {
  const [scheme = '', value = ''] = authorization.split(' ');
  const token = scheme.toLowerCase() === 'basic' ? passwordOf(value) : value;
  if (token.split('.').length === 3) return appBearer(state, token);
  const known = state.bearers.get(token);
  if (known === undefined) return null;
  return known.expiresAtMs !== null && known.expiresAtMs <= state.nowMs() ? null : known;
}

const passwordOf = (basic: string): string =>
  Buffer.from(basic, 'base64').toString('utf8').split(':').slice(1).join(':');

/** Whether a call comes from an App itself, not from one of its installations. */
export const isAppItself = ({ app, scopes }: Bearer): boolean => app !== null && scopes !== null;

/** RS256, at most ten minutes long, issued by the App's id. */
function appBearer(state: GithubState, jwt: string): Bearer | null {
  const [head = '', claims = '', signature = ''] = jwt.split('.');
  const { alg } = parse(head);
  const { iss, iat, exp } = parse(claims);
  const app = state.apps.find(({ id }) => String(id) === String(iss));
  if (app === undefined || alg !== 'RS256' || !isSigned(app, `${head}.${claims}`, signature)) return null;
  const now = Date.now() / 1000;
  const isNow = typeof iat === 'number' && typeof exp === 'number' && iat <= now + 60 && exp > now && exp - now <= 600;
  return isNow ? { account: botOf(state, app), scopes: [], app, expiresAtMs: null } : null;
}

export const botOf = (state: GithubState, { slug }: App): Bearer['account'] => state.account(`${slug}[bot]`, 'Bot');

const isSigned = ({ publicKey }: App, text: string, signature: string): boolean =>
  verify('RSA-SHA256', Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'));

function parse(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
