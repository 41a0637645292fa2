/** What only looks like a secret: examples of documentation, placeholders, digests, ciphertexts. A false alarm is a defect. */

import { createHash } from 'node:crypto';

const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex').slice(0, 16);

/**
 * Digests of examples and public test keys that documentation prints and that look real: RFC 5849, 6749, 6750, 7617 and 9068,
 * jwt.io, Stripe's, Square's, Flask's and Werkzeug's guides. Digests, so that no scanner of this repository takes them for secrets.
 */
const DOCUMENTED: ReadonlySet<string> = new Set([
  '6c96130f130ab0d6',
  '00cf4c781dc37003',
  'ca7459e2b26776de',
  '53f5da0aaa93d64c',
  'b8e148545b13c78b',
  'cf4d418ed3de92d7',
  '73f71af093fdf154',
  '2ff8b0fb93aca981',
  'a71b359a87afde13',
  'c20fbc2b96183894',
  'b87dad10a32a2d81',
  'bb9b1163338b2a51',
  '649e1f5c769e718b',
  'cb87c87e4a138d9a',
  '4c20e6f5cc11b937',
  '6aa14267d94944e6',
  '5586407997f5e849',
  '1b5fb11932dbf83b',
  'a35b81a7d7927b70',
  'e9974c507d2a8021',
  '687da00b09c83361',
  '2cafc0970149a84f',
  'f2d6ca16515033e5',
  '7e8de44ea9ecf6d5',
  '7f75367e78812551',
  'da816f9f2c16e6c5',
  'c794fa6d20c64efb',
  '8d4ef6536dc8895f',
  '78314b11be2e5815',
  'e21b597ba6b9cafa',
  'e4da07ad200089ce',
  'ed8462e1cfbe0f3a',
  '2598f7d6adc142d8',
  '9cb335cb7b5fb805',
  '862d0bc611228d2d',
  'ca32f86ce10b8435',
  '5f87725db3e11ea2',
  '2d3ba2ebcb3b3592',
]);

/** Shannon entropy in bits per character; C. E. Shannon, "A Mathematical Theory of Communication", 1948. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const EXAMPLE = /example|x{5,}|\*{3}|\.{3}|0{7}|1234567890|deadbeef|(?:redacted|placeholder|your[-_])/i;
/** `A` is zero in base64, where many of them are common. */
const SAME = /([^A])\1{6}|A{16}/;

/** True for a token that documentation uses or that somebody blanked: `…EXAMPLE`, `xxxxx`, `abcdefghij`, `1111111`. */
export function isExample(secret: string): boolean {
  const drawn = withoutNumbers(secret);
  return EXAMPLE.test(drawn) || DOCUMENTED.has(digest(secret)) || SAME.test(drawn) || longestRise(drawn) >= 9;
}

/** Numbers of accounts stand before what was drawn at random, and may be any: `xoxb-123456789012-…`. Less than a token behind them is no token. */
function withoutNumbers(secret: string): string {
  const drawn = /^(?:[a-z]{1,8}[-_.])?(?:\d{6,16}[-_.:]){1,3}(?<drawn>[A-Za-z0-9_-]{20,})$/.exec(secret)?.groups?.[
    'drawn'
  ];
  return drawn !== undefined && entropy(drawn) >= 3.5 ? drawn : secret;
}

/** Length of the longest run in which each character follows the one before it, as in `abcd` or `6789`. */
function longestRise(text: string): number {
  let longest = 1;
  let run = 1;
  for (let at = 1; at < text.length; at += 1) {
    run = text.charCodeAt(at) === text.charCodeAt(at - 1) + 1 ? run + 1 : 1;
    if (run > longest) longest = run;
  }
  return longest;
}

/** Passwords of throw-away databases, of documentation and of templates, and the words that stand for none beside a token. */
const STAND_IN =
  /^(?:pass(?:word|wd|w)?\d{0,3}|postgres|mysql|root|admin\d{0,3}|test\d{0,3}|user|guest|secret\d{0,3}|changeme\d{0,3}|x-oauth-basic|[x.]+|\*+|[$<{%[].*|:.*)$/i;
const PASSWORD_EXAMPLE = /example|placeholder|change[-_]?(?:me|it|this)|your[-_]?|\$\{|\{\{|<\w/i;
/** Letters alone that are short or say what they are: what people type where nothing is at stake. */
const HARMLESS_WORD =
  /^[A-Za-z]{1,7}$|^[A-Za-z]*(?:pass|secret|test|user|foo|bar|admin|demo|dummy|fake|sample|string|value|word|here)[A-Za-z]*$/i;

/** True for a password that opens nothing. */
export const isStandInPassword = (password: string): boolean =>
  STAND_IN.test(password) ||
  PASSWORD_EXAMPLE.test(password) ||
  HARMLESS_WORD.test(password.replace(/%[0-9A-F]{2}/gi, ''));

/** True for a host at which a password of documentation or of a machine of one's own is used. */
export const isStandInHost = (host: string): boolean =>
  /^(?:[\w.-]+\.)?(?:example(?:\.\w+)?|test|invalid|localhost)$|^127\.|^0\.0\.0\.0$|^\[?::1/i.test(host);

const PLACEHOLDER =
  /example|sample|placeholder|change.?me|change.?it|your[_-]|dummy|redacted|\$\{|\$\(|\{\{|^<|>$|^%|^\$[A-Za-z_{]|\.\.\.|xxxx|\*\*\*|0000000|1234567890|process\.env|os\.environ|^(?:file|https?|env|vault|ref|secret|arn|urn|npm|node|github|workspace|op|ssm|projects?|keyvault|aws-sm):/i;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** A word of such a name: letters in one case, perhaps with a capital before them, or a number. */
const WORD = /[-_./:]{0,2}(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}|v?[0-9]{1,4})/y;
const BEGINS_AS_WORD = /^[A-Z]?(?:[a-z]{2}|[A-Z]{2})/;

/**
 * True for words joined by `.`, `-`, `_`, `/` or a change of case, perhaps numbered: a name, not a value. Each word is taken as it
 * comes and never given back: one pattern for all of them would try every way to divide a long word.
 */
function isWords(value: string): boolean {
  if (!BEGINS_AS_WORD.test(value)) return false;
  const end = /[!?*:]$/.test(value) ? value.length - 1 : value.length;
  WORD.lastIndex = 0;
  for (let at = 0; at < end; at = WORD.lastIndex) if (!WORD.test(value)) return false;
  return WORD.lastIndex === end;
}

/** Words by which a password's own name, or the place where it is kept, is told. */
const TOLD =
  /pass|pwd|secret|token|key|cred|vault|user|login|admin|root|name|field|input|label|example|sample|test|demo|dummy|fake|change|default|policy|reset|version|utf|sha|md5|base/i;

/** `hunter2-of-somewhere`: a word with digits at its end and more words, as people make a password up. What says what it is is a name. */
export const isMadeUp = (value: string): boolean =>
  value.length >= 12 && /^[A-Z]?[a-z]{4,}\d{1,4}[-_.!][\w.!-]+$/.test(value) && !TOLD.test(value) && !isExample(value);

/** `a.b1`, `$a->b1`, `a::b1`, `%s1`: code that names a value. */
const EXPRESSION = /^[$@&*]{0,2}[A-Za-z_]\w*(?:(?:\.|->|::|\?\.|!\.)[A-Za-z_]\w*)+!?$|^[$@]\w+$|^%\w|[({[]/;
/** Digests and ciphertexts say what they are: password hashes, sealed values, integrities. */
const SEALED =
  /^(?:\$(?:2[abxy]|5|6|1|apr1|argon2|scrypt|pbkdf2|y)|\{(?:SSHA|SHA|CRYPT|MD5|cipher|PBKDF2|BCRYPT|noop|xor)|ENC[([]|sha(?:1|256|384|512)[-:]|md5[-:]|pbkdf2|scrypt:|vault:v\d|AQICAH|AQEC|AgB[A-Za-z0-9+/]{80}|gAAAAA|U2FsdGVkX1|age-encryption|SCRAM-SHA|fp1:|hmac[-:]|kms:)/i;

/** True for what no reader would take for a secret in any context. */
export function isNoSecret(value: string): boolean {
  return (
    PLACEHOLDER.test(value) ||
    UUID.test(value) ||
    isWords(value) ||
    EXPRESSION.test(value) ||
    SEALED.test(value) ||
    /^[./~@]/.test(value) || // a path or a scope
    isExample(value)
  );
}
