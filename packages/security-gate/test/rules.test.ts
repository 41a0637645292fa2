/** The rules over single texts, without a repository around them. */
import { describe, expect, test } from '@jest/globals';
import { openArchive } from '../src/adapters/archive.ts';
import { SECRETLINT_RULES } from '../src/adapters/secretlint.ts';
import { dedupeMatches } from '../src/rules/dedupe-matches.ts';
import { GENERIC_ID } from '../src/rules/generic-assignment.ts';
import { KeywordAutomaton } from '../src/rules/keyword-automaton.ts';
import { RULES, whyItCounts } from '../src/rules/pack.ts';
import { runOwnRules } from '../src/rules/run-rules.ts';
import { SECRETLINT_HINTS, SECRETLINT_URL_RULES } from '../src/rules/secretlint-hints.ts';
import { views } from '../src/text/views.ts';
import { githubToken, noise } from './fake-secrets.ts';
import { CODES, PLACES, zipOf } from './places.ts';
import { FORMS, PROVIDER_SHAPES, secretOf } from './provider-shapes.ts';

const UUID = secretOf('{uuid}', 'nobody');

/** What own rules alone find in a text: rule and secret. */
const found = (text: string): readonly (readonly [rule: string, secret: string])[] =>
  dedupeMatches(text, runOwnRules(text).matches).map(({ rule, start, end }) => [rule, text.slice(start, end)]);

test('every shape of every provider is found in every form of writing, whatever its name is', () => {
  const missed: string[] = [];
  for (const [shape, template, name = 'service_value'] of PROVIDER_SHAPES)
    for (const [form, write] of Object.entries(FORMS)) {
      const secret = secretOf(template, shape);
      const seen = found(write(name, secret)).some(([, part]) => secret.includes(part) || part.includes(secret));
      if (!seen) missed.push(`${shape} in ${form}`);
    }
  expect(missed).toEqual([]);
});

test('a rule that names the provider finds nearly every shape; the name alone finds few', () => {
  const byName = PROVIDER_SHAPES.filter(([shape, template, name = 'service_value']) => {
    const all = found(`${name}: ${secretOf(template, shape)}\n`);
    return all.every(([rule]) => rule === GENERIC_ID);
  }).map(([shape]) => shape);
  expect(byName).toEqual(['Freemius secret']);
});

test.each(Object.entries(PLACES))('a password is found where it really stands: %s', (_place, write) => {
  for (const password of [`c0rrect-H0rse_b4${noise('p', 4)}`, `Tr${noise('q', 9)}7x`, noise('r', 20)])
    expect(found(write(password))).not.toEqual([]);
});

test.each(Object.entries(CODES))('a token is found behind its code: %s', (_code, write) => {
  const token = githubToken('coded');
  const coded = write(token);
  const bytes = typeof coded === 'string' ? Buffer.from(coded) : coded;
  const texts = [bytes, ...(openArchive(bytes)?.members ?? [])].flatMap((one) => [...views(one)]);
  expect(texts.flatMap(({ text }) => found(text).map(([, secret]) => secret))).toContain(token);
});

test('a token is one whatever account its numbers are of', () => {
  const slack = ['xoxb', '123456789012', '1234567890123', noise('slack', 24)].join('-');
  const telegram = ['1234567890', `A${noise('telegram', 34)}`].join(':');
  for (const token of [slack, telegram])
    expect(found(`token: ${token}\n`).map(([, secret]) => secret)).toEqual([token]);
});

test('a password that was made up of words is found under the name of a password alone', () => {
  const madeUp = `${['hun', 'ter'].join('')}2-of-the-north`;
  for (const line of [`password: ${madeUp}\n`, `DB_PASSWORD="${madeUp}"\n`, `"passphrase": "${madeUp}"`])
    expect(found(line).map(([, secret]) => secret)).toEqual([madeUp]);
  for (const line of [
    `password_policy: ${madeUp}\n`,
    `branch: ${madeUp}\n`,
    'password: db2-password-old\n',
    'password: rails5.default-v2\n',
    'password: user1.login_form\n',
    'password: auth0-secret-name\n',
    'password: field2-label-text\n',
  ])
    expect(found(line)).toEqual([]);
});

test('why a match counts is said by its own rule, not by another of its name', () => {
  const hook = `https://hooks.${['slack', 'com'].join('.')}/services/T${noise('t', 8)}/B${noise('b', 8)}/${noise('h', 24)}`;
  const bot = ['xoxb', '210987654321', '3210987654321', noise('slack', 24)].join('-');
  const why = (text: string) =>
    runOwnRules(text)
      .matches.filter(({ rule }) => rule === 'secret/slack')
      .map((match) => match.why);
  expect(why(`a = ${bot}\n`)).toEqual(['it has the form that Slack documents']);
  expect(why(`a = ${hook}\n`)).toEqual(['whoever knows the address of a webhook may post to it']);
  expect(whyItCounts('secret/slack')).toBe('it has the form that Slack documents');
});

/** Four lines of base64 of which the third holds what has the shape of a token, behind a slash. */
function armour(indent: string): string {
  const by = `/${['Y', 'C'].join('')}${noise('armour', 38)}/`;
  const line = (seed: string): string => `${indent}${noise(seed, 64)}\n`;
  return `${line('1')}${line('2')}${indent}${noise('before', 12)}${by}${noise('behind', 10)}\n${line('4')}`;
}

test('what only resembles armour hides no token', () => {
  const token = `${['Y', 'C'].join('')}${noise('token', 38)}`;
  const only = (text: string): boolean =>
    runOwnRules(text).matches.some(({ start, end }) => text.slice(start, end) === token);
  expect(only(armour('').split('\n')[2]?.replace(/YC\w+/, token) ?? '')).toBe(true);
  expect(only(`${noise('1', 64)}\nexport TOKEN=${token}\n${noise('2', 64)}\n`)).toBe(true);
  expect(only(`${noise('1', 64)}\n${token}\n${noise('2', 64)}\n`)).toBe(true);
  expect(only(`hooks/of/somebody/${token}/and/more\nhooks/of/nobody\n`)).toBe(true);
});

test('a value in quotes in quotes is the value', () => {
  const value = noise('quoted', 24);
  for (const text of [`export API_KEY='"${value}"'\n`, `api_key = "'${value}'"\n`, `api_key = "${value}"\n`])
    expect(runOwnRules(text).matches.map(({ start, end }) => text.slice(start, end))).toEqual([value]);
});

test('a key beside the name of no index, or under another name, is none of a search', () => {
  const key = noise('hex', 32, '0123456789abcdef');
  expect(runOwnRules(`algolia: {\n  apiKey: '${key}',\n}\n`).matches).toHaveLength(1);
  expect(runOwnRules(`adminApiKey: '${key}',\nindexName: 'docs',\n`).matches).toHaveLength(1);
});

describe('no false alarm:', () => {
  const hex = (length: number): string => noise('hex', length, '0123456789abcdef');
  test.each<[string, string]>([
    ['an AWS account', 'aws_account_id = "123456789012"\narn:aws:iam::123456789012:role/deploy\n'],
    ['a documented key id', `aws_access_key_id = ${['AKIA', 'IOSFODNN7', 'EXAMPLE'].join('')}\n`],
    ['a documented token', ['Authorization: Bearer mF', '_9.B5f-4.1JqM\n'].join('')],
    [
      'a documented token of Slack',
      `t = ${['xoxb', '123456789012', '1234567890123', '4mt0t4l1yf3k3t0k3n'].join('-')}\n`,
    ],
    [
      'a blanked token',
      `t = ${['gh', 'p_', 'x'.repeat(36)].join('')}\nu = ${['gl', 'pat-', '*'.repeat(20)].join('')}\n`,
    ],
    [
      'a documented key of Flask',
      `SECRET_KEY='${['192b9bdd22ab9ed4d12e236c78afcb9a', '393ec15f71bbf5dc987d54727823bcbf'].join('')}'\n`,
    ],
    ['a shape by chance in a signature', armour(' ')],
    ['a shape by chance in a certificate', `-----BEGIN CERTIFICATE-----\n${armour('')}-----END CERTIFICATE-----\n`],
    [
      'a URL that code puts together',
      `"postgresql://"+user1+":"+password1+"@localhost/a"\n'mysql://'.$user.':'.$password1.'@db.a.io/b'\nredis://:#{key1}@a.io/1\n`,
    ],
    [
      'a shape by chance in a data URI',
      `src="data:image/png;base64,${noise('d', 40)}+/YC${noise('armour', 38)}/${noise('e', 30)}"\n`,
    ],
    [
      'a shape by chance in an integrity',
      `"integrity": "sha512-${noise('i', 40)}+/YC${noise('armour', 38)}/${noise('j', 4)}=="\n`,
    ],
    [
      'a shape by chance in a public key',
      `ssh-ed25519 ${noise('k', 20)}/YC${noise('armour', 38)}/${noise('l', 8)} me@here\n`,
    ],
    ['a value that is its name', 'X_AWS_EC2_METADATA_TOKEN = "x-aws-ec2-metadata-token"\n'],
    ['the key of a search in a page', `algolia: {\n  apiKey: '${hex(32)}',\n  indexName: 'docs',\n},\n`],
    ['letters in their order', `t = ${['gh', 'p_', 'abcdefghijklmnopqrstuvwxyz0123456789'].join('')}\n`],
    ['a UUID', `client_token = "${UUID}"\nrequest_token: ${UUID}`],
    ['digests', `token_sha256 = "${hex(64)}"\npassword_hash: ${hex(40)}\nsecretChecksum=${hex(32)}\n`],
    ['integrities', `"integrity": "sha512-${noise('i', 86)}=="\ntokens.py,sha256=${noise('j', 43)},1234\n`],
    ['a password hash', `password: $2b$12$${noise('b', 53)}\nadmin_password={SSHA}${noise('s', 32)}\n`],
    ['ciphertexts', `password: ENC[AES256_GCM,data:${noise('e', 24)},iv:x]\nsecret: vault:v1:${noise('v', 40)}\n`],
    [
      'references',
      `password: \${DB_PASSWORD_1}\ntoken: $(cat token1)\nsecret: op://vault/item1/field\napi_key: {{ key1 }}\n`,
    ],
    [
      'code',
      'const token = request.headers.token2;\npassword = hash1Value(input2);\nif (apiKey == other.apiKey2) go();\n',
    ],
    [
      'public keys',
      `stripe_publishable: ${['pk', '_live_', noise('pk', 24)].join('')}\npublic_key = "${noise('pub', 44)}"\n`,
    ],
    [
      'a local data base',
      'DATABASE_URL=postgres://app:localpass@localhost:5432/app\nhttp://user:pass@www.example.com/\n',
    ],
    ['a word for no password', `git+https://${'user-of-a-token'}:x-oauth-basic@github.com/a/b\n`],
    ['counts of tokens', `max_tokens: 4096\n"next_page_token": "${noise('page', 32)}"\n`],
    ['words of a name', `the lobster token: ${['abcdefgh', '12345678'].join('')}\nblob_sha: ${hex(40)}`],
    ['a UUID of a provider without a word for a secret', `heroku: ${UUID}\n`],
    ['minified code', 'a.password=b.c1,d.token=e?f1:g2,h("secret",i9);var apiKey=j+"k1"\n'],
    ['a translation', '"password_label_1": "Passwort eingeben","tokenExpired2":"Token ist abgelaufen"\n'],
  ])('%s', (_what, text) => {
    expect(found(text)).toEqual([]);
  });
});

test('no text makes the rules slow: each keyword over and over, bare and with what may follow it', () => {
  const fills = ['', ' ', '="', ': ', '-', 'eyJ', ':a@', '\\', '/'];
  const words = [...new Set(RULES.flatMap(({ keywords }) => keywords)), '%41', '\\u0041', '&#65;', 'QUFB', '////'];
  for (const [index, word] of words.entries()) {
    const unit = `${word}${fills[index % fills.length]}`;
    const bytes = Buffer.from(unit.repeat(Math.ceil(40_000 / unit.length)));
    for (const view of views(bytes)) runOwnRules(view.text, view.bytes);
  }
});

test('no shape repeats without a bound, and each begins at a keyword', () => {
  for (const { id, shape, keywords } of RULES) {
    const bare = shape.source.replace(/\\.|\[(?:\\.|[^\]])*\]/g, 'x');
    expect(`${id} ${/[*+]|\{\d+,\}/.test(bare)}`).toBe(`${id} false`);
    expect(keywords.length).toBeGreaterThan(0);
    expect(shape.sticky).toBe(true);
  }
});

test('each rule of the embedded engine is known by the words that its matches need', () => {
  const known = [...SECRETLINT_HINTS.map(([rule]) => rule), ...SECRETLINT_URL_RULES];
  expect(known.sort()).toEqual([...SECRETLINT_RULES].sort());
});

test('the automaton finds what a plain search finds, in either case', () => {
  const words = ['he', 'she', 'his', 'hers', 'e', 'token', 'ken_'];
  const text = 'uSHErs TOKEN token_ his hershe';
  const seen: string[] = [];
  new KeywordAutomaton(words).scan(Buffer.from(text), (word, end) => seen.push(`${words[word]} ${end}`));
  const plain = words.flatMap((word) =>
    [...text.toLowerCase().matchAll(new RegExp(`(?=${word})`, 'g'))].map(
      ({ index }) => `${word} ${index + word.length}`,
    ),
  );
  expect(seen.sort()).toEqual(plain.sort());
});

test('an archive that would grow beyond the limits, or is broken, is not whole', () => {
  const bomb = zipOf('zeros', Buffer.alloc(20 * 1024 * 1024));
  expect(openArchive(bomb)).toEqual({ members: [], whole: false });
  const sound = zipOf('a', Buffer.from('a'));
  expect(openArchive(sound)).toMatchObject({ whole: true });
  expect(openArchive(sound.subarray(0, sound.length - 30))).toEqual({ members: [], whole: false });
});

test('a value that no pattern takes is given up in linear time, whatever it is made of', () => {
  const parts = ['ab', 'aB', 'AB', 'a1', 'a-b', 'ab.', 'a::b', '1a', 'aa_', '%a', '$a.', '0', 'Aa0'];
  const values = parts.flatMap((part) => ['', '~', '=', '"', ' x'].map((end) => `${part.repeat(190)}${end}`));
  const named = values.flatMap((value) => [
    `password=${value}`,
    `api_key: "${value}`,
    `<secret>${value}`,
    `aws_secret=${value}`,
  ]);
  // A pattern that tries every way to divide such a value never comes back.
  expect(named.map((text) => runOwnRules(`${text}\n`).matches.length).every((count) => count < 10)).toBe(true);
});
