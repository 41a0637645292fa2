/** Calls with the credential of a repository: a token as it stands, or one of an App's installation. */
import type { ForgeAccess } from '../choose.ts';
import { githubAddress } from './address.ts';
import { readAppCredential } from './app-credential.ts';
import { type ApiLimits, type Asked, askOnce, type Call, type Caller, type Unanswered } from './call.ts';
import { mintInstallationToken, type TokenAnswer } from './installation-token.ts';
import { type Session, sessionOf } from './session.ts';

export type ListAnswer = { readonly kind: 'list'; readonly items: readonly unknown[] } | Unanswered;

export interface GithubApi {
  /** The repository's page. */
  readonly web: string;
  /** Root of the API. */
  readonly root: string;
  readonly session: Session;
  ask(call: Call): Promise<Asked>;
  /** Every item of every page; `key` names the list where it stands in an object. */
  list(of: {
    readonly path: string;
    readonly key?: string;
    readonly signal?: AbortSignal | undefined;
  }): Promise<ListAnswer>;
  /** What proves a call, for git. */
  token(): Promise<TokenAnswer>;
}

const PAGE = 100;
/** More than any repository has open; what lies behind it would be read for ever. */
const PAGES = 100;

/** Null: the url is none of a GitHub that may be asked. */
export function openGithubApi(access: ForgeAccess, limits: ApiLimits): GithubApi | null {
  const address = githubAddress(access.url);
  if (address === null) return null;
  const key = `${address.api} ${access.credential} ${address.owner}/${address.name}`;
  const session = sessionOf(access.credentials, key);
  const caller = { address, session, limits };
  const ask = (call: Call): Promise<Asked> => askAsCredential(access, caller, call);
  return {
    web: address.web,
    root: address.api,
    session,
    ask,
    list: (of) => listAll(ask, of),
    token: () => tokenOf(access, caller),
  };
}

async function listAll(
  ask: GithubApi['ask'],
  { path, key, signal }: Parameters<GithubApi['list']>[0],
): Promise<ListAnswer> {
  const items: unknown[] = [];
  for (let page = 1; page <= PAGES; page += 1) {
    const mark = path.includes('?') ? '&' : '?';
    const asked = await ask({ method: 'GET', path: `${path}${mark}per_page=${PAGE}&page=${page}`, signal });
    if (asked.kind !== 'answered') return asked;
    const found = key === undefined ? asked.body : (asked.body as Record<string, unknown> | null)?.[key];
    if (!Array.isArray(found)) return { kind: 'unclear', reason: `GitHub answered ${path} with no list` };
    items.push(...found);
    if (found.length < PAGE) return { kind: 'list', items };
  }
  return { kind: 'unclear', reason: `GitHub has more than ${PAGE * PAGES} entries at ${path}` };
}

/** Reading is asked twice: a lost answer is common, and costs nothing to repeat. Nothing that was perhaps done is repeated. */
async function askAsCredential(access: ForgeAccess, caller: Caller, call: Call): Promise<Asked> {
  const token = await tokenOf(access, caller, call.signal);
  if (token.kind !== 'token') return token;
  const first = await askOnce(caller, call, token.token);
  if (call.signal?.aborted === true) return first;
  if (call.method === 'GET' && first.kind === 'unclear') return askOnce(caller, call, token.token);
  if (first.kind !== 'refused' || first.status !== 401 || caller.session.installation === null) return first;
  // The installation's token was revoked before its hour.
  caller.session.installation = null;
  const anew = await tokenOf(access, caller, call.signal);
  return anew.kind === 'token' ? askOnce(caller, call, anew.token) : anew;
}

async function tokenOf(access: ForgeAccess, caller: Caller, signal?: AbortSignal): Promise<TokenAnswer> {
  const name = access.credential ?? null;
  // No other credential is taken instead: it may be one of another host.
  if (name === null)
    return {
      kind: 'refused',
      status: 401,
      reason: 'the repository names no credential; register it with --credential NAME',
    };
  const value = access.credentials.get(name)?.token ?? '';
  if (value === '') {
    const reason = `the credential ${name} has no token; set ORCH_CREDENTIAL_${name.toUpperCase()}`;
    return { kind: 'refused', status: 401, reason };
  }
  const app = readAppCredential(value);
  return app === null ? { kind: 'token', token: value } : mintInstallationToken(caller, app, signal);
}
