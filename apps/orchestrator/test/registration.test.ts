/** What `repo add` takes: a path, or an address without a secret in it and the name of a credential that exists. */
import { describe, expect, test } from '@jest/globals';
import { isBelow } from '../src/forges/address.ts';
import { judgeRegistration, type Registration } from '../src/forges/registration.ts';
import { settingsFrom } from './live-gatehouse.ts';

const KNOWN = settingsFrom({
  ORCH_GITEA_URL: 'http://gitea.example.test:3000/',
  ORCH_GITEA_TOKEN: 'a-gitea-token',
  ORCH_CREDENTIAL_WORK: 'a-work-token',
  ORCH_CREDENTIAL_KEYED_SSH_KEY: '/keys/work',
});
const judge = (wanted: Registration) => judgeRegistration(wanted, KNOWN);

test.each([
  [{ path: '/srv/app.git' }, 'local', null],
  [{ url: 'https://git.example.test/team/app' }, 'git', null],
  [{ url: 'https://git.example.test/team/app', credential: 'WORK' }, 'git', 'work'],
  [{ url: 'ssh://git@git.example.test:2222/team/app.git', credential: 'keyed' }, 'git', 'keyed'],
  [{ url: 'git@git.example.test:team/app.git', credential: 'keyed' }, 'git', 'keyed'],
  [{ url: 'http://gitea.example.test:3000/team/app' }, 'gitea', 'gitea'],
  [{ url: 'git@gitea.example.test:team/app.git', credential: 'keyed' }, 'gitea', 'keyed'],
  [{ url: 'https://github.com/team/app.git', credential: 'work' }, 'github', 'work'],
  [{ url: 'https://github.com/team/app.git', credential: 'work', forge: 'git' }, 'git', 'work'],
  [{ url: 'https://code.example.test/team/app', credential: 'work', forge: 'gitea' }, 'gitea', 'work'],
  [{ url: 'https://code.example.test/team/app', forge: 'gitea' }, 'gitea', null],
  [{ url: 'http://127.0.0.1:8080/team/app', credential: 'work' }, 'git', 'work'],
] as const)('%j is served by %s with the credential %j', (wanted, forge, credential) => {
  expect(judge(wanted)).toMatchObject({ kind: 'address', forge, credential });
});

test.each([
  [{}, /one of the two/],
  [{ path: '/srv/app.git', url: 'https://git.example.test/team/app' }, /one of the two/],
  [{ path: 'app.git' }, /absolute/],
  [{ path: '/srv/app.git', credential: 'work' }, /needs no credential/],
  [{ path: '/srv/app.git', forge: 'gitea' }, /reached by an address/],
  [{ url: 'https://git.example.test/team/app', forge: 'local' }, /path of this machine/],
  [{ url: 'https://git.example.test/' }, /no address/],
  [{ url: 'ftp://git.example.test/team/app' }, /no address/],
  [{ url: 'ext::sh -c id' }, /no address/],
  [{ url: 'https://git.example.test/team/app --upload-pack=x' }, /no address/],
  [{ url: 'https://git.example.test/team/app#x' }, /no \? and no #/],
  [{ url: 'http://git.example.test/team/app' }, /everybody on the way/],
  [{ url: 'https://git.example.test/team/app', credential: 'wrk' }, /called "wrk"; there are: gitea, keyed, work$/],
  [{ url: 'git@git.example.test:team/app.git', credential: 'work' }, /has no private key/],
  [{ url: 'https://git.example.test/team/app', credential: 'keyed' }, /has no token/],
] as const)('%j is refused with the next step', (wanted, reason) => {
  expect(judge(wanted)).toEqual({
    kind: 'refused',
    reason: expect.stringMatching(reason),
    next: expect.stringMatching(/\S/),
  });
});

test.each([
  'https://planted-secret@git.example.test/team/app',
  'https://ada:planted-secret@git.example.test/team/app',
  'ssh://git:planted-secret@git.example.test/team/app',
  'https://git.example.test/team/app?access_token=planted-secret',
  'https://planted-secret@not a host/team/app',
])('a secret in an address is refused and not repeated: %s', (url) => {
  const judged = judge({ url });
  expect(judged).toMatchObject({ kind: 'refused', reason: expect.stringContaining('it is shown to everybody') });
  expect(JSON.stringify(judged)).not.toContain('planted-secret');
});

test('without any credential an unknown name is refused with what to set', () => {
  const known = settingsFrom({});
  expect(judgeRegistration({ url: 'https://git.example.test/a/b', credential: 'work' }, known)).toMatchObject({
    reason: expect.stringContaining('no credential is set at all'),
    next: expect.stringContaining('ORCH_CREDENTIAL_WORK'),
  });
});

describe('an address below another', () => {
  test.each([
    ['https://forge.example.test/git/team/app.git', 'https://forge.example.test/git/', true],
    ['https://forge.example.test/github/team/app', 'https://forge.example.test/git', false],
    ['https://forge.example.test.evil.test/team/app', 'https://forge.example.test', false],
    ['https://forge.example.test:8443/team/app', 'https://forge.example.test', false],
    ['http://forge.example.test/team/app', 'https://forge.example.test', false],
    ['ssh://git@forge.example.test:2222/team/app', 'https://forge.example.test', true],
    ['git@Forge.Example.test:team/app', 'https://forge.example.test', true],
    ['/srv/app.git', 'https://forge.example.test', false],
    ['https://forge.example.test/team/app', '', false],
  ])('%s below %s is %j', (url, base, answer) => {
    expect(isBelow(url, base)).toBe(answer);
  });
});
