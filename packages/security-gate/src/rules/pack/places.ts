/** Keys and passwords that a notation gives away: PEM, JWT, URLs, command lines, headers, `.netrc`, SQL. */
import { type SecretRule, token } from '../rule.ts';
import { entropy, isNoSecret, isStandInHost, isStandInPassword } from '../stand-in.ts';
import { BASE64, URL_SAFE } from './alphabets.ts';

/** A JSON Web Token says so itself: its head is JSON that names an algorithm. */
function isJwt(secret: string): boolean {
  const head = Buffer.from(secret.slice(0, secret.indexOf('.')), 'base64url').toString('utf8');
  return /"(?:alg|enc)"\s*:/.test(head);
}

/** Credentials of basic authentication: `user:password` in base64. */
function isBasic(secret: string): boolean {
  const [, password = ''] =
    /^[\x21-\x7e]{0,80}?:([\x20-\x7e]{4,})$/.exec(Buffer.from(secret, 'base64').toString('latin1')) ?? [];
  return password !== '' && isTyped(password);
}

/** A password that opens something, as far as one can see. */
const opens = (password: string): boolean => !isStandInPassword(password);
/** The same where a word of a sentence or a variable may stand, too. */
const isTyped = (password: string): boolean =>
  opens(password) &&
  !isNoSecret(password) &&
  /[0-9]/.test(password) &&
  /[A-Za-z]/.test(password) &&
  entropy(password) >= 2.5;

export const PLACES: readonly SecretRule[] = [
  token({
    id: 'json-web-token',
    provider: 'JSON Web Token',
    starts: ['eyj'],
    shape: `(?<![\\w-])eyJ${URL_SAFE}{10,4000}\\.(?:eyJ${URL_SAFE}{10,8000}|${URL_SAFE}{40,8000}\\.${URL_SAFE}{10,64}\\.${URL_SAFE}{10,8000})\\.${URL_SAFE}{20,2000}`,
    accepts: isJwt,
    why: 'it is a signed token: its head names the algorithm',
  }),
  token({
    // The line END is not waited for: half a key is as bad as a whole one.
    id: 'private-key',
    provider: 'PEM',
    starts: ['-----begin'],
    shape:
      '-----BEGIN[ +](?:[A-Z0-9]{1,12}[ +]){0,3}PRIVATE[ +]KEY(?:[ +]BLOCK)?-----(?:[^A-Za-z0-9+/]{0,60}[A-Z][\\w-]{2,20}: [^\\n\\\\]{1,80}){0,4}[^]{0,60}?(?<![A-Za-z0-9+/])(?:(?<=\\\\)[nr])?(?<secret>[A-Za-z0-9+/=]{40,100})[A-Za-z0-9+/=]{0,4000}',
    why: 'it is the body of a private key',
    entropy: 3,
  }),
  token({
    id: 'putty-key',
    provider: 'PuTTY',
    starts: ['private-lines:'],
    shape: `Private-Lines: \\d{1,3}\\r?\\n(?<secret>${BASE64}{40,64})`,
    why: 'it is the body of a private key',
  }),
  token({
    id: 'age-key',
    provider: 'age',
    starts: ['age-secret-key-1'],
    shape: 'AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}',
  }),
  token({
    id: 'url-password',
    provider: 'a URL',
    starts: ['://'],
    back: 20,
    backOf: '[A-Za-z0-9+.-]',
    shape:
      '[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\\s:@/"\'`<>]{0,80}:(?<secret>[^\\s@/"\'`<>{}$]{6,200})@(?=(?<host>[\\w.\\[-][\\w.:-]{0,120}))',
    entropy: 1.5,
    accepts: (secret, { host = '' }) => opens(secret) && (!isStandInHost(host.replace(/:\d+$/, '')) || isTyped(secret)),
    why: 'it is the password of a URL',
  }),
  token({
    id: 'command-line-password',
    provider: 'a command line',
    starts: ['curl '],
    shape:
      'curl (?:[^\\n|;]{0,300}?\\s)?(?:-u|--user|--proxy-user)[ =]?["\']?[^\\s:"\'$]{1,80}:(?<secret>[^\\s"\'$]{4,120})["\']?(?=\\s|\\\\|$)',
    entropy: 2,
    accepts: (secret) => opens(secret) && !isNoSecret(secret),
    why: 'it is the password after curl -u',
  }),
  token({
    id: 'command-line-password',
    provider: 'a command line',
    starts: ['sshpass', 'docker login', 'mysql ', 'mysqldump ', 'redis-cli'],
    shape:
      '(?:sshpass|docker login|mysql|mysqldump|redis-cli) (?:[^\\n|;]{0,200}?\\s)?(?:-p ?|-a |--password[ =])["\']?(?<secret>[^\\s"\'$<>{]{6,120})["\']?(?=\\s|\\\\|$)',
    accepts: isTyped,
    why: 'it is a password on a command line',
  }),
  token({
    id: 'command-line-password',
    provider: 'a command line',
    starts: ['--password', '--token', '--api-key', '--secret', '--pass', '--passphrase'],
    shape:
      '--(?:[a-z]{1,12}-)?(?:password|token|api-key|secret|pass|passphrase)[ =]["\']?(?<secret>[^\\s"\'$<>{(\\[]{8,200})["\']?(?=\\s|\\\\|$)',
    accepts: isTyped,
    entropy: 2.8,
    why: 'it is a secret on a command line',
  }),
  token({
    id: 'netrc-password',
    provider: '.netrc',
    starts: ['machine'],
    shape:
      'machine\\s{1,8}[\\w.-]{1,120}\\s{1,8}login\\s{1,8}[^\\s]{1,120}\\s{1,8}password\\s{1,8}(?<secret>[^\\s"\'\\\\]{4,200})',
    entropy: 2,
    accepts: opens,
    why: 'a .netrc holds the password of a machine',
  }),
  token({
    id: 'basic-authorization',
    provider: 'a header',
    starts: ['basic '],
    shape: `[Bb]asic[ ]{1,4}(?<secret>${BASE64}{8,400}={0,2})`,
    accepts: isBasic,
    why: 'it is user and password of a header in base64',
  }),
  token({
    id: 'bearer-authorization',
    provider: 'a header',
    starts: ['authorization'],
    shape:
      '[Aa]uthorization["\']?[:=,]{1,2}\\s{0,8}["\']?(?:Bearer|bearer|token|Token)\\s{1,4}(?<secret>[\\w~+/.=-]{20,400})',
    entropy: 3.6,
    accepts: (secret) => /[0-9]/.test(secret) && !isNoSecret(secret),
    why: 'it is the token of a header',
  }),
  token({
    id: 'sql-password',
    provider: 'SQL',
    starts: ['identified by', 'with password', 'encrypted password', 'requirepass', 'masterauth'],
    shape:
      '(?:[A-Za-z]{4,10} (?:by|BY|password|PASSWORD)|requirepass|masterauth)\\s{1,4}["\']?(?<secret>[^\\s"\';$<]{6,120})',
    accepts: isTyped,
    why: 'a statement sets it as a password',
  }),
  token({
    id: 'pgpass-password',
    provider: '.pgpass',
    starts: [':5432:', ':3306:', ':6432:', ':*:'],
    back: 80,
    backOf: '[\\w.*-]',
    shape: '[\\w.*-]{1,80}:(?:\\d{4,5}|\\*):[\\w*-]{1,64}:[\\w*.-]{1,64}:(?<secret>[^\\s:"\'`$]{6,120})(?=\\s|$)',
    accepts: isTyped,
    why: 'a .pgpass holds the password of a data base',
  }),
  token({
    id: 'powershell-password',
    provider: 'PowerShell',
    starts: ['convertto-securestring'],
    shape: '[Cc]onvert[Tt]o-[Ss]ecure[Ss]tring\\s{1,4}(?:-String\\s{1,4})?["\'](?<secret>[^\\s"\'$]{6,120})["\']',
    accepts: isTyped,
    why: 'it is a password in clear text',
  }),
  token({
    id: 'openvpn-key',
    provider: 'OpenVPN',
    starts: ['-----begin openvpn static key'],
    shape: '-----BEGIN OpenVPN Static key V1-----\\s{1,4}(?<secret>[0-9a-f]{32})',
    why: 'it is a key that both ends share',
  }),
  token({
    id: 'wireguard-key',
    provider: 'WireGuard',
    starts: ['privatekey', 'presharedkey'],
    shape: `(?:PrivateKey|PresharedKey)\\s{0,4}=\\s{0,4}(?<secret>${BASE64}{42}[AEIMQUYcgkosw048]=)`,
    why: 'it is a key of a tunnel',
    entropy: 4,
  }),
  token({
    id: 'aws-session-token',
    provider: 'AWS',
    starts: ['fwogzxivyxdz', 'iqojb3jpz2lux2vj'],
    shape: `(?:FwoGZXIvYXdz|IQoJb3JpZ2luX2Vj)[A-Za-z0-9+/=%]{80,2000}`,
    why: 'it is a session token of AWS',
  }),
  token({
    id: 'nats-seed',
    provider: 'NATS',
    starts: ['suak', 'suac', 'sua', 'sna', 'soa', 'saa'],
    shape: `S[UNOA]A[A-Z2-7]{55}`,
    entropy: 4,
  }),
  token({
    id: 'connection-string-password',
    provider: 'a data source',
    starts: ['user id=', 'uid=', 'userid='],
    shape:
      '(?:User ?I[Dd]|[Uu]id|UID|user id)=[^;"\'\\n]{1,80};\\s{0,4}(?:[Pp]assword|[Pp]wd|PWD|PASSWORD)=(?<secret>[^;"\'\\s]{4,128})',
    entropy: 1.5,
    accepts: (secret) => opens(secret) && !isNoSecret(secret),
    why: 'it is the password of a connection string',
  }),
];
