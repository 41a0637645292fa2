import { expect, test } from '@jest/globals';
import { certificatePort } from '../../src/worker/store-ports.ts';
import type { Subject } from './store.contract.ts';
import { REPO, T0 } from './world.ts';

const KEY = { repo: REPO, base: 'b', tree: 't', gateDigest: 'g', envDigest: 'e' };

export function certificateContract(subject: Subject): void {
  const opened = () => {
    let now = T0;
    return certificatePort(subject().store, () => {
      now += 1;
      return now;
    });
  };

  test('what was saved last is loaded, under the very same question only, until it is forgotten', async () => {
    const port = opened();
    expect(await port.load(KEY)).toBeNull();
    for (const common of [['ü', null], ['a']]) await port.save(KEY, { common });
    expect(await port.load(KEY)).toEqual({ common: ['a'] });
    for (const field of ['base', 'tree', 'gateDigest', 'envDigest'] as const)
      expect(await port.load({ ...KEY, [field]: 'other' })).toBeNull();
    for (const _ of [1, 2]) await port.save(KEY, null);
    expect(await port.load(KEY)).toBeNull();
  });

  test('a hundred are kept for each repository, the newest', async () => {
    const port = opened();
    for (let n = 0; n <= 100; n += 1) await port.save({ ...KEY, tree: `${n}` }, { n });
    expect(await port.load({ ...KEY, tree: '0' })).toBeNull();
    for (const n of [1, 100]) expect(await port.load({ ...KEY, tree: `${n}` })).toEqual({ n });
  });

  test('they go when they are old', async () => {
    const port = opened();
    await port.save(KEY, {});
    await subject().store.prune(T0 + 2);
    expect(await port.load(KEY)).toBeNull();
  });
}
