/** Tokens of an App's installation: an hour long, kept in memory, and renewed before they end. */
import { z } from 'zod';
import { type AppCredential, signAppJwt } from './app-credential.ts';
import { askOnce, type Caller, read, type Unanswered } from './call.ts';

export type TokenAnswer = { readonly kind: 'token'; readonly token: string } | Unanswered;

const INSTALLATION = z.object({ id: z.number(), app_slug: z.string() });
const TOKEN = z.object({ token: z.string().min(1), expires_at: z.string() });
/** A token is not used for its last ten minutes: a push may take some. */
const EARLY_MS = 600_000;

/** The installation on the repository is asked for each time: it may have been made anew. */
export async function mintInstallationToken(
  caller: Caller,
  app: AppCredential,
  signal?: AbortSignal,
): Promise<TokenAnswer> {
  const { session } = caller;
  if (session.installation !== null && session.installation.untilMs > Date.now())
    return { kind: 'token', token: session.installation.token };
  const signed = await signAppJwt(app, Date.now());
  if (signed.kind === 'unsigned') return { kind: 'refused', status: 401, reason: signed.reason };
  const found = await askOnce(caller, { method: 'GET', path: '/installation', signal }, signed.jwt);
  const installation = read(found, INSTALLATION);
  if (installation.kind !== 'read') return installation;
  const path = `//app/installations/${installation.value.id}/access_tokens`;
  const minted = read(await askOnce(caller, { method: 'POST', path, body: {}, signal }, signed.jwt), TOKEN);
  if (minted.kind !== 'read') return minted;
  const { token, expires_at: expiresAt } = minted.value;
  session.installation = { token, untilMs: Date.parse(expiresAt) - EARLY_MS };
  session.login = `${installation.value.app_slug}[bot]`;
  return { kind: 'token', token };
}
