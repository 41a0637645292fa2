/**
 * A credential that is a GitHub App: its value is `app:ID:PATH`, the App's id and the path of its private key. The key is read
 * at each minting, signs a JWT of nine minutes, and appears in no answer.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { types } from 'node:util';

export interface AppCredential {
  readonly id: string;
  /** Path of a PEM file. */
  readonly keyFile: string;
}

/** Null: the value is a token. */
export function readAppCredential(value: string): AppCredential | null {
  const [, id, keyFile] = /^app:([\w.-]+):(.+)$/.exec(value) ?? [];
  return id === undefined || keyFile === undefined ? null : { id, keyFile };
}

export type JwtAnswer =
  | { readonly kind: 'jwt'; readonly jwt: string }
  | { readonly kind: 'unsigned'; readonly reason: string };

/** Issued half a minute ago: clocks differ. */
export async function signAppJwt({ id, keyFile }: AppCredential, nowMs: number): Promise<JwtAnswer> {
  const now = Math.floor(nowMs / 1000);
  const text = [
    { alg: 'RS256', typ: 'JWT' },
    { iss: id, iat: now - 30, exp: now + 510 },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  try {
    const key = createPrivateKey(await readFile(keyFile));
    return { kind: 'jwt', jwt: `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}` };
  } catch (thrown) {
    if (!types.isNativeError(thrown)) throw thrown;
    // The message of a failed parse may quote what was read.
    const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'unreadable';
    return { kind: 'unsigned', reason: `the private key of the App ${id} cannot be used (${code})` };
  }
}
