/** What a look at a repository's forge comes to, and how far a redirection is followed. */
import { expect, test } from '@jest/globals';
import { withFullName } from '../src/forges/address.ts';
import { giteaForge } from '../src/forges/gitea/gitea.ts';
import { githubForge } from '../src/forges/github/github.ts';
import type { RepositoryAnswer } from '../src/forges/people.ts';
import { pathBelow } from '../src/forges/redirection.ts';
import { type KnownRepository, standingOf } from '../src/forges/standing.ts';
import { listen } from './redirecting-forge.ts';

const REPO: KnownRepository = {
  id: 'app',
  url: 'https://git.example/org/app.git',
  forge: 'gitea',
  credential: 'gitea',
  main: 'main',
  forgeId: '7',
};
const FOUND: Extract<RepositoryAnswer, { readonly kind: 'repository' }> = {
  kind: 'repository',
  id: '7',
  address: 'https://git.example/org/app.git',
  isArchived: false,
  hasMain: true,
  defaultBranch: 'main',
  hasPullRequests: true,
};

test.each([
  ['as it was', {}, 'as-known', ''],
  ['under another address', { address: 'https://git.example/new/app.git' }, 'as-known', ''],
  ['under another number', { id: '8' }, 'another', 'gatehouse repo set app --address ADDRESS'],
  ['under another number, and archived', { id: '8', isArchived: true }, 'another', 'gatehouse resume --repo app'],
  ['archived', { isArchived: true }, 'archived', 'goes on by itself'],
  ['archived, and without main', { isArchived: true, hasMain: false }, 'archived', 'goes on by itself'],
  ['without main', { hasMain: false }, 'main-gone', 'gatehouse repo set app --main BRANCH'],
  ['with main renamed', { hasMain: false, defaultBranch: 'trunk' }, 'main-gone', 'gatehouse repo set app --main trunk'],
] as const)('a repository that is %s is %s', (_, change, kind, next) => {
  const standing = standingOf(REPO, { ...FOUND, ...change });
  expect(standing).toMatchObject(next === '' ? { kind } : { kind, next: expect.stringContaining(next) });
});

test('a number that was never asked for is taken as it is, and no answer concludes nothing', () => {
  expect(standingOf({ ...REPO, forgeId: null }, { ...FOUND, id: '9' })).toMatchObject({
    kind: 'as-known',
    forgeId: '9',
  });
  for (const [kind, standing] of [
    ['unreachable', 'unsure'],
    ['unsupported', 'not-told'],
  ] as const)
    expect(standingOf(REPO, { kind, reason: 'why' })).toEqual({ kind: standing, reason: 'why' });
  expect(standingOf(REPO, { kind: 'hidden', reason: '404' })).toMatchObject({
    kind: 'hidden',
    reason: expect.stringContaining('the credential gitea may see'),
  });
});

test('an address keeps its scheme, host and form under another name', () => {
  for (const [before, after] of [
    ['https://git.example/org/app.git', 'https://git.example/new/name.git'],
    ['https://git.example/org/app', 'https://git.example/new/name'],
    ['https://git.example/sub/org/app/', 'https://git.example/sub/new/name'],
    ['git@git.example:org/app.git', 'git@git.example:new/name.git'],
    ['ssh://git@git.example:2222/org/app.git', 'ssh://git@git.example:2222/new/name.git'],
  ] as const)
    expect(withFullName(before, 'new/name')).toBe(after);
});

test('a redirection leads nowhere but below the API of the same host', () => {
  const root = 'https://git.example/api/v1';
  for (const [location, path] of [
    ['/api/v1/repos/new/app', '/repos/new/app'],
    ['https://git.example/api/v1/repositories/7', '/repositories/7'],
    ['https://other.example/api/v1/repos/new/app', null],
    ['http://git.example/api/v1/repos/new/app', null],
    ['https://git.example:8443/api/v1/repos/new/app', null],
    ['//other.example/api/v1/repos/new/app', null],
    ['/api/v1/../../login', null],
    ['/login', null],
    ['', null],
  ] as const)
    expect([location, pathBelow(root, location)]).toEqual([location, path]);
});

test.each([
  ['gitea', giteaForge],
  ['github', githubForge],
] as const)(
  'a %s that leads to another host, or round in a circle, gets no token carried there',
  async (name, open) => {
    const other = await listen(() => ({ status: 200 }));
    for (const to of [`${other.url}/api/v3/repositories/7`, '/api/v3/repos/org/app', '/api/v1/repos/org/app']) {
      const forge = await listen(() => ({ status: name === 'gitea' ? 307 : 301, location: to }));
      const credentials = new Map([[name, { token: 'planted', sshKey: '', webhookSecret: '' }]]);
      const answer = await open({
        forge: name,
        url: `${forge.url}/org/app.git`,
        credential: name,
        credentials,
      }).repository('main');
      expect([answer.kind, forge.asked() <= 2]).toEqual(['unreachable', true]);
      await forge.close();
    }
    expect(other.asked()).toBe(0);
    await other.close();
  },
);
