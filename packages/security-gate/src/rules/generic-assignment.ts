/**
 * A value that only its name gives away: `db_password = "…"`. It needs a telling name, a literal of some length and enough
 * disorder in it; names of variables, placeholders, templates, paths, digests and plain words are not secrets.
 */
import type { AssignedValue } from './assigned-value.ts';
import { entropy, isMadeUp, isNoSecret, isStandInPassword } from './stand-in.ts';

export const GENERIC_ID = 'secret/generic-assignment';

/** Words that a telling name has. The finer test is `TELLING`. */
export const GENERIC_KEYWORDS: readonly string[] = [
  'passw',
  'passphrase',
  'pass_phrase',
  'pwd',
  '_pass',
  'dbpass',
  'secret',
  'token',
  'apikey',
  'api_key',
  'api-key',
  'api.key',
  'accesskey',
  'access_key',
  'access-key',
  'account_key',
  'accountkey',
  'account-key',
  'privatekey',
  'private_key',
  'private-key',
  'encryption_key',
  'encryptionkey',
  'encryption-key',
  'signing_key',
  'signingkey',
  'auth_key',
  'authkey',
  'credential',
  '_auth',
  'authorization',
  'bearer',
];

const PASSWORD = /passw|passphrase|pass_phrase|pwd|(?:_|db)pass(?![a-z])/i;
/** The name of nothing but a password. */
const IS_PASSWORD = /(?:^|[._-])(?:password|passwd|passphrase)$/i;
const TELLING =
  /passw(?:or)?d|passphrase|pass_phrase|pwd|(?:_|db)pass(?![a-z])|secret(?!ar|ion)|token(?!i[sz]|e)|(?:api|access|account|private|encryption|signing|auth)[._-]?key|credentials?|_auth$|authorization|bearer/i;
/** Names of what stands beside secrets and is none. */
const HARMLESS =
  /(?:hash|digest|checksum|sha\d*|md5|integrity|fingerprint|commit|revision|public[\w-]*|[_-]?id|Id|name|path|file|dir|url|uri|type|length|size|count|ttl|limit|regexp?|pattern|version|label|title|field|param|selector|class|expir\w*|arn|ref|env|hint|policy|columns?|usage|symbol|address|endpoint|placeholder|prefix|suffix|format|index|position|kind|contract|algorithm|alg)s?$|pagination|next[_-]?(?:page)?[_-]?token|page[_-]?token|continuation|csrf|tokens?[_-]?(?:used|per|in|out)|max[_-]?tokens|public[_-]?key|secret[_-]?(?:name|ref)|cursor|etag|nonce|token[_-]?address|keyboard|tokenlist/i;

/** True when the value stands under a telling name and seems drawn at random or typed as a password. */
export function isGenericSecret(text: string, { name, start, end, quoted }: AssignedValue): boolean {
  const length = end - start;
  if (length < 8 || length > 300 || !TELLING.test(name) || HARMLESS.test(name)) return false;
  const value = text.slice(start, end);
  if (isSearchKey(text, { name, start, end }) || isItsName(name, value)) return false;
  if (IS_PASSWORD.test(name) && isMadeUp(value)) return true;
  return looksSecret(value, { quoted, password: PASSWORD.test(name) });
}

/** How far from a key the name of its index may stand. */
const NEAR = 300;

/** The key that Algolia gives to pages so that their readers can search: `apiKey` beside `indexName`, as DocSearch documents it. */
function isSearchKey(text: string, { name, start, end }: Pick<AssignedValue, 'name' | 'start' | 'end'>): boolean {
  if (name !== 'apiKey' || !/^[0-9a-f]{32}$/.test(text.slice(start, end))) return false;
  return /\bindexName\b/.test(text.slice(Math.max(0, start - NEAR), end + NEAR));
}

/** `X_TOKEN_2 = "x-token-2"`: the value is the name. */
function isItsName(name: string, value: string): boolean {
  const [inName, inValue] = [name, value].map((text) => text.toLowerCase().replace(/[^a-z0-9]/g, ''));
  return inName !== undefined && inName !== '' && inName === inValue;
}

/** The judgement of the value alone. */
export function looksSecret(
  value: string,
  { quoted, password }: { readonly quoted: boolean; readonly password: boolean },
): boolean {
  const lower = /[a-z]/.test(value);
  const upper = /[A-Z]/.test(value);
  const other = /[^A-Za-z0-9]/.test(value);
  if (!/[0-9]/.test(value) || !(lower || upper)) return false;
  if (isNoSecret(value)) return false;
  const disorder = entropy(value);
  if (password && isTyped(value, { mixed: (lower && upper) || other, quoted, disorder })) return true;
  return value.length >= (quoted ? 10 : 14) && disorder >= (quoted ? 3 : 3.5);
}

/** A password that a person typed is shorter and more orderly than a token. */
const isTyped = (
  value: string,
  { mixed, quoted, disorder }: { readonly mixed: boolean; readonly quoted: boolean; readonly disorder: number },
): boolean =>
  !isStandInPassword(value) && ((mixed && disorder >= 2.5) || (value.length >= (quoted ? 10 : 12) && disorder >= 3));
