/** Secrets that never were: put together at run time, so that no secret-looking literal stands in this repository. */
import { createHash } from 'node:crypto';

/** `length` characters of `alphabet`, the same for the same seed. */
export function noise(
  seed: string,
  length: number,
  alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789',
): string {
  let text = '';
  for (let round = 0; text.length < length; round += 1)
    for (const byte of createHash('sha256').update(`${seed} ${round}`).digest())
      if (byte < 256 - (256 % alphabet.length)) text += alphabet[byte % alphabet.length];
  return text.slice(0, length);
}

const hex = (seed: string, length: number): string => noise(seed, length, '0123456789abcdef');
const join = (...parts: string[]): string => parts.join('');

export const githubToken = (seed: string): string => join('gh', 'p_', noise(seed, 36));
export const planeKey = (seed: string): string => join('plane', '_api_', hex(seed, 32));

const jwt = (seed: string): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [part({ alg: 'HS256', typ: 'JWT' }), part({ sub: seed, name: 'nobody' }), noise(seed, 43)].join('.');
};
const pem = (kind: string, body: string): string => [`-----BEGIN ${kind}PRIVATE`, `KEY-----\n${body}\n`].join(' ');

/** Every kind of secret the gate promises to find: name, text of a file, and the secret in it. */
export const ALL: readonly (readonly [name: string, text: string, secret: string])[] = (
  [
    ['AWS access key id', (s) => s, join('AK', 'IA', noise('aws', 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'))],
    ['GitHub classic token', (s) => `x ${s}`, githubToken('gh')],
    ['GitHub app token', (s) => s, join('gh', 's_', noise('ghs', 36))],
    ['GitHub fine-grained token', (s) => s, join('github', '_pat_', noise('fg', 22), '_', noise('fg2', 59))],
    ['GitLab token', (s) => s, join('gl', 'pat-', noise('gl', 20))],
    ['Gitea token by key name', (s) => `GITEA_TOKEN=${s}\n`, hex('gitea', 40)],
    ['Forgejo token by key name', (s) => `forgejo_api_key: "${s}"`, hex('forgejo', 40)],
    [
      'Slack bot token',
      (s) => s,
      join('xo', 'xb-', noise('a', 12, '0123456789'), '-', noise('b', 12, '0123456789'), '-', noise('c', 24)),
    ],
    ['Telegram bot token', (s) => `bot=${s}`, join(noise('tg', 10, '123456789'), ':A', noise('tg2', 34))],
    ['Anthropic key', (s) => s, join('sk-', 'ant-api03-', noise('an', 93), 'AA')],
    ['Google API key', (s) => `"${s}"`, join('AI', 'za', noise('g', 35))],
    ['Stripe key', (s) => s, join('sk', '_live_', noise('st', 24))],
    ['SendGrid key', (s) => s, join('S', 'G.', noise('sg', 22), '.', noise('sg2', 43))],
    ['npm token', (s) => s, join('np', 'm_', noise('npm', 36))],
    ['PyPI token', (s) => s, join('py', 'pi-AgEIcHlwaS5vcmc', noise('pypi', 70))],
    ['PEM key without END', (s) => pem('RSA ', s), noise('pem', 64)],
    ['OpenSSH key without END', (s) => pem('OPENSSH ', s), noise('ssh', 70)],
    ['PEM key in one JSON line', (s) => JSON.stringify({ k: pem('', s) }), noise('pem8', 64)],
    ['JSON Web Token', (s) => `Authorization: Bearer ${s}`, jwt('sub')],
    ['Postgres URL', (s) => `post${'gres'}://app:${s}@db.internal:5432/app`, noise('pg', 16)],
    ['basic-auth URL', (s) => `https://deploy:${s}@git.internal/x.git`, noise('ba', 16)],
    ['generic API key', (s) => `API_KEY = "${s}"`, noise('gk', 32)],
    ['generic password', (s) => `db_password: '${s}'`, 'c0rrect-H0rse_b4ttery'],
    ['generic bare value', (s) => `export CLIENT_SECRET=${s}\n`, noise('bare', 40)],
    ['Azure storage key', (s) => `AccountName=x;AccountKey=${s};EndpointSuffix=y`, `${noise('azs', 86)}==`],
    ['Azure client secret', (s) => `"${s}"`, join(noise('az', 3), '8Q', '~', noise('az2', 34))],
    ['DigitalOcean token', (s) => s, join('do', 'p_v1_', hex('do', 64))],
    [
      'Hugging Face token',
      (s) => s,
      join('h', 'f_', noise('hf', 34, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')),
    ],
    ['age key', (s) => s, join('AGE-SECRET-', 'KEY-1', noise('age', 58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'))],
    ['Plane API key', (s) => s, planeKey('plane')],
    ['Sentry token', (s) => s, join('sn', 'tryu_', hex('sentry', 64))],
  ] satisfies [string, (secret: string) => string, string][]
).map(([name, around, secret]) => [name, around(secret), secret]);
