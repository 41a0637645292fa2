/**
 * Rules the embedded engine does not have: exact shapes of well-known tokens. Each is precise enough that a match is a
 * secret; what only context can show is in generic-assignment.ts. The group `secret` is what counts as the secret.
 */
export interface Rule {
  readonly id: string;
  /** One of these stands in every match; texts without any are skipped at the speed of a substring search. */
  readonly hints: readonly string[];
  readonly pattern: RegExp;
  /** A last check of the secret and the whole match; false for documented examples and the like. */
  readonly accepts?: (secret: string, match: string) => boolean;
}

/** Passwords of throw-away databases, of documentation and of templates. */
const STAND_IN =
  /^(?:pass(?:word|wd|w)?|postgres|mysql|root|admin|test|user|guest|secret|example|changeme|xxx+|\*+|\$.*|<.*|\{.*|%.*)$/i;

/** True for a password that opens nothing. */
export const isStandInPassword = (password: string): boolean => STAND_IN.test(password);

const notExample = (secret: string): boolean => !/EXAMPLE|XXXX/.test(secret);

/** A JSON Web Token says so itself: its head is JSON that names an algorithm. */
function isToken(secret: string): boolean {
  const head = Buffer.from(secret.slice(0, secret.indexOf('.')), 'base64url').toString('utf8');
  return /"alg"\s*:/.test(head);
}

export const OWN_RULES: readonly Rule[] = [
  {
    id: 'secret/aws-access-key-id',
    hints: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    pattern: /(?<![A-Za-z0-9])(?<secret>A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16})(?![A-Za-z0-9])/g,
    accepts: notExample,
  },
  {
    id: 'secret/telegram-bot-token',
    hints: [':A'],
    pattern: /(?<![0-9A-Za-z])(?<secret>[0-9]{6,12}:A[A-Za-z0-9_-]{34})(?![A-Za-z0-9_-])/g,
  },
  { id: 'secret/plane-api-key', hints: ['plane_api_'], pattern: /(?<secret>plane_api_[0-9a-f]{32})(?![0-9a-f])/g },
  {
    id: 'secret/gitea-token',
    hints: ['itea', 'ITEA', 'orgejo', 'ORGEJO'],
    pattern: /(?:gitea|forgejo)[\w.-]{0,40}["']?\s{0,4}(?:=>|:=|[:=])\s{0,4}["']?(?<secret>[0-9a-f]{40})(?![0-9a-f])/gi,
  },
  { id: 'secret/google-api-key', hints: ['AIza'], pattern: /(?<![\w-])(?<secret>AIza[0-9A-Za-z_-]{35})(?![\w-])/g },
  {
    id: 'secret/json-web-token',
    hints: ['.eyJ'],
    pattern: /(?<![\w-])(?<secret>eyJ[\w-]{10,4000}\.eyJ[\w-]{10,4000}\.[\w-]{20,2000})/g,
    accepts: isToken,
  },
  {
    id: 'secret/pypi-token',
    hints: ['pypi-AgE'],
    pattern: /(?<secret>pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZ)[\w-]{50,400})/g,
  },
  {
    id: 'secret/azure-storage-key',
    hints: ['AccountKey', 'accountkey', 'ACCOUNT_KEY', 'account_key', 'accountKey'],
    pattern: /account_?key["']?\s{0,4}[:=]\s{0,4}["']?(?<secret>[A-Za-z0-9+/]{86}==)/gi,
  },
  {
    id: 'secret/azure-client-secret',
    hints: ['Q~'],
    pattern: /(?<![\w~.-])(?<secret>[\w~.]{3}[0-9]Q~[\w~.-]{31,34})(?![\w~.-])/g,
  },
  {
    id: 'secret/digitalocean-token',
    hints: ['_v1_'],
    pattern: /(?<![A-Za-z0-9])(?<secret>do[opr]_v1_[0-9a-f]{64})(?![0-9a-f])/g,
  },
  {
    id: 'secret/age-key',
    hints: ['AGE-SECRET-KEY-1'],
    pattern: /(?<secret>AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58})/g,
  },
  {
    id: 'secret/sentry-token',
    hints: ['sntrys_', 'sntryu_'],
    pattern: /(?<secret>sntrys_eyJ[A-Za-z0-9+/=_]{40,400}|sntryu_[0-9a-f]{64})/g,
  },
  {
    id: 'secret/url-password',
    hints: ['://'],
    pattern: /(?<![\w])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"'`<>]{0,80}:(?<secret>[^\s:@/"'`<>{}$]{6,200})@[\w.-]/gi,
    accepts: (secret) => !isStandInPassword(secret),
  },
  {
    // The line END is not waited for: half a key is as bad as a whole one.
    id: 'secret/private-key',
    hints: ['PRIVATE KEY'],
    pattern:
      /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|["'+,]|[A-Z][\w-]{2,20}: [^\n\\]{1,80}(?:\\n|\n)){0,40}(?<secret>[A-Za-z0-9+/=]{40,100})/g,
  },
];
