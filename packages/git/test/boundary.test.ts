import * as git from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

const refuse = (): never => {
  throw new Error('not allowed');
};
const hostile: unknown = new Proxy(() => undefined, {
  get: refuse,
  has: refuse,
  ownKeys: refuse,
  getPrototypeOf: refuse,
  getOwnPropertyDescriptor: refuse,
  apply: refuse,
});

type Export = (request: unknown) => unknown;
const exports = Object.entries(git) as unknown as [string, Export][];

const SHA = 'f'.repeat(40);
const requests: unknown[] = [
  hostile,
  undefined,
  null,
  Number.NaN,
  'x'.repeat(1_000_000),
  [],
  {},
  { repo: hostile },
  { repo: { gitDir: 'relative' }, ref: 'main', commit: SHA, base: SHA, head: SHA, dir: '/', oids: [SHA] },
  { repo: { gitDir: '/nowhere\0' }, ref: 'main', commit: SHA, path: 'a', dir: '/tmp/x\0', url: '/x\0', a: SHA, b: SHA },
  {
    repo: { gitDir: '/nowhere' },
    ref: hostile,
    commit: hostile,
    dir: hostile,
    url: hostile,
    branch: hostile,
    from: hostile,
    into: hostile,
    signal: hostile,
  },
  { repo: { gitDir: '/nowhere' }, ref: 'main', timeoutMs: Number.NaN, gitPath: '' },
  {
    repo: { gitDir: '/nowhere' },
    commit: SHA,
    base: SHA,
    head: SHA,
    dir: '/',
    oids: [hostile],
    mode: 'squash',
    key: '../..',
    keep: hostile,
  },
];

describe('the exports', () => {
  test('has every promised operation', () => {
    expect(exports.map(([name]) => name).sort()).toEqual([
      'borrowCheckout',
      'carryRefs',
      'catchUp',
      'changedEntries',
      'changedPaths',
      'checkObjects',
      'checkoutSlot',
      'clearStaleLocks',
      'codeTree',
      'collectGarbage',
      'commitLog',
      'deleteBranch',
      'deleteCandidate',
      'diffLines',
      'expireTested',
      'fastForward',
      'fetchMirror',
      'fetchPullHeads',
      'foreseeConflict',
      'gitVersion',
      'ignoredPaths',
      'importCommit',
      'importHistory',
      'isAncestor',
      'landByPush',
      'listDirectory',
      'listLocks',
      'listTree',
      'mergeBase',
      'nameInCheckout',
      'namesInCheckout',
      'newObjects',
      'openMirror',
      'pushBranch',
      'pushCandidate',
      'readBlob',
      'readCheckout',
      'readObjects',
      'rebaseOnto',
      'refLog',
      'refreshMirror',
      'remoteBranch',
      'removeSlot',
      'resolveBoth',
      'resolveCommit',
      'standAlone',
      'uncommittedPaths',
      'validatePullHead',
      'validateRefName',
      'whereMainIs',
    ]);
  });

  test.each(exports)('%s answers whatever it is given, and opens for none of it', async (name, body) => {
    for (const request of requests) {
      const answer = (await body(request)) as { kind: string };
      const kinds = ['crashed', 'git-failed', 'refused', 'invalid', 'unknown-ref', 'absent'];
      if (name === 'removeSlot' || name === 'gitVersion') continue;
      expect(kinds).toContain(answer.kind);
    }
  });

  test('a ref name is judged whatever it is', () => {
    fc.assert(fc.property(fc.anything(), (value) => ['valid', 'invalid'].includes(git.validateRefName(value).kind)));
    expect(git.validateRefName(hostile)).toMatchObject({ kind: 'invalid' });
    expect(git.validatePullHead(hostile)).toMatchObject({ kind: 'invalid' });
  });

  test('a slot is never a place that must not be emptied', async () => {
    for (const dir of [
      '/',
      '/home',
      '//',
      '/home/',
      '/a/../..',
      '/a/./b',
      'relative/x',
      '',
      '/a//b',
      '/a/b.git',
      '/a/\n',
    ]) {
      expect([dir, (await git.removeSlot({ dir })).kind]).toEqual([dir, 'crashed']);
    }
  });
});
